"""How long each program takes from its start to its first picture, also while the branch server is away."""

import sys
import time
from collections.abc import Callable
from contextlib import ExitStack

from benchmarks.devices.board import is_live
from benchmarks.devices.hall import KIOSK_SIZE, TV_SIZE, Hall, hall, running
from benchmarks.devices.printer import PlainPrinter
from benchmarks.devices.screen import Screen, screen
from benchmarks.devices.units import Units, units
from benchmarks.report import Row, Target
from benchmarks.rig import Program, RigError
from benchmarks.rigging import Rig
from benchmarks.stats import p50

TARGET = Target("<=", 2, "s")
_LIMIT_S = 30.0
_LOOK_S = 0.004

Start = Callable[[], float]


def run(rig: Rig) -> list[Row]:
    """In turns, so that all meet the same noise. The floors are a window that only has a colour, and a bare Python."""
    rounds = rig.scaled(9, 2)
    with ExitStack() as stack:
        inside = stack.enter_context(hall(rig, counters=1))
        glass = stack.enter_context(screen(inside.folder, *KIOSK_SIZE))
        wall = stack.enter_context(screen(inside.folder, *TV_SIZE))
        pads = stack.enter_context(units(inside.folder / "line", 1))
        starts = _starts(inside, glass, wall, stack.enter_context(PlainPrinter()), pads)
        took = _measured({**starts, **_floors(glass, wall)}, rounds)
        inside.server.stop()
        away = _measured({name: start for name, start in starts.items() if name not in _LIVE}, rounds)
    rows = [
        Row(f"{name} p50 (floor: {_FLOORS[name]})", p50(took[name]), "s", p50(took[_FLOORS[name]]), TARGET) for name in starts
    ]
    return rows + [
        Row(f"{name} p50, branch server away (floor: it is there)", p50(away[name]), "s", p50(took[name]), TARGET)
        for name in away
    ]


_KIOSK, _TV, _TV_LIVE, _COUNTER = (
    "kiosk to its first picture",
    "TV to its first picture",
    "TV to a live board",
    "counter to ready",
)
_KIOSK_USE = "kiosk to a page to be used"
_WINDOW, _WIDE_WINDOW, _PYTHON = "bare window, upright", "bare window, wide", "bare Python"
_FLOORS = {_KIOSK: _WINDOW, _KIOSK_USE: _WINDOW, _TV: _WIDE_WINDOW, _TV_LIVE: _WIDE_WINDOW, _COUNTER: _PYTHON}
_LIVE = {_KIOSK_USE, _TV_LIVE}


def _starts(inside: Hall, glass: Screen, wall: Screen, printer: PlainPrinter, pads: Units) -> dict[str, Start]:
    def kiosk() -> Program:
        inside.shown.unlink(missing_ok=True)
        return inside.kiosk(glass, printer.url)

    return {
        _KIOSK: lambda: _until(kiosk(), lambda: not glass.pixels.is_blank(), glass),
        _KIOSK_USE: lambda: _until(kiosk(), lambda: _has_page(inside, "Attract"), glass),
        _TV: lambda: _until(inside.tv(wall), lambda: not wall.pixels.is_blank(), wall),
        _TV_LIVE: lambda: _until(inside.tv(wall), lambda: is_live(wall.pixels), wall),
        _COUNTER: lambda: _ready(inside.agent(pads.path, pads.count), "foleni-counter: ready"),
    }


def _floors(glass: Screen, wall: Screen) -> dict[str, Start]:
    def window(place: Screen) -> float:
        return _until(bare_window(place), lambda: not _is_black(place), place)

    return {
        _WINDOW: lambda: window(glass),
        _WIDE_WINDOW: lambda: window(wall),
        _PYTHON: lambda: _ready(Program("python", [sys.executable, "-c", "import sys; print('up', file=sys.stderr)"]), "up"),
    }


def bare_window(place: Screen) -> Program:
    """A Kivy window of one colour that fills a screen, without anything of ours."""
    size = f"{place.pixels.width}x{place.pixels.height}"
    return Program("bare window", [*place.on_it, sys.executable, "-m", "benchmarks.devices.bare_window", size])


def _measured(starts: dict[str, Start], rounds: int) -> dict[str, list[float]]:
    took: dict[str, list[float]] = {name: [] for name in starts}
    for _ in range(rounds):
        for name, start in starts.items():
            took[name].append(start())
    return took


def _until(program: Program, holds: Callable[[], bool], place: Screen) -> float:
    """Seconds from its start until `holds`; then it is ended, and its screen empty again."""
    with running(program):
        while not holds():
            if time.perf_counter() - program.started > _LIMIT_S:
                raise RigError(f"{program.name} showed nothing in {_LIMIT_S:g} s")
            time.sleep(_LOOK_S)
        took_s = time.perf_counter() - program.started
    deadline = time.perf_counter() + _LIMIT_S
    while not _is_black(place) and time.perf_counter() < deadline:
        time.sleep(_LOOK_S)
    return took_s


def _ready(program: Program, words: str) -> float:
    try:
        return program.wait_for(words, _LIMIT_S)
    finally:
        program.stop()


def _has_page(inside: Hall, kind: str) -> bool:
    try:
        return f'"page": "{kind}"' in inside.shown.read_text(encoding="utf-8")
    except OSError:
        return False


def _is_black(place: Screen) -> bool:
    return not any(place.pixels.green(0, place.pixels.height // 2, place.pixels.width // 2))
