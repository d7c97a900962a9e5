"""What the branch orders a kiosk to do: show which one it is, start again, print."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from foleni.messages.orders import Came, Identify, KnownOrder, Print, Restart
from foleni.station.orders import Answer
from kiosk.desk.desk import Desk
from kiosk.pages import Paper
from kiosk.presenter.news import Now
from kiosk.presenter.presenter import Presenter

logger = logging.getLogger(__name__)

PATIENCE_S = 60.0
"""So long a restart waits for the customers of that moment; then it is off, and may be asked for again."""
_PRINTED = {
    Paper.PRINTED: (Came.PRINTED, "Printed."),
    Paper.UNSURE: (Came.UNSURE, "Perhaps printed: the printer went away in the middle. Please look."),
    Paper.FAILED: (Came.NOT_PRINTED, "Not printed."),
}


@dataclass(slots=True)
class _Restarting:
    """A restart that waits until nobody is served."""

    answer: Answer
    until_s: float


class Errands:
    """Belongs to the kiosk's thread; `restart` ends the program so that it is started again."""

    def __init__(self, presenter: Presenter, desk: Desk, clock: Callable[[], Now], restart: Callable[[str], object]) -> None:
        self._presenter = presenter
        self._desk = desk
        self._clock = clock
        self._restart = restart
        self._restarting: _Restarting | None = None

    @property
    def is_served(self) -> bool:
        """Whether somebody is in the middle of something here."""
        return not self._presenter.is_idle or self._desk.is_busy

    def take(self, order: KnownOrder, answer: Answer) -> None:
        """Do what is ordered, or answer why not."""
        match order:
            case Identify():
                self._identify(answer)
            case Restart():
                self._wait_to_restart(answer)
            case Print():
                self._print(order, answer)

    def tick(self) -> None:
        """Time has passed."""
        if self._restarting is None:
            return
        if not self.is_served:
            self._restarting.answer(Came.DONE, "It restarts now.")
            self._restarting = None
            self._restart("ordered by the branch")
        elif self._clock().steady_s >= self._restarting.until_s:
            logger.warning("no restart: somebody was served all the time")
            self._restarting.answer(Came.BUSY, "It was not restarted: somebody was served all the time.")
            self._restarting = None

    def _identify(self, answer: Answer) -> None:
        if self._presenter.identify(self._clock()):
            answer(Came.DONE, "It shows its name for 15 seconds.")
        else:
            answer(Came.LATER, "Somebody takes a ticket there. It shows its name right after that.")

    def _wait_to_restart(self, answer: Answer) -> None:
        until_s = self._clock().steady_s + PATIENCE_S
        is_new, self._restarting = self._restarting is None, _Restarting(answer, until_s)
        if is_new and not self.is_served:
            self.tick()
        else:
            answer(Came.LATER, "Somebody is served there. It restarts as soon as nobody is, within a minute.")

    def _print(self, order: Print, answer: Answer) -> None:
        def tell(paper: Paper) -> None:
            came, message = _PRINTED[paper]
            state = self._presenter.printer
            because = f" The printer says {state}." if paper is Paper.FAILED and state not in {None, "ok"} else ""
            answer(came, f"{message}{because}")

        try:
            self._desk.print_ordered(order, tell)
        except ValueError as error:
            answer(Came.INVALID, str(error))
