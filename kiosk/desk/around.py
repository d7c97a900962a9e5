"""What the desk works with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from foleni.link.asker import Answer
from foleni.messages.commands import Command
from foleni.messages.setup import Template
from foleni.paper.ticket import PaperTicket
from kiosk.desk.handing import HandIn
from kiosk.ledger.ledger import Ledger
from kiosk.pages import Paper
from kiosk.presenter.news import News, Now


class Asks(Protocol):
    """The part of an `Asker` that the desk needs."""

    def ask(self, command: Command, done: Callable[[Answer], object], timeout_s: float | None = None) -> None: ...


class Prints(Protocol):
    """A printer that takes tickets, in the branch's form or that of `template`. `done` is called once, on any thread."""

    def submit(
        self, job_id: str, ticket: PaperTicket, done: Callable[[Paper], object], template: Template | None = None
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class Around:
    """`tell` brings news to the presenter, `later` has something done after that on the desk's own thread; both may be called
    from any thread. `nudge` tells the courier that something waits.
    """

    ledger: Ledger
    hand_in: HandIn
    asker: Asks
    printer: Prints
    tell: Callable[[News], object]
    later: Callable[[Callable[[], object]], object]
    nudge: Callable[[], object]
    clock: Callable[[], Now]
