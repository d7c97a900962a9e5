"""What each program costs while nothing happens: memory, and processor time."""

import time
from contextlib import ExitStack

from benchmarks.branch import SERVICES
from benchmarks.devices.finger import Visitor
from benchmarks.devices.hall import KIOSK_SIZE, TV_SIZE, hall, running
from benchmarks.devices.printer import PlainPrinter
from benchmarks.devices.screen import screen
from benchmarks.devices.starts import bare_window
from benchmarks.devices.units import units
from benchmarks.report import Row, Target
from benchmarks.rig import Program, cpu_s, memory_mib
from benchmarks.rigging import Rig

SCREEN_MEMORY, AGENT_MEMORY = Target("<=", 200, "MiB"), Target("<=", 60, "MiB")
CPU = Target("<=", 3, "% of a core")
UNITS = 2
_VISITS = 3
_CALM_S = 9.0
"""After it nothing blinks, and no key is looked for often."""
_TICKET_S = 15.0


def run(rig: Rig) -> list[Row]:
    """As `make run` sets them up, after some use; the floor of the windows' memory is a window that only has a colour."""
    with ExitStack() as stack:
        inside = stack.enter_context(hall(rig, counters=UNITS))
        glass = stack.enter_context(screen(inside.folder, *KIOSK_SIZE))
        wall = stack.enter_context(screen(inside.folder, *TV_SIZE))
        pads = stack.enter_context(units(inside.folder / "line", UNITS))
        printer = stack.enter_context(PlainPrinter())
        tv = stack.enter_context(running(inside.tv(wall), "foleni-display"))
        kiosk = stack.enter_context(running(inside.kiosk(glass, printer.url), "foleni-kiosk"))
        agent = stack.enter_context(running(inside.agent(pads.path, UNITS), "foleni-counter"))
        floors = _memory_of_bare_windows(rig, stack)
        _use(Visitor(glass, inside.shown), printer)
        pads.wait_heard()
        for unit in range(1, UNITS + 1):
            pads.press(unit)
        time.sleep(_CALM_S)
        cpu = _cpu_percent([kiosk, tv, agent], rig.scaled(20, 5))
        rows = _memory("kiosk", kiosk, SCREEN_MEMORY, floors[0]) + _memory("TV", tv, SCREEN_MEMORY, floors[1])
        rows += _memory("counter agent", agent, AGENT_MEMORY)
    names = ("kiosk", "TV", "counter agent")
    return rows + [Row(f"{name}, idle CPU", used, "% of a core", None, CPU) for name, used in zip(names, cpu, strict=True)]


def _use(visitor: Visitor, printer: PlainPrinter) -> None:
    for number in range(_VISITS):
        visitor.tap(visitor.sees("Attract"), "begin")
        visitor.tap(visitor.sees("ChooseService"), "service", SERVICES[number])
        printer.ticket(_TICKET_S)
        visitor.tap(visitor.sees("ShowTicket", paper="printed"), "done")


def _memory_of_bare_windows(rig: Rig, stack: ExitStack) -> list[tuple[float, float]]:
    """RSS and PSS of a window upright and of one that is wide."""
    memory = []
    for size in (KIOSK_SIZE, TV_SIZE):
        place = stack.enter_context(screen(rig.folder, *size))
        with running(bare_window(place)) as window:
            deadline = time.monotonic() + _TICKET_S
            while place.pixels.is_blank() and not place.pixels.green(0, 0, 1)[0] and time.monotonic() < deadline:
                time.sleep(0.02)
            memory.append(memory_mib(window.pid))
    return memory


def _memory(name: str, program: Program, target: Target, floor: tuple[float, float] | None = None) -> list[Row]:
    rss, pss = memory_mib(program.pid)
    words = " (floor: bare window)" if floor else ""
    return [
        Row(f"{name}, RSS{words}", rss, "MiB", floor[0] if floor else None, target),
        Row(f"{name}, PSS{words}", pss, "MiB", floor[1] if floor else None),
    ]


def _cpu_percent(programs: list[Program], seconds: float) -> list[float]:
    before, began = [cpu_s(program.pid) for program in programs], time.perf_counter()
    time.sleep(seconds)
    after, took_s = [cpu_s(program.pid) for program in programs], time.perf_counter() - began
    return [100 * (late - early) / took_s for early, late in zip(before, after, strict=True)]
