"""Whether a program grows while it is used: its memory, threads and open files at a third, two thirds and the end."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.report import Row, Target
from benchmarks.rig import Program, memory_mib

MEMORY, COUNT = Target("<=", 1.05), Target("<=", 1.0)
_SETTLE_S = 8.0
"""Nothing blinks any more, and the last sentence is spoken."""
_LOOKS, _LOOK_S = 5, 0.2


@dataclass(frozen=True, slots=True)
class Size:
    """The least of some looks, because what comes and goes is no growth."""

    rss_mib: float
    threads: int
    files: int


def size_of(program: Program) -> Size:
    """After it has come to rest."""
    time.sleep(_SETTLE_S)
    looks = []
    for _ in range(_LOOKS):
        process = Path(f"/proc/{program.pid}")
        looks.append((memory_mib(program.pid)[0], *(sum(1 for _ in (process / kind).iterdir()) for kind in ("task", "fd"))))
        time.sleep(_LOOK_S)
    return Size(*(min(kind) for kind in zip(*looks, strict=True)))


def rows_of(name: str, program: Program, rounds: int, act: Callable[[int], object]) -> list[Row]:
    """Do `act` so often, with the number of the round; the floors are the values after the first third."""
    sizes = []
    for number in range(rounds):
        act(number)
        if (number + 1) % -(-rounds // 3) == 0 or number + 1 == rounds:
            sizes.append(size_of(program))
    first, middle, last = sizes[0], sizes[1], sizes[-1]
    return [
        Row(f"{name}, RSS at 2/3 (floor: at 1/3)", middle.rss_mib, "MiB", first.rss_mib),
        Row(f"{name}, RSS at the end (floor: at 1/3)", last.rss_mib, "MiB", first.rss_mib, MEMORY),
        Row(f"{name}, threads at the end (floor: at 1/3)", last.threads, "", first.threads, COUNT),
        Row(f"{name}, open files at the end (floor: at 1/3)", last.files, "", first.files, COUNT),
    ]
