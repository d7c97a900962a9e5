"""A branch with a kiosk, a TV and call units around it: each a real process, each window on a screen of its own."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.branch import PREFIXES, SERVICES, BranchServer
from benchmarks.devices.screen import Screen
from benchmarks.rig import Program
from benchmarks.rigging import Rig
from benchmarks.talk import Talk
from foleni.sim.client import Poller

KIOSK_SIZE, TV_SIZE = (1080, 1920), (1920, 1080)
KIOSK, TV = "kiosk-1", "tv-1"
LANGUAGES = ("en", "fr", "rw")
NAMES = {
    "cash": ("Cash", "Caisse", "Amafaranga"),
    "enquiries": ("Enquiries", "Renseignements", "Ibibazo"),
    "loans": ("Loans", "Prêts", "Inguzanyo"),
    "cards": ("Cards", "Cartes", "Amakarita"),
}
_START_S = 30.0


def write_setup(path: Path, branch: str, counters: int) -> None:
    """A branch that speaks three languages; every counter serves everything and has a unit."""
    languages = ", ".join(f'"{language}"' for language in LANGUAGES)
    parts = [
        f'[branch]\nid = "{branch}"\nname = {_texts("Main Street", "Rue Principale", "Umuhanda Mukuru")}',
        f'organization = "Benchmark"\ntime_zone = "Africa/Kigali"\nlanguages = [{languages}]\n',
        f'[[priority]]\nid = "priority"\nname = {_texts("Elderly", "Prioritaires", "Abasaza")}\ncredit_min = 30\n',
    ]
    for service, prefix in zip(SERVICES, PREFIXES, strict=True):
        parts.append(f'[[service]]\nid = "{service}"\nprefix = "{prefix}"\nname = {_texts(*NAMES[service])}\n')
    served = ", ".join(f'"{service}"' for service in SERVICES)
    for number in range(1, counters + 1):
        parts.append(f'[[counter]]\nid = "c{number}"\nlabel = "{number}"\nservices = [{served}]\n')
        parts.append(f'[[device]]\nid = "pad-{number}"\nkind = "counter"\ncounter = "c{number}"\n')
    parts.append(f'[[device]]\nid = "{KIOSK}"\nkind = "kiosk"\nissuer = "X"\n')
    parts += [f'[[device]]\nid = "{device}"\nkind = "{kind}"\n' for device, kind in ((TV, "display"), ("desk", "console"))]
    path.write_text("\n".join(parts), encoding="utf-8")


def _texts(*texts: str) -> str:
    return "{ " + ", ".join(f'{language} = "{text}"' for language, text in zip(LANGUAGES, texts, strict=True)) + " }"


@dataclass(frozen=True, slots=True)
class Hall:
    """A branch server that runs, a console that sits in it, and how its devices are started."""

    rig: Rig
    server: BranchServer
    poller: Poller
    desk: Talk
    folder: Path

    def kiosk(self, screen: Screen, printer: str, *more: str, launcher: tuple[str, ...] = ("-m", "kiosk")) -> Program:
        """A kiosk that fills `screen` and tells its keys in `shown`; not waited for."""
        told = f"FOLENI_KIOSK_KEYS={self.shown}"
        data = tempfile.mkdtemp(prefix="kiosk-", dir=self.folder)
        command = [*screen.on_it, told, sys.executable, *launcher, *self._who(KIOSK), "--data", data]
        return Program(KIOSK, [*command, "--printer", printer, "--size", _size(KIOSK_SIZE), "--at", "0,0", *more])

    def tv(self, screen: Screen, *more: str) -> Program:
        """A TV that fills `screen`; not waited for."""
        command = [*screen.on_it, sys.executable, "-m", "display", *self._who(TV), "--size", _size(TV_SIZE)]
        return Program(TV, [*command, *(more or ("--mute",))])

    def agent(self, line: Path, units: int) -> Program:
        """A counter agent for so many units on one line, each at a counter of its own; not waited for."""
        config = self.folder / "counter.toml"
        accounts = [self.server.account(f"pad-{number}") for number in range(1, units + 1)]
        parts = [f'[[station]]\ndevice = "{each.device}"\nmqtt = "{each.mqtt}"\n' for each in accounts[1:]]
        parts.append(f'[[line]]\nport = "{line}"\n')
        parts += [f'[[line.unit]]\naddress = {at}\ndevice = "{each.device}"\n' for at, each in enumerate(accounts, 1)]
        config.write_text("\n".join(parts))
        command = [sys.executable, "-m", "counter", *self._who(accounts[0].device), "--config", str(config)]
        return Program("counter", command)

    @property
    def shown(self) -> Path:
        """Where the kiosk tells what it shows."""
        return self.folder / "shown.json"

    def _who(self, device: str) -> list[str]:
        account = self.server.account(device)
        return ["--mqtt", account.mqtt, "--branch", self.server.branch, "--device", device, "--log-level", "warning"]


@contextmanager
def hall(rig: Rig, counters: int = 4) -> Iterator[Hall]:
    """A hall whose counters are open; everything that was started in it with `running` is ended before it."""
    server = rig.branch_server("hall")
    write_setup(server.setup, server.branch, counters)
    poller = Poller()
    with server:
        try:
            desk = Talk(poller, server.account("desk"), server.branch, "hall-desk")
            for number in range(1, counters + 1):
                desk.ask(type="open_counter", counter=f"c{number}")
            yield Hall(rig, server, poller, desk, Path(tempfile.mkdtemp(prefix="hall-", dir=rig.folder)))
        finally:
            with suppress(OSError):
                poller.close()


@contextmanager
def running(program: Program, ready: str = "") -> Iterator[Program]:
    """A program that said that it is ready, and is ended when the block ends. Raises `RigError`."""
    try:
        if ready:
            program.wait_for(f"{ready}: ready", _START_S)
        yield program
    finally:
        program.stop()


def _size(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"
