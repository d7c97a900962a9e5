"""Two branch servers of one branch, as processes with brokers of their own, on loopback."""

import json
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Self

from branch_server.standby.asked import Press, press
from tests.support.branch import run_once
from tests.support.chaos import BRANCH, ChaosBranch, Party, setup_text
from tests.support.waiting import until

STANDBY = "standby-1"
_PATIENT_MS = 15_000
"""On a busy machine a disk may take seconds; these tests are not about how long an answer waits."""
_SOON_S = 60.0
_TOLD = 1500


def pair_setup(more: str = "") -> str:
    """The branch of the chaos tests, with a standby."""
    return f'{setup_text()}\n[[device]]\nid = "{STANDBY}"\nkind = "standby"\n{more}'


class Server(ChaosBranch):
    """One server of a pair."""

    def __init__(self, directory: Path, setup: str, pair: int, arguments: Sequence[str] = ()) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        super().__init__(directory, setup=setup)
        self.pair_port = pair
        self._arguments += ["--pair", f"127.0.0.1:{pair}", "--pair-wait-ms", str(_PATIENT_MS), *arguments]
        self.die_at(None)

    @property
    def now(self) -> dict[str, Any]:
        """What the server says of the pair."""
        try:
            told: dict[str, Any] = json.loads((self.data / "standby" / "now.json").read_bytes())
        except (OSError, ValueError):
            return {}
        return told

    @property
    def standing(self) -> dict[str, Any]:
        """What the server must not forget."""
        told: dict[str, Any] = json.loads((self.data / "standby" / "standing.json").read_bytes())
        return told

    @property
    def serves(self) -> bool:
        """Whether this run of it has said last that it serves."""
        ready = [line for line in self.last_words.splitlines() if ": ready: " in line]
        return self.is_running and bool(ready) and ": ready: branch" in ready[-1]

    def party(self, device: str, **how: Any) -> Party:
        """A client at this server's broker, with the account that the first server has made."""
        return super().party(device, **how)

    def press(self, what: Literal["hand_over", "take_over"], by: str) -> None:
        """As the console, or the standby's page, does it; whoever takes over has seen that the other is off."""
        press(self.data, Press(what=what, by=by, first_is_off=True))

    def command(self, name: str, *more: str) -> None:
        """`foleni-branch NAME --data …`, which must work."""
        done = run_once([name, "--data", str(self.data), *more])
        assert done.returncode == 0, done.stderr


class Pair:
    """`first` serves, `second` follows. Nothing is started before `start`."""

    def __init__(self, directory: Path, more: Sequence[str] = (), first_at: str = "127.0.0.1") -> None:
        """`more` are flags of both; the second looks for the first at the address `first_at`."""
        ports = free_ports(2)
        self.first = Server(directory / "first", pair_setup(), ports[0], more)
        self.second = Server(directory / "second", pair_setup(), ports[1], ["--follow", f"{first_at}:{ports[0]}", *more])

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.first.kill()
        self.second.kill()

    def start(self) -> Self:
        """Returns when the second has everything."""
        self.first.start()
        self.first.command("standby-papers", "--branch", BRANCH, "--device", STANDBY, "--into", str(self.second.data))
        self.second.start()
        self.wait_until_attached(self.first, self.second)
        return self

    def wait_until_attached(self, serving: Server, following: Server) -> None:
        """Returns when both say that the follower has everything."""
        try:
            until(lambda: serving.now.get("attached") and following.now.get("attached") and serving.serves, _SOON_S)
        except AssertionError as error:
            raise AssertionError(
                f"not attached: {serving.last_words[-_TOLD:]}\n---\n{following.last_words[-_TOLD:]}"
            ) from error

    def wait_until_serving(self, server: Server) -> None:
        try:
            until(lambda: server.serves, _SOON_S)
        except AssertionError as error:
            raise AssertionError(f"does not serve: {server.last_words[-_TOLD:]}") from error


def free_ports(count: int) -> list[int]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports
