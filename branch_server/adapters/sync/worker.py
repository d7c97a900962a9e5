"""A thread that deals with the cloud turn by turn, and rests where the cloud is away. Nothing that the cloud does ends it."""

import logging
import threading
from abc import ABC, abstractmethod
from time import monotonic

from branch_server.adapters.sync.address import TokenFile
from branch_server.adapters.sync.errors import CloudAwayError, CloudRefusedError
from branch_server.adapters.sync.standing import FORKED, REJECTED, UNKNOWN_HERE, Standing
from branch_server.adapters.sync.wire import Wire
from foleni.link.backoff import Backoff

_log = logging.getLogger(__name__)

REST_S = 60.0
"""After a refusal: it takes a person to change what was refused."""
_LOOKS_S = 0.5


class Worker(ABC):
    """One direction of the sync."""

    def __init__(self, name: str, wire: Wire, standing: Standing, token: TokenFile) -> None:
        self.name = name
        self._wire = wire
        self._standing = standing
        self._token = token
        self._over = threading.Event()
        self._backoff = Backoff(0.5, 20.0, floor_s=0.1)
        self._thread = threading.Thread(target=self._run, name=f"cloud {name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        """The end begins; a request that waits is ended. For any thread."""
        self._over.set()
        self._wire.end()

    def join(self, within_s: float) -> None:
        if self._thread.is_alive():
            self._thread.join(within_s)

    def look_after(self) -> None:
        """Ends a request that takes far too long. On the keeper's thread."""
        self._wire.end_overdue()

    @abstractmethod
    def turn(self) -> None:
        """One exchange with the cloud, or a short wait for something to say. Raises `CloudAwayError`, `CloudRefusedError`."""

    def _well(self) -> None:
        self._backoff.reset()
        self._standing.well(self.name)

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                self.turn()
            except CloudAwayError as error:
                self._is_away(str(error))
            except CloudRefusedError as error:
                self._is_refused(error)
            except Exception:  # noqa: BLE001 - the top of a loop: whatever came, the queue must not notice
                _log.exception("the cloud's %s failed, and goes on", self.name)
                self._over.wait(self._backoff.next_s())

    def _is_away(self, why: str) -> None:
        if self._over.is_set():
            return
        self._standing.away(self.name, why)
        recoveries = self._standing.recoveries
        until = monotonic() + self._backoff.next_s()
        while (left_s := until - monotonic()) > 0 and self._standing.recoveries == recoveries:
            if self._over.wait(min(left_s, _LOOKS_S)):
                return

    def _is_refused(self, error: CloudRefusedError) -> None:
        """Tried again seldom, or as soon as there is another token."""
        self._standing.stands_still(self.name, _sentence_of(error), str(error))
        until = monotonic() + REST_S
        while (left_s := until - monotonic()) > 0 and self._token.token == self._wire.token_used:
            if self._over.wait(min(left_s, _LOOKS_S)):
                return


def _sentence_of(error: CloudRefusedError) -> str:
    if error.is_about_the_token:
        return UNKNOWN_HERE
    return FORKED if error.code == "forked" else REJECTED
