"""The sign that somebody asked for who looks for this kiosk: over whatever is shown, but never over a customer's number."""

from kiosk.presenter.manners import SIGN_S
from kiosk.presenter.stages import Asking, Holding, Stage


class Sign:
    """Belongs to the presenter. Where a number is asked for or shown, it waits until that is over."""

    def __init__(self) -> None:
        self._is_wanted = False
        self._until_s: float | None = None

    @property
    def is_up(self) -> bool:
        return self._until_s is not None

    def ask(self) -> None:
        """Have it shown as soon as it may be."""
        self._is_wanted = True

    def turn(self, stage: Stage, now_s: float) -> bool:
        """Put it up, or take it down, as it is time to; whether either was done."""
        was_up, may_be = self.is_up, not isinstance(stage, Asking | Holding)
        if self._is_wanted and may_be:
            self._is_wanted, self._until_s = False, now_s + SIGN_S
        elif self._until_s is not None and (now_s >= self._until_s or not may_be):
            self._until_s = None
        return self.is_up is not was_up

    def take_down(self) -> None:
        self._until_s = None
