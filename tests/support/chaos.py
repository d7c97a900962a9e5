"""A branch to be mistreated: the real process, with ways to end it at exact places, and clients that do not give up."""

import os
import signal
import socket
import sys
import tomllib
import uuid
from collections.abc import Sequence
from pathlib import Path
from threading import Event
from typing import Any, Self, cast

from paho.mqtt.client import Client as Paho
from paho.mqtt.client import MQTTMessage

from tests.support.branch import BranchProcess
from tests.support.client import Client, Json
from tests.support.waiting import until

BRANCH = "harbour"
KIOSKS = ("kiosk-1", "kiosk-2", "kiosk-3")
CONSOLES = {"desk-1": "c1", "desk-2": "c2", "desk-3": "c3"}
KIOSK_PASSWORD = "given-in-the-setup"
PIN_HOLDERS = ("ada", "bob")
_REPEAT_S = 0.4
_PAUSE_S = 0.05

_HEAD = """\
[branch]
id = "harbour"
name = "Harbour"
time_zone = "{zone}"
languages = ["en"]
business_day_starts = "{starts}"
remote_issuer = "R"
skip_places = 2
max_skips = 3

[[service]]
id = "cash"
prefix = "A"
name = "Cash"

[[service]]
id = "mess"
prefix = "B"
name = "Mess"

[[staff]]
id = "ada"
name = "Ada"
role = "admin"
pin = "482913"

[[staff]]
id = "bob"
name = "Bob"
role = "manager"
pin = "517204"
"""


def setup_text(zone: str = "UTC", starts: str = "04:00") -> str:
    """Two services, three counters, a kiosk and a console for each of them, and two people with a PIN."""
    parts = [
        _HEAD.format(zone=zone, starts=starts),
        *(f'[[counter]]\nid = "{each}"\nlabel = "{each[1:]}"\nservices = ["cash", "mess"]\n' for each in CONSOLES.values()),
        *(f'[[device]]\nid = "{kiosk}"\nkind = "kiosk"\npassword = "{KIOSK_PASSWORD}"\n' for kiosk in KIOSKS),
        *(f'[[device]]\nid = "{console}"\nkind = "console"\n' for console in CONSOLES),
    ]
    return "\n".join(parts)


class ChaosBranch(BranchProcess):
    """The branch of `setup_text`. `die_at` and `clock` start it through the launcher, for the next runs."""

    def __init__(
        self,
        directory: Path,
        *,
        setup: str | None = None,
        mqtt: str = "managed",
        data: Path | None = None,
        clock: Path | None = None,
    ) -> None:
        super().__init__(directory, setup or setup_text(), mqtt)
        if data is not None:
            self.data = data
            self._command[self._command.index("--data") + 1] = str(data)
        self._mqtt = mqtt
        self._arguments = self._command[3:]
        self._clock = clock
        self.die_at(None)

    def die_at(self, place: str | None) -> Self:
        """The next runs kill themselves there (see the launcher); None makes them ordinary again."""
        launch = ["--die", place] if place else []
        launch += ["--clock", str(self._clock)] if self._clock else []
        module = ["tests.support.chaos_launcher", *launch, "--"] if launch else ["branch_server"]
        self._command = [sys.executable, "-m", *module, *self._arguments]
        return self

    def wait_for_death(self) -> None:
        """Returns when it has killed itself; fails where it ended in any other way."""
        status = self.wait()
        assert status == -signal.SIGKILL, f"ended with {status}: {self.last_words}"

    @property
    def broker_pid(self) -> int | None:
        """The managed broker's process; None while there is none."""
        try:
            return int((self.data / "mosquitto" / "pid").read_text())
        except (OSError, ValueError):
            return None

    def signal_broker(self, number: signal.Signals) -> int:
        """Signals the managed broker; its process."""
        until(lambda: self.broker_pid is not None)
        pid = cast("int", self.broker_pid)
        os.kill(pid, number)
        return pid

    def kill_broker(self) -> None:
        """Ends the broker like a power cut, and returns when its successor accepts connections."""
        pid = self.signal_broker(signal.SIGKILL)
        until(lambda: self.broker_pid not in {pid, None} and _accepts(self.kept_port))

    @property
    def kept_port(self) -> int:
        """Where the managed broker listens, in this run and the next."""
        return int((self.data / "mosquitto" / "port").read_text())

    def password(self, device: str) -> str | None:
        """None with a broker that asks for none."""
        return self.account(device).password if self._mqtt == "managed" else None

    def party(self, device: str, **how: Any) -> "Party":
        """A connected client in the name of a device, whose session outlives its connection."""
        port = self.kept_port if self._mqtt == "managed" else int(self._mqtt.rsplit(":", 1)[1])
        client_id = how.pop("client_id", None) or f"{device}-{uuid.uuid4()}"
        party = Party(port, BRANCH, device, self.password(device), client_id=client_id, session_s=3600, **how)
        return party.connect()


