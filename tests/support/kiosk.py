"""A kiosk in this process: all its real parts but the window, in whose place a test taps and reads the pages."""

import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, Self, TypeVar

from foleni.life import Watch
from foleni.settings import MqttUrl
from kiosk.bootstrap import Care, build
from kiosk.loop import Inbox
from kiosk.pages import Attract, ChooseService, Key, Page, ShowTicket, Tap
from kiosk.settings import KioskSettings
from tests.support.waiting import PATIENCE_S, until

B = TypeVar("B")
_SECOND_LOOK_S = 2.0
"""After so long a person touches a page again that has not changed."""


class WindowlessKiosk:
    """Lives below `data`; `start` and `stop` as often as wanted, each time a new kiosk on the old data."""

    def __init__(
        self, data: Path, mqtt: MqttUrl, printer: str, branch: str = "hall", device: str = "kiosk-1", **more: Any
    ) -> None:
        self.pages: list[Page] = []
        self.failures: list[str] = []
        self.restarts: list[str] = []
        self.settings = KioskSettings(mqtt=mqtt, branch=branch, device=device, data=data, printer=printer, **more)
        self._run_begins = 0

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> Self:
        self._run_begins = len(self.pages)
        self.inbox = Inbox()
        self.kiosk = build(
            self.settings, Care(Watch(), self.failures.append, self.restarts.append), self.inbox, self.pages.append
        )
        for _, part in self.kiosk.parts:
            part.start()
        return self

    def stop(self) -> None:
        for _, part in reversed(self.kiosk.parts):
            part.stop()
        assert not self.failures

    @property
    def page(self) -> Page | None:
        """What this run shows."""
        return self.pages[-1] if len(self.pages) > self._run_begins else None

    @property
    def numbers(self) -> list[str]:
        """All numbers that were shown, each once."""
        bodies = [page.body for page in list(self.pages)]
        return list(dict.fromkeys(body.number for body in bodies if isinstance(body, ShowTicket)))

    def sees(self, kind: type[B], within_s: float = PATIENCE_S) -> B:
        """The page, as soon as it is of this kind."""
        seen: list[B] = []

        def look() -> bool:
            body = self.page.body if self.page is not None else None
            seen.extend([body] if isinstance(body, kind) else [])
            return bool(seen)

        until(look, within_s)
        return seen[0]

    def tap(self, key: Key, value: str = "") -> None:
        """A touch that counts for the page that is shown: after the time in which nobody can have read it."""
        page = self.page
        assert page is not None
        threading.Event().wait(1.05 if isinstance(page.body, ShowTicket) else 0.35)
        self.inbox.put(Tap(key, value, page.turn))

    def go_home(self) -> None:
        """Back to the start, however far a visit had come."""
        until(lambda: self.page)
        while self.page is not None and not isinstance(self.page.body, Attract):
            self.tap(Key.DONE if isinstance(self.page.body, ShowTicket) else Key.BACK)

    def ask(self, service: str = "cash") -> None:
        """Up to the question, and not further."""
        self.begin()
        self.choose(service)

    def begin(self) -> None:
        """From the start to the choice of a service."""
        self.sees(Attract)
        until(lambda: self._leaves(Attract, Key.BEGIN))
        self.sees(ChooseService)

    def choose(self, service: str = "cash") -> None:
        """From the choice of a service to the question."""
        until(lambda: self._leaves(ChooseService, Key.SERVICE, service))

    def _leaves(self, kind: type[object], key: Key, value: str = "") -> bool:
        """Taps as a person does: again where the page changed under the finger and took the tap for none."""
        self.tap(key, value)
        with suppress(AssertionError):
            until(lambda: not self._is_at(kind), _SECOND_LOOK_S)
        return not self._is_at(kind)

    def _is_at(self, kind: type[object]) -> bool:
        return self.page is None or isinstance(self.page.body, kind)

    def take(self, service: str = "cash") -> str:
        """A ticket; its number."""
        had = len(self.numbers)
        self.ask(service)
        until(lambda: len(self.numbers) > had)
        return self.numbers[-1]
