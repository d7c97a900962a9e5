"""Builds and wires the kiosk: the only place that knows all its parts."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from foleni.life import Closing, Part, Watch
from foleni.link.courier import Courier
from foleni.messages.base import Message
from foleni.messages.orders import KnownOrder
from foleni.messages.setup import Template
from foleni.messages.state import PrinterStatus, Services
from foleni.station.busy import BusyMark
from foleni.station.orders import Answer
from foleni.station.station import Ears, Station
from foleni.topics import Topics
from kiosk.desk.around import Around
from kiosk.desk.desk import Desk
from kiosk.desk.handing import HandIn
from kiosk.errands import Errands
from kiosk.ledger.entries import Step
from kiosk.ledger.ledger import Ledger, LedgerError
from kiosk.ledger.sqlite import SqliteLedger
from kiosk.loop import Inbox, Loop, now
from kiosk.pages import Page
from kiosk.paper.escpos import prepare
from kiosk.paper.logo import read_logo
from kiosk.presenter.manners import Manners
from kiosk.presenter.presenter import Presenter
from kiosk.press import Press
from kiosk.printer.printer import Printer
from kiosk.settings import KioskSettings

logger = logging.getLogger(__name__)

KIND = "kiosk"
LEDGER = "tickets.db"
"""The file of the tickets, in the data folder."""
_BEAT_WITHIN_S = 20.0


@dataclass(frozen=True, slots=True)
class Kiosk:
    """A kiosk, ready to be started: its parts in order."""

    parts: Sequence[tuple[str, Part]]
    station: Station

    def ready(self) -> str:
        """What it says when it is ready."""
        return f"{self.station.device}"


@dataclass(frozen=True, slots=True)
class Care:
    """What looks after the parts: `watch` knows their loops, `fail` ends the program with a reason, `restart` so that it is
    started again.
    """

    watch: Watch
    fail: Callable[[str], object]
    restart: Callable[[str], object]

    def beat(self, name: str) -> Callable[[], object]:
        """The beat of a loop."""
        return self.watch.beat(name, _BEAT_WITHIN_S).tick


def build(settings: KioskSettings, care: Care, inbox: Inbox, show: Callable[[Page], object]) -> Kiosk:
    """Wires everything; starts nothing. `show` is called on the kiosk's thread. Raises `OSError` for a data folder that
    cannot be made, `LogoError` for a logo that cannot be read; a ledger that cannot be opened is shown to people instead.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    ledger = SqliteLedger(settings.data / LEDGER)
    presenter = Presenter(Manners(settings.ask_phone, settings.region, settings.staff_code), now())
    errands: Errands
    station = _station(settings, care, inbox, lambda order, answer: inbox.put(lambda: errands.take(order, answer)))
    printer = _printer(settings, care, inbox, station, ledger)
    logo = None if settings.logo is None else read_logo(settings.logo)
    press = Press(printer, partial(_template, settings, presenter), logo)
    courier, desk = _desk(care, inbox, ledger, station, press)
    errands = Errands(presenter, desk, now, care.restart)
    beat, mark = care.beat("kiosk"), BusyMark()

    def go_round() -> None:
        beat()
        errands.tick()
        mark.tell(is_busy=errands.is_served, now_s=now().steady_s)

    loop = Loop(inbox, presenter, desk, show, on_dead=care.fail, beat=go_round)
    parts: list[tuple[str, Part]] = [
        ("ledger", Closing(ledger.close)),
        ("kiosk", loop),
        ("printer", printer),
        ("station", station),
        ("courier", courier),
        ("fonts", _WarmUp()),
    ]
    return Kiosk(parts, station)


def _station(settings: KioskSettings, care: Care, inbox: Inbox, on_order: Callable[[KnownOrder, Answer], object]) -> Station:
    seat = settings.taken_seat
    topics = Topics(seat.branch)
    followed: dict[str, type[Message]] = {topics.services: Services}
    ears = Ears(
        on_news=lambda _, message: inbox.put(message) if isinstance(message, Services) else None,
        on_config=inbox.put,
        on_reach=inbox.put,
        on_dead=care.fail,
        beat_link=care.beat("link"),
        beat_asker=care.beat("asker"),
        on_order=on_order,
    )
    return Station(seat.mqtt, topics, seat.device, KIND, followed, ears, settings.memory)


def _printer(settings: KioskSettings, care: Care, inbox: Inbox, station: Station, ledger: Ledger) -> Printer:
    def tell(status: PrinterStatus) -> None:
        station.tell_printer(status)
        inbox.put(status.state)

    return Printer(
        settings.printer, on_state=tell, on_dead=care.fail, beat=care.beat("printer"), torn=_was_printing(ledger)
    )  # fmt: skip


def _was_printing(ledger: Ledger) -> bool:
    """Whether a ticket was in the press when the process before this one ended."""
    try:
        return any(entry.step is Step.PRINTING for entry in ledger.unfinished())
    except LedgerError:
        return False


def _desk(care: Care, inbox: Inbox, ledger: Ledger, station: Station, press: Press) -> tuple[Courier, Desk]:
    desk: Desk

    def changed() -> None:
        inbox.put(desk.hand_in_changed)

    def broke(error: LedgerError) -> None:
        inbox.put(lambda: desk.storage_broke(error))

    hand_in = HandIn(ledger, changed, broke)
    courier = Courier(hand_in, station.asker, hand_in.answered, on_dead=care.fail, beat=care.beat("courier"))
    desk = Desk(Around(ledger, hand_in, station.asker, press, inbox.put, inbox.put, courier.nudge, now))
    return courier, desk


def _template(settings: KioskSettings, presenter: Presenter, given: Template | None) -> Template:
    """The branch's template, or the one given, on the paper that is in this printer."""
    facts = presenter.facts
    template = given or (facts.template if facts is not None else None) or Template(id="plain")
    return template if settings.paper is None else template.model_copy(update={"width_px": settings.paper})


class _WarmUp:
    """Has fonts and printer commands loaded before the first ticket needs them."""

    def start(self) -> None:
        threading.Thread(target=prepare, name="fonts", daemon=True).start()

    def stop(self) -> None:
        """It ends by itself."""
