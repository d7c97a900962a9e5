"""From the finger that goes up on the kiosk's glass to the first byte of the ticket at the printer."""

from contextlib import ExitStack

from benchmarks.branch import SERVICES
from benchmarks.devices.finger import Visitor
from benchmarks.devices.hall import KIOSK_SIZE, Hall, hall, running
from benchmarks.devices.printer import EchoPrinter, PlainPrinter
from benchmarks.devices.screen import screen
from benchmarks.report import Row, Target
from benchmarks.rigging import Rig
from benchmarks.stats import p50, p99

TARGET = Target("<=", 150, "ms")
_TICKET_S = 15.0


def run(rig: Rig) -> list[Row]:
    """Each tap is followed by a join over MQTT and a byte to a plain echo printer: what no kiosk can be faster than."""
    rounds = rig.scaled(100, 20)
    with ExitStack() as stack:
        inside = stack.enter_context(hall(rig, counters=1))
        window = stack.enter_context(screen(inside.folder, *KIOSK_SIZE))
        printer, echo = stack.enter_context(PlainPrinter()), stack.enter_context(EchoPrinter())
        stack.enter_context(running(inside.kiosk(window, printer.url), "foleni-kiosk"))
        visitor = Visitor(window, inside.shown)
        _take(visitor, printer, SERVICES[0])
        taps_ms, floors_ms = [], []
        for number in range(rounds):
            taps_ms.append(_take(visitor, printer, SERVICES[number % len(SERVICES)]))
            floors_ms.append(_floor(inside, echo))
    floor = "floor: join + echo printer"
    return [
        Row(f"tap to first byte at the printer p50 ({floor})", p50(taps_ms), "ms", p50(floors_ms), TARGET),
        Row(f"tap to first byte at the printer p99 ({floor})", p99(taps_ms), "ms", p99(floors_ms), TARGET),
    ]


def _take(visitor: Visitor, printer: PlainPrinter, service: str) -> float:
    """A whole visit; the milliseconds that count."""
    visitor.tap(visitor.sees("Attract"), "begin")
    lifted = visitor.tap(visitor.sees("ChooseService"), "service", service)
    came = printer.ticket(_TICKET_S)
    visitor.tap(visitor.sees("ShowTicket", paper="printed"), "done")
    return (came - lifted) * 1000


def _floor(inside: Hall, echo: EchoPrinter) -> float:
    return inside.desk.ask(type="join", service=SERVICES[0], channel="staff")[1] + echo.ask()
