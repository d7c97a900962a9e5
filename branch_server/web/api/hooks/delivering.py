"""The threads that deliver: one reads the log and writes what is to be sent, and each hook has one of its own, so that a slow
one holds up nobody else."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from branch_server.adapters.mqtt.payloads import is_public, public_event
from branch_server.domain.events import Recorded
from branch_server.engine.journal import EngineError
from branch_server.web.api.hooks.book import Delivery, Hook, HookBook, News, now_us
from branch_server.web.api.hooks.sending import HttpSender, Outcome, signature
from foleni.link.backoff import Backoff
from foleni.times import DAY_US, SECOND_US

_log = logging.getLogger(__name__)

_CHUNK = 500
_LOOK_S = 5.0
_CLEAN_S = 3600.0
_STOP_S = 0.8
_MOST_DOUBLINGS = 20
SWITCHES_OFF_US = 5 * DAY_US
"""A hook that has failed for so long without a success is sent nothing more."""


class Log(Protocol):
    """What is needed of the journal: to read it."""

    def read(self, after: int, limit: int) -> Sequence[Recorded]: ...

    def close(self) -> None: ...


class Sender(Protocol):
    def send(self, url: str, body: bytes, headers: dict[str, str]) -> Outcome: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Pace:
    """How failures are waited out, in seconds: the first wait, the longest for one delivery, the longest for a hook."""

    first_s: float = 2.0
    longest_s: float = 3600.0
    rest_s: float = 300.0


class Deliverer:
    """A part of the web side. `ring` says that there may be something new; any thread may."""

    def __init__(
        self,
        book: HookBook,
        open_log: Callable[[], Log],
        newest: Callable[[], int],
        pace: Pace = Pace(),
        sender: Callable[[], Sender] = HttpSender,
    ) -> None:
        """`newest` is the number of the last event: where a branch that never had a hook begins."""
        self._book, self._open_log, self._newest, self._pace, self._sender = book, open_log, newest, pace, sender
        self._bell = threading.Event()
        self._stopping = threading.Event()
        self._workers: dict[str, _Worker] = {}
        self._thread = threading.Thread(target=self._run, name="hooks", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._bell.set()
        for worker in list(self._workers.values()):
            worker.retire()
        self._thread.join(_STOP_S)

    def ring(self) -> None:
        self._bell.set()

    def hurry(self, hook: str) -> None:
        """A person has changed a hook, or asks for a delivery now: it rests no longer."""
        worker = self._workers.get(hook)
        if worker is not None:
            worker.hurry()
        self._bell.set()

    def _run(self) -> None:
        log = self._open_log()
        cleaned_at = -_CLEAN_S
        while not self._stopping.is_set():
            self._bell.clear()
            try:
                self._read(log)
                self._staff()
                if time.monotonic() - cleaned_at >= _CLEAN_S:
                    self._book.clean()
                    cleaned_at = time.monotonic()
            except (EngineError, SQLAlchemyError) as error:
                _log.warning("webhooks wait: %s", error)
                self._stopping.wait(1.0)
            except Exception:  # noqa: BLE001 - the top of a thread
                _log.exception("webhooks wait")
                self._stopping.wait(_LOOK_S)
            self._bell.wait(_LOOK_S)
        log.close()

    def _read(self, log: Log) -> None:
        """Writes the deliveries of what is new in the log; of another log than before, from its end."""
        newest, cursor = self._newest(), self._book.cursor()
        is_idle = not any(hook.active for hook in self._book.all())
        if cursor is None or cursor > newest or (is_idle and newest - cursor >= _CHUNK):
            self._book.take((), newest)
            return
        if is_idle:
            return
        while more := log.read(cursor, _CHUNK):
            cursor = more[-1].seq
            for hook in self._book.take(_news_of(more), cursor):
                if hook in self._workers:
                    self._workers[hook].bell.set()

    def _staff(self) -> None:
        """Each active hook has a living worker."""
        active = {hook.id for hook in self._book.all() if hook.active}
        for gone in set(self._workers) - active:
            self._workers.pop(gone).retire()
        for hook in active:
            worker = self._workers.get(hook)
            if worker is None or not worker.is_alive:
                worker = self._workers[hook] = _Worker(hook, self._book, self._pace, self._sender)
                worker.start()
            else:
                worker.bell.set()


class _Worker:
    """Delivers to one hook until it is no longer active."""

    def __init__(self, hook: str, book: HookBook, pace: Pace, sender: Callable[[], Sender]) -> None:
        self.bell = threading.Event()
        self._hook, self._book, self._pace, self._sender = hook, book, pace, sender
        self._anew = threading.Event()
        self._over = False
        self._rest = Backoff(pace.first_s, pace.rest_s, floor_s=pace.first_s / 2)
        self._thread = threading.Thread(target=self._run, name=f"hook {hook}", daemon=True)

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def start(self) -> None:
        self._thread.start()

    def retire(self) -> None:
        self._over = True
        self.hurry()

    def hurry(self) -> None:
        self._anew.set()
        self.bell.set()

    def _run(self) -> None:
        sender = self._sender()
        try:
            while True:
                # Before anything is looked at: who changes it after that is heard at the end of this turn.
                self.bell.clear()
                self._anew.clear()
                if self._over:
                    return
                hook = self._book.get(self._hook)
                if hook is None or not hook.active:
                    return
                self._turn(hook, sender)
        except Exception:  # noqa: BLE001 - the top of a thread; another takes its place
            _log.exception("the webhook %s stumbled", self._hook)
        finally:
            sender.close()

    def _turn(self, hook: Hook, sender: Sender) -> None:
        """Tries the delivery that is due, or waits for one."""
        delivery = self._book.due(hook.id, now_us())
        if delivery is None:
            next_at = self._book.next_due(hook.id)
            self.bell.wait(_LOOK_S if next_at is None else min(_LOOK_S, max(0.01, (next_at - now_us()) / SECOND_US)))
            return
        outcome = sender.send(hook.url, delivery.payload.encode(), _headers(hook, delivery))
        if outcome.arrived:
            self._rest.reset()
            self._book.delivered(delivery, outcome.status or 0)
            return
        wait_us = 0 if self._anew.is_set() else self._wait_us(delivery)
        self._book.failed(delivery, outcome.status, outcome.fault or "", now_us() + wait_us)
        _log.info("webhook %s: delivery %d failed (%s, %s)", hook.id, delivery.n, outcome.fault, outcome.status)
        if hook.failing_since is not None and now_us() - hook.failing_since > SWITCHES_OFF_US:
            _log.warning("webhook %s has failed for days and is switched off", hook.id)
            self._book.switch_off(hook.id, "failing")
        elif outcome.is_down:
            self._anew.wait(0 if self._over else self._rest.next_s())

    def _wait_us(self, delivery: Delivery) -> int:
        wait = Backoff(self._pace.first_s, self._pace.longest_s, floor_s=self._pace.first_s / 2)
        for _ in range(min(delivery.attempts, _MOST_DOUBLINGS)):
            wait.next_s()
        return round(wait.next_s() * SECOND_US)


def _news_of(recorded: Sequence[Recorded]) -> list[News]:
    return [News(one.seq, one.id, one.event.type, public_event(one).decode()) for one in recorded if is_public(one.event)]


def _headers(hook: Hook, delivery: Delivery) -> dict[str, str]:
    return {
        "Foleni-Signature": signature(hook.secret, delivery.payload.encode(), int(time.time())),
        "Foleni-Event": delivery.type,
        "Foleni-Event-Id": delivery.event,
        "Foleni-Delivery": str(delivery.n),
        "Foleni-Attempt": str(delivery.attempts + 1),
    }
