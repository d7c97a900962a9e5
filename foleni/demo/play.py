"""Plays a script line by line, and judges how it went."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from foleni.demo.house import KIOSK, TV, House
from foleni.demo.looking import take_picture
from foleni.demo.words import Line, WrongError

BUILTIN = Path(__file__).with_name("busy.txt")
_TRACES = ("Traceback (most recent call last)", " CRITICAL ")


@dataclass(frozen=True, slots=True)
class Played:
    """A line, when it was done (seconds from the start), what came of it, and the fault where it failed."""

    line: Line
    at_s: float
    came: str
    wrong: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a script went. `faults` says everything that went wrong, for people."""

    played: tuple[Played, ...]
    faults: tuple[str, ...]


def play(house: House, lines: Sequence[Line], source: str) -> Outcome:
    """Does one line after the other and tells each; the first that fails is the last, with a picture of that moment."""
    began, played, faults = time.monotonic(), [], []
    for line in lines:
        wrong = False
        try:
            came = line.action(house)
        except WrongError as error:
            wrong, came = True, str(error)
            faults.append(f"{source}, line {line.number}: {line.text}: {error}")
        played.append(Played(line, time.monotonic() - began, came, wrong))
        house.tell(f"{played[-1].at_s:6.1f} s  {'WRONG ' if wrong else ''}{line.text:34} {came}")
        if wrong:
            _picture_the_fault(house, line)
            break
    return Outcome(tuple(played), (*faults, *_troubles(house)))


def _picture_the_fault(house: House, line: Line) -> None:
    for window in (KIOSK, TV):
        try:
            take_picture(house, window, f"wrong-line-{line.number}-{window}")
        except WrongError as error:
            house.tell(str(error))


def _troubles(house: House) -> list[str]:
    """Programs that died though no line said so, and what no program of ours should ever write."""
    found = [
        f"{name} died by itself{f' {keeper.deaths} times' if keeper.deaths > 1 else ''}"
        for name, keeper in house.keepers.items()
        if keeper.deaths
    ]
    for name, keeper in house.keepers.items():
        text = keeper.program.log.read_text(encoding="utf-8", errors="replace") if keeper.program.log.exists() else ""
        found += [f"{name} wrote into its log: {line.strip()}" for line in text.splitlines() if any(t in line for t in _TRACES)]
    return found
