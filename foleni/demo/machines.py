"""The simulated machines: a printer that speaks over TCP, and call units on serial lines, one for each counter device."""

import json
import os
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from foleni.demo.desk import Account, counter_of
from foleni.demo.house import PRINTER, House, Pad, Ticket
from foleni.demo.keeper import Keeper, Program, StartError
from foleni.demo.reading import read_ticket

_ADDRESS = 1
_TAIL_BYTES = 4000


@dataclass(frozen=True, slots=True)
class Machines:
    """What stands around in the branch: its programs, by the label of their counter the pads, the agent's configuration."""

    programs: Sequence[Program]
    printer: str
    pads: dict[str, str] = field(default_factory=dict)
    """Program names."""
    agent: tuple[Account, Path] | None = None


class SimPad:
    """A unit in a program of its own, which takes its presses as lines and tells its display in its log."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper

    def press(self, kind: str) -> None:
        self._keeper.say(f"press {_ADDRESS} {kind}")

    def plug(self, *, in_: bool) -> None:
        self._keeper.say("plug" if in_ else "unplug")

    def shows(self) -> str:
        faces = [line for line in _tail(self._keeper.program.log) if line.startswith("{")]
        return str(json.loads(faces[-1]).get("text", "")) if faces else ""


class SimPaper:
    """The printer's program, and the folder into which its tickets fall."""

    def __init__(self, keeper: Keeper, folder: Path) -> None:
        self._keeper = keeper
        self._folder = folder
        self._read: dict[Path, Ticket] = {}

    def say(self, *words: str) -> None:
        self._keeper.say(" ".join(words))

    def tickets(self) -> list[Ticket]:
        for path in sorted(self._folder.glob("[0-9]*.png")):
            if path not in self._read:
                self._read[path] = Ticket(read_ticket(path), path)
        return list(self._read.values())


def machines(house: House, accounts: Sequence[Account]) -> Machines:
    """The machines of this branch: their folders and settings are written, nothing is started. Raises `StartError`."""
    folders = house.folders
    port = _free_port()
    units = [account for account in accounts if account.kind == "counter"]
    lines = {account.device: (folders.pads / account.device).absolute() for account in units}
    if any(" " in str(line) for line in lines.values()):
        raise StartError(
            f"the path of a serial line may have no space in it, so give another folder with --data: {folders.data}"
        )
    folders.pads.mkdir(parents=True, exist_ok=True)
    programs = [_unit(device, line, folders.logs) for device, line in lines.items()]
    pads = {counter_of(account): f"unit-{account.device}" for account in units}
    agent = (units[0], _agent_settings(folders.pads / "counter.toml", units, lines)) if units else None
    if any(account.kind == "kiosk" for account in accounts):
        programs.append(_printer(folders.tickets, folders.logs, port))
    return Machines(programs, f"tcp://127.0.0.1:{port}", pads, agent)


def put_in_hands(house: House, found: Machines) -> None:
    """Once the machines run: whoever holds the house can use them."""
    if PRINTER in house.keepers:
        house.paper = SimPaper(house.keepers[PRINTER], house.folders.tickets)
    house.pads = {label: _pad(house.keepers[name]) for label, name in found.pads.items()}


def _pad(keeper: Keeper) -> Pad:
    return SimPad(keeper)


def _unit(device: str, line: Path, logs: Path) -> Program:
    command = (sys.executable, "-m", "foleni.sim.unit", "--pty-link", str(line), "--units", str(_ADDRESS), "--json")
    return Program(
        f"unit-{device}", command, logs / f"unit-{device}.log", "foleni-sim-unit: ready", listens=True, ends_with_input=True
    )


def _agent_settings(path: Path, units: Sequence[Account], lines: dict[str, Path]) -> Path:
    """One agent works all counters; the first account comes by its command line."""
    tables = [f'[[station]]\ndevice = "{each.device}"\nmqtt = {json.dumps(each.mqtt)}\n' for each in units[1:]]
    tables += [
        f'[[line]]\nport = {json.dumps(str(line))}\n[[line.unit]]\naddress = {_ADDRESS}\ndevice = "{device}"\n'
        for device, line in lines.items()
    ]
    path.touch(mode=0o600)
    path.write_text("\n".join(tables), encoding="utf-8")
    return path


def _printer(folder: Path, logs: Path, port: int) -> Program:
    command = (sys.executable, "-m", "foleni.sim.paper", "--listen", f"127.0.0.1:{port}", "--out", str(folder))
    return Program(PRINTER, command, logs / "printer.log", "foleni-paper: ready", listens=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _tail(path: Path) -> list[str]:
    """The last whole lines of a log."""
    try:
        with path.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - _TAIL_BYTES))
            return log.read().decode(errors="replace").split("\n")[:-1]
    except OSError:
        return []
