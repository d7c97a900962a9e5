"""The way to one provider: so many messages at once and no more, and none while it is broken."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from cloud.notices.providers.provider import (
    GoneError,
    Letter,
    Provider,
    RefusedError,
    SendingError,
    TroubleError,
)
from foleni.logs import Seldom

_log = logging.getLogger(__name__)
_seldom = Seldom(_log)

_FAULTS_TO_OPEN = 3
_OPEN_S, _MOST_OPEN_S = 5.0, 60.0
_STUCK_S = 2.0
_LOST_S = 20.0
"""A message that has been with the provider for so long counts no more: its thread is left to itself."""
_MOST_LOST = 100
_MOST_SAID = 300


class Outcome(StrEnum):
    """How an attempt ended."""

    SENT = "sent"
    FAULT = "fault"
    REFUSED = "refused"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Job:
    """A message that was claimed; `claim` is the instant until which it is ours."""

    letter: Letter
    claim: int
    attempt: int
    tried: str | None
    """The provider of the attempt before."""


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a job."""

    job: Job
    provider: str
    outcome: Outcome
    provider_id: str | None = None
    fault: str | None = None


class Breaker:
    """Closed while all is well. After three faults in a row it is open for 5 s, then one message may try; and so on."""

    def __init__(self) -> None:
        self._faults = 0
        self._open_s = _OPEN_S
        self._until = 0.0

    @property
    def is_trying(self) -> bool:
        """Whether it is open, or has been and only one message may try."""
        return self._faults >= _FAULTS_TO_OPEN

    def allows(self, now_s: float) -> bool:
        return now_s >= self._until

    def worked(self) -> None:
        self._faults, self._open_s, self._until = 0, _OPEN_S, 0.0

    def failed(self, now_s: float) -> None:
        self._faults += 1
        if self.is_trying and self.allows(now_s):
            self._until = now_s + self._open_s
            self._open_s = min(_MOST_OPEN_S, self._open_s * 2)


class Lane:
    """Threads that hand messages to one provider, and tell `done` of each. What hangs here keeps up nobody else."""

    def __init__(self, provider: Provider, done: Callable[[Done], None], clock_s: Callable[[], float] = time.monotonic) -> None:
        self.provider = provider
        self._done = done
        self._clock_s = clock_s
        self._lock = threading.Lock()
        self._breaker = Breaker()
        self._since: dict[str, float] = {}

    @property
    def name(self) -> str:
        return self.provider.name

    @property
    def in_flight(self) -> int:
        return len(self._since)

    def free(self) -> int:
        """How many messages it would take now; none while it is broken, or hangs."""
        with self._lock:
            now = self._clock_s()
            busy = [since for since in self._since.values() if now - since < _LOST_S]
            if not self._breaker.allows(now) or len(self._since) - len(busy) >= _MOST_LOST:
                return 0
            if self._breaker.is_trying:
                return 0 if busy else 1
            return max(0, self.provider.at_once - len(busy))

    def is_well(self) -> bool:
        """Whether it works, or may be busy with much that goes well: not broken, and not stuck."""
        with self._lock:
            now = self._clock_s()
            if not self._breaker.allows(now) or self._breaker.is_trying:
                return False
            busy = [since for since in self._since.values() if now - since < _LOST_S]
            return len(busy) < self.provider.at_once or now - min(busy) < _STUCK_S

    def give(self, job: Job) -> None:
        """Returns at once."""
        with self._lock:
            self._since[job.letter.id] = self._clock_s()
        threading.Thread(target=self._send, args=(job,), name=f"notices {self.name}", daemon=True).start()

    def _send(self, job: Job) -> None:
        try:
            done = Done(job, self.name, Outcome.SENT, _readable(self.provider.send(job.letter)))
        except SendingError as error:
            done = Done(job, self.name, _outcome(error), fault=_readable(str(error)))
            is_broken = isinstance(error, TroubleError)
        except Exception as error:  # noqa: BLE001 - the top of a thread
            _log.exception("%s failed", self.name)
            done, is_broken = Done(job, self.name, Outcome.FAULT, fault=type(error).__name__), True
        else:
            is_broken = False
        self._note(job, done, is_broken=is_broken)
        self._done(done)

    def _note(self, job: Job, done: Done, *, is_broken: bool) -> None:
        with self._lock:
            self._since.pop(job.letter.id, None)
            if is_broken:
                self._breaker.failed(self._clock_s())
            else:
                self._breaker.worked()
        if done.fault is not None:
            _seldom.warning(self.name, "%s did not take a message: %s", self.name, done.fault)


def _readable(text: str | None) -> str | None:
    """What a provider said, fit to be kept."""
    return "".join(letter for letter in text[:_MOST_SAID] if letter.isprintable()) if text is not None else None


def _outcome(error: SendingError) -> Outcome:
    match error:
        case GoneError():
            return Outcome.GONE
        case RefusedError():
            return Outcome.REFUSED
        case _:
            return Outcome.FAULT
