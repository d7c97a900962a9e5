"""Whether the ledger can be relied upon, and what it holds."""

import logging

from foleni.times import DAY_US, Instant
from kiosk.ledger.ledger import Ledger, LedgerError
from kiosk.presenter.news import Now, Stock

logger = logging.getLogger(__name__)

CHECK_S = 30.0
BROKEN_CHECK_S = 3.0
KEPT_US = 8 * DAY_US
"""A day longer than the branch server takes papers in."""


class Health:
    """Belongs to one thread. A ledger that failed is broken until it could be written to again."""

    def __init__(self, ledger: Ledger) -> None:
        self.is_broken = False
        self._ledger = ledger
        self._check_at_s = 0.0
        self._prune_at = Instant(0)

    def broke(self, error: LedgerError) -> None:
        """It could not be read or written."""
        if not self.is_broken:
            logger.error("no ticket can be stored, so none is given: %s", error)
            self._check_at_s = 0.0
        self.is_broken = True

    def look(self, now: Now) -> bool:
        """Write to it if that is due; whether the answer is another than before."""
        if now.steady_s < self._check_at_s:
            return False
        before = self.is_broken
        try:
            self._ledger.check()
            self._prune(now.wall)
        except LedgerError as error:
            self.broke(error)
        else:
            self.is_broken = False
            if before:
                logger.info("tickets can be stored again")
        self._check_at_s = now.steady_s + (BROKEN_CHECK_S if self.is_broken else CHECK_S)
        return before is not self.is_broken

    def stock(self) -> Stock:
        """What it holds now."""
        if self.is_broken:
            return Stock(broken=True)
        try:
            counts = self._ledger.counts()
            return Stock(broken=False, waiting=counts.waiting, refused=counts.refused, last=self._ledger.last())
        except LedgerError as error:
            self.broke(error)
            return Stock(broken=True)

    def _prune(self, now: Instant) -> None:
        if now >= self._prune_at:
            self._ledger.prune(Instant(now - KEPT_US))
            self._prune_at = Instant(now + DAY_US)
