"""A branch server under measurement: a generated setup, its process, and its devices' accounts."""

import shlex
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load import Account, Target
from benchmarks.rig import Program, free_port

READY = "foleni-branch: ready"
CONSOLE = "desk"
PIN = "739158"
SERVICES = ("cash", "enquiries", "loans", "cards")
PREFIXES = "ABCD"
DEFAULT_SERVER = (sys.executable, "-m", "branch_server")
START_LIMIT_S = 300.0


@dataclass(frozen=True, slots=True)
class Size:
    """How much a generated branch has; every counter serves all services. `people` sign in as `clerk-1` … with `PIN`."""

    kiosks: int = 100
    counters: int = 12
    people: int = 0


def write_setup(path: Path, branch: str, size: Size) -> None:
    """A setup file as `--setup` reads it."""
    parts = [f'[branch]\nid = "{branch}"\nname = "Benchmark"\n']
    parts += [
        f'[[service]]\nid = "{service}"\nprefix = "{prefix}"\nname = "{service}"\n'
        for service, prefix in zip(SERVICES, PREFIXES, strict=True)
    ]
    served = ", ".join(f'"{service}"' for service in SERVICES)
    parts += [
        f'[[counter]]\nid = "c{number}"\nlabel = "{number}"\nservices = [{served}]\n' for number in range(1, size.counters + 1)
    ]
    parts += [f'[[device]]\nid = "kiosk-{number}"\nkind = "kiosk"\n' for number in range(1, size.kiosks + 1)]
    parts.append(f'[[device]]\nid = "{CONSOLE}"\nkind = "console"\n')
    parts += [
        f'[[staff]]\nid = "clerk-{number}"\nname = "Clerk {number}"\nrole = "admin"\npin = "{PIN}"\n'
        for number in range(1, size.people + 1)
    ]
    path.write_text("\n".join(parts))


class BranchServer:
    """A branch server process on a given broker. Use as a context manager."""

    def __init__(self, folder: Path, mqtt: str, branch: str = "bench", size: Size | None = None, server: str = "") -> None:
        self.branch = branch
        self.data = folder / branch
        self.start_s = 0.0
        self._mqtt = mqtt
        self.setup = folder / f"{branch}.toml"
        self._server = shlex.split(server) or list(DEFAULT_SERVER)
        self._http = ""
        self._cloud: list[str] = []
        self._program: Program | None = None
        write_setup(self.setup, branch, size or Size())

    @property
    def pid(self) -> int:
        assert self._program is not None
        return self._program.pid

    def start(self) -> None:
        """Start it and wait for its ready line; `start_s` is how long that took."""
        command = [*self._server, "--data", str(self.data), "--mqtt", self._mqtt, "--setup", str(self.setup)]
        if self._http:
            command += ["--http", self._http]
        command += self._cloud
        self._program = Program(f"branch {self.branch}", [*command, "--log-level", "warning"])
        try:
            self.start_s = self._program.wait_for(READY, START_LIMIT_S)
        except BaseException:
            self.stop()
            raise

    def with_web(self) -> "BranchServer":
        """The same, with its web side on a free port, which `url` tells. Before `start`."""
        self._http = f"127.0.0.1:{free_port()}"
        return self

    def with_cloud(self, url: str, token: str) -> "BranchServer":
        """The same, in step with a cloud. Before `start`."""
        file = self.setup.with_suffix(".token")
        file.write_text(token)
        file.chmod(0o600)
        self._cloud = ["--cloud", url, "--cloud-token-file", str(file)]
        return self

    @property
    def url(self) -> str:
        return f"http://{self._http}"

    def stop(self) -> None:
        if self._program is not None:
            self._program.stop()
            self._program = None

    def account(self, device: str) -> Account:
        """The address with the device's own account; without one where the broker keeps none."""
        path = self.data / "devices" / f"{device}.toml"
        if not path.exists():
            return Account(device, self._mqtt)
        told = tomllib.loads(path.read_text())
        login = f"{told['username']}:{told['password']}@" if told.get("username") else ""
        return Account(device, self._mqtt.replace("mqtt://", f"mqtt://{login}"))

    def kiosks(self, count: int, in_flight: int = 1) -> Target:
        """A load of joins from so many kiosks."""
        accounts = tuple(self.account(f"kiosk-{number}") for number in range(1, count + 1))
        return Target(self.branch, SERVICES, accounts, in_flight)

    def __enter__(self) -> "BranchServer":  # noqa: PYI034  # a subclass is not meant
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def echo_target(mqtt: str, branch: str, devices: int, in_flight: int = 1) -> Target:
    """The same load, at an echo server."""
    accounts = tuple(Account(f"kiosk-{number}", mqtt) for number in range(1, devices + 1))
    return Target(branch, SERVICES, accounts, in_flight)
