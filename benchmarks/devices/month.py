"""A month of use at full speed: visits to the kiosk, updates of the TV's board; neither may grow by it."""

import itertools
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from benchmarks.branch import SERVICES
from benchmarks.devices.finger import Visitor
from benchmarks.devices.growth import rows_of
from benchmarks.devices.hall import KIOSK_SIZE, LANGUAGES, TV_SIZE, Hall, hall, running
from benchmarks.devices.printer import PlainPrinter
from benchmarks.devices.screen import screen
from benchmarks.report import Row
from benchmarks.rig import RigError
from benchmarks.rigging import Rig

COUNTERS = 12
_MODES = ("large", "contrast", "low_reach")
_UPDATE_S = 0.04
"""Faster than that, no picture of a board would be seen before the next one."""
_QUEUE = 40
_PURGE = 25


def run(rig: Rig) -> list[Row]:
    """All pages, in all languages and modes; all that changes a board, with its voice."""
    return _kiosk(rig, rig.scaled(3000, 60)) + _tv(rig, rig.scaled(20_000, 500))


def _kiosk(rig: Rig, visits: int) -> list[Row]:
    with ExitStack() as stack:
        inside = stack.enter_context(hall(rig, counters=1))
        glass = stack.enter_context(screen(inside.folder, *KIOSK_SIZE))
        printer = stack.enter_context(PlainPrinter())
        launcher = ("-m", "benchmarks.devices.quick_kiosk")
        kiosk = inside.kiosk(glass, printer.url, "--ask-phone", launcher=launcher)
        stack.enter_context(running(kiosk, "foleni-kiosk"))
        month = _Visits(inside, Visitor(glass, inside.shown, reads=False))
        return rows_of(f"kiosk, {visits:,} visits", kiosk, visits, month.visit)


class _Visits:
    """No two visits in a row are alike."""

    def __init__(self, inside: Hall, visitor: Visitor) -> None:
        self._desk = inside.desk
        self._visitor = visitor

    def visit(self, number: int) -> None:
        """From the start of the kiosk to its start."""
        visitor, language = self._visitor, LANGUAGES[number % len(LANGUAGES)]
        self._change_a_service(number)
        begin = ("begin", "") if language == visitor.sees("Attract")["language"] else ("language", language)
        page = visitor.tap_until(*begin, _is_page("ChooseService"))
        if number % 4 == 1:
            page = self._switch(_MODES[number // 4 % len(_MODES)])
        if number % 5 == 2:
            page = visitor.tap_until("priority", "priority", _is_other_than(page))
        self._turn_to(page, SERVICES[number % 3])
        self._give_phone(visitor.tap_until("service", SERVICES[number % 3], _is_page("EnterPhone")), number)
        visitor.sees("ShowTicket", "Refused", paper="printed")
        visitor.tap_until("done", "", lambda page: page.get("page") not in {"ShowTicket", "Refused"})
        if visitor.page().get("page") == "ChooseService":
            visitor.tap_until("back", "", _is_page("Attract"))

    def _change_a_service(self, number: int) -> None:
        """The last service comes and goes; nobody chooses it."""
        if number % 10 in {3, 7}:
            self._desk.ask(type="pause_service" if number % 10 == 3 else "open_service", service=SERVICES[-1])

    def _switch(self, mode: str) -> dict[str, Any]:
        visitor = self._visitor
        visitor.tap(visitor.tap_until("open_access", "", lambda page: _has_key(page, "access")), "access", mode)
        return visitor.tap_until("close", "", lambda page: _has_key(page, "back"))

    def _turn_to(self, page: dict[str, Any], service: str) -> None:
        for _ in SERVICES:
            if not _has_key(page, "service", service):
                page = self._visitor.tap_until("next", "", _is_other_than(page))

    def _give_phone(self, page: dict[str, Any], number: int) -> None:
        """One in ten types a number, of those some the same as somebody before; one in ten changes their mind."""
        visitor = self._visitor
        digits = f"078{number // 20 % 10_000_000:07}" if number % 10 == 4 else "0" if number % 10 == 8 else ""
        for digit in digits:
            page = visitor.tap_until("digit", digit, _is_other_than(page))
            time.sleep(0.09)  # the same key again in less is a bounce
        if number % 10 == 8:
            visitor.tap_until("erase", "", _is_other_than(page))
        visitor.tap_until("go" if len(digits) > 1 else "skip", "", lambda page: page.get("page") not in {None, "EnterPhone"})


def _is_page(kind: str) -> Callable[[dict[str, Any]], bool]:
    return lambda page: page.get("page") == kind


def _is_other_than(page: dict[str, Any]) -> Callable[[dict[str, Any]], bool]:
    return lambda other: bool(other) and other != page


def _has_key(page: dict[str, Any], key: str, value: str | None = None) -> bool:
    return any(each["key"] == key and value in {None, each["value"]} for each in page.get("keys", ()))


def _tv(rig: Rig, updates: int) -> list[Row]:
    with ExitStack() as stack:
        inside = stack.enter_context(hall(rig, counters=COUNTERS))
        wall = stack.enter_context(screen(inside.folder, *TV_SIZE))
        spoken = inside.folder / "spoken"
        tv = stack.enter_context(running(inside.tv(wall, "--sound", f"file:{spoken}"), "foleni-display"))
        month = _Updates(inside, spoken)
        return rows_of(f"TV, {updates:,} updates", tv, updates, month.update)


class _Updates:
    """Twelve counters call, recall, send away, close and open; the notice changes."""

    def __init__(self, inside: Hall, spoken: Path) -> None:
        self._desk = inside.desk
        self._spoken = spoken
        self._counters = itertools.cycle(f"c{number}" for number in range(1, COUNTERS + 1))
        for number in range(_QUEUE):
            self._join(number)

    def update(self, number: int) -> None:
        """One change of the board."""
        began = time.perf_counter()
        counter = next(self._counters)
        match number % 20:
            case 5 | 12:
                self._desk.ask(type="recall", counter=counter)
            case 7:
                self._desk.ask(type="complete", counter=counter)
            case 11:
                self._desk.ask(type="close_counter", counter=counter)
                self._desk.ask(type="open_counter", counter=counter)
            case 14:
                self._desk.ask(type="announce", text=f"Notice {number % 300}. Please have your papers ready.")
            case 17:
                self._desk.ask(type="pause_service" if number % 40 < 20 else "open_service", service=SERVICES[-1])
            case _:
                self._join(number)
                reply, _ = self._desk.ask(type="call_next", counter=counter)
                if not reply.get("ok"):
                    raise RigError(f"call_next was refused: {reply}")
        if number % _PURGE == 0:
            self._purge()
        time.sleep(max(0.0, began + _UPDATE_S - time.perf_counter()))

    def _join(self, number: int) -> None:
        self._desk.ask(type="join", service=SERVICES[number % (len(SERVICES) - 1)], channel="staff")

    def _purge(self) -> None:
        """What was spoken need not be kept; the newest is left alone."""
        for path in sorted(self._spoken.glob("*.wav"))[:-5]:
            with suppress(OSError):
                path.unlink()
