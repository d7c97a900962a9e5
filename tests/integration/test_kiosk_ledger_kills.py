"""The ledger's process is killed in random places: what it told is durable, and no number comes twice.

`FOLENI_KILLS` tells how often.
"""

import os
import random
import subprocess
import sys
import threading
from pathlib import Path

from kiosk.ledger.entries import Entry, Handing
from kiosk.ledger.sqlite import SqliteLedger

KILLS = int(os.environ.get("FOLENI_KILLS", "5"))
_ORDER = ["asked", "numbered", "printing", "printed", "taken"]


def test_every_step_that_was_told_outlives_every_kill(tmp_path: Path) -> None:
    chance, path = random.Random(44), tmp_path / "tickets.db"
    told: dict[str, str] = {}
    numbers: dict[str, str] = {}
    for _ in range(KILLS):
        for step, name, *number in run_until_killed(path, chance.uniform(0.0, 0.15)):
            told[name] = step
            if number:
                numbers[name] = number[0]
        check(path, told, numbers)
    assert len(numbers) > KILLS


def run_until_killed(path: Path, after_s: float) -> list[list[str]]:
    """What was told before the kill, which comes so long after the first word."""
    command = [sys.executable, "-m", "tests.support.kiosk_ledger_load", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        threading.Timer(after_s, process.kill).start()
        lines = [first, *process.stdout]
    return [line.split() for line in lines if line.endswith("\n")]


def check(path: Path, told: dict[str, str], numbers: dict[str, str]) -> None:
    with SqliteLedger(path) as ledger:
        entries = {name: ledger.change(name, lambda entry: entry) for name in told}
    assert len(set(numbers.values())) == len(numbers), "a number was given twice"
    for name, step in told.items():
        assert _ORDER.index(place_of(entries[name])) >= _ORDER.index(step), f"{name} was told to be {step}"
    for name, number in numbers.items():
        assert entries[name].number == number


def place_of(entry: Entry) -> str:
    return "taken" if entry.handing is Handing.TAKEN else entry.step.value