class Party(Client):
    """A client that comes back quickly and asks until it is answered."""

    def __init__(self, *arguments: Any, **how: Any) -> None:
        self._came = Event()
        super().__init__(*arguments, **how)
        self._paho.reconnect_delay_set(cast("int", 0.05), cast("int", 0.3))

    @property
    def is_connected(self) -> bool:
        return self._paho.is_connected()

    def insist(self, command: Json, giving_up: Event | None = None) -> Json | None:
        """Repeats a command under its id until it gets an answer that counts; None where it was told to give up."""
        while giving_up is None or not giving_up.is_set():
            had = len(self.replies(command["id"]))
            if self.is_connected:
                self.send(command)
            reply = self._await(command["id"], had)
            if reply is not None and code_of(reply) != "unavailable":
                return reply
            if reply is not None:
                Event().wait(_PAUSE_S)
        return None

    def payloads(self) -> dict[str, set[bytes]]:
        """All replies that counted, by command id, as they came."""
        found: dict[str, set[bytes]] = {}
        for message in self.seen(f"devices/{self.device}/replies"):
            reply = message.json
            if code_of(reply) != "unavailable":
                found.setdefault(reply["command"], set()).add(message.payload)
        return found

    def events(self) -> list[Json]:
        """The public events that came, each once, in the order of their first coming."""
        with self._lock:
            heard = [message for message in self.messages if message.topic.startswith("events/")]
        first: dict[int, Json] = {}
        for message in heard:
            first.setdefault(message.json["seq"], message.json)
        return list(first.values())

    def told(self) -> list[tuple[int, str]]:
        """Number and type of the public events that came, as `Ledger.public` gives them."""
        return [(event["seq"], event["type"]) for event in self.events()]

    def _await(self, command: str, had: int) -> Json | None:
        waits_s = _REPEAT_S
        while waits_s > 0:
            replies = self.replies(command)
            if len(replies) > had:
                return replies[had]
            self._came.clear()
            self._came.wait(_PAUSE_S)
            waits_s -= _PAUSE_S
        return None

    def _arrived(self, _client: Paho, _data: object, message: MQTTMessage) -> None:
        super()._arrived(_client, _data, message)
        self._came.set()


def join(service: str = "cash", **more: Any) -> Json:
    """A join with an id of its own."""
    return {"id": str(uuid.uuid4()), "type": "join", "service": service, "channel": "kiosk", **more}


def press(kind: str, counter: str = "c1", **more: Any) -> Json:
    """A counter command with an id of its own."""
    return {"id": str(uuid.uuid4()), "type": kind, "counter": counter, **more}


def code_of(reply: Json) -> str | None:
    """The code of a refusal; None for what was done."""
    code: str | None = (reply.get("error") or {}).get("code")
    return code


def numbers_of(replies: Sequence[Json]) -> list[str]:
    """The numbers that joins were answered."""
    return [reply["result"]["number"] for reply in replies]


def broker_account(branch: ChaosBranch, device: str) -> Json:
    """The file that a device gets, as it stands on the disk."""
    return tomllib.loads((branch.data / "devices" / f"{device}.toml").read_text())


def _accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 0.2).close()
    except OSError:
        return False
    return True
