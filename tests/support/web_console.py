"""A counter's console in a real browser, and the queue behind it in a known state."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.support.web import Visitor, WebBranch, signed_in

DESK = {"width": 1366, "height": 768}
_RESTING = re.compile("resting|working")
_BUSY = re.compile("busy")
_sessions: dict[tuple[str, str], Any] = {}
"""Who has signed in where, by address and person: a PIN is slow to check, on purpose."""


class Queue:
    """The queue, asked over HTTP by an administrator."""

    def __init__(self, branch: WebBranch) -> None:
        self.branch = branch
        self._ada = branch.person("ada")

    def join(self, service: str = "cash", **more: Any) -> dict[str, Any]:
        """A new ticket: the result of the join."""
        return self.ask("/tickets", {"service": service, "channel": "staff", **more})

    def ask(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """The result of a command that must be accepted."""
        answer = self._ada.post(f"/api/v1{path}", body or {})
        assert answer.status_code == 200, f"{path}: {answer.text}"
        result: dict[str, Any] = answer.json()["result"]
        return result

    def in_hand(self, counter: str = "c1") -> str | None:
        """The number in a counter's hand."""
        held = self._ada.get(f"/api/v1/counters/{counter}").json()["in_hand"]
        return held["number"] if held else None

    def state(self, counter: str = "c1") -> str:
        """Whether a counter is open, closed or on a break."""
        return str(self._ada.get(f"/api/v1/counters/{counter}").json()["state"])

    def clear(self) -> None:
        """Nobody waits, no counter is open: as the first customer of the day finds it."""
        for counter, now in self._ada.get("/api/v1/counters").json()["counters"].items():
            if now["waiting"] or now["in_hand"]:
                self.ask(f"/counters/{counter}/open", {"staff": "ada"})
                while self._ada.post(f"/api/v1/counters/{counter}/call-next", {}).status_code == 200:
                    pass
        for counter, now in self._ada.get("/api/v1/counters").json()["counters"].items():
            if now["state"] != "closed":
                self.ask(f"/counters/{counter}/close")

    def visitor(self) -> Visitor:
        """The administrator's HTTP client."""
        return self._ada


class Console:
    """What a clerk sees and does. Whatever the page's scripts complain of is in `faults`."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))

    @property
    def number(self) -> Locator:
        return self.page.locator("#hand-number")

    @property
    def sheet(self) -> Locator:
        return self.page.locator("dialog[open]")

    def holds(self, number: str | None) -> None:
        """Waits until this number is in hand, and what brought it there is over."""
        expect(self.number).to_have_text(number or "—")
        self.rests()

    def rests(self) -> None:
        """Waits until no command is under way: a key or a click before that is a slip, and does nothing."""
        expect(self.page.locator("#desk")).not_to_have_class(_BUSY)
        expect(self.page.locator("#call-next")).not_to_have_class(_RESTING)

    def says(self, text: str) -> None:
        """Waits until a message has these words."""
        expect(self.page.locator(".toast").filter(has_text=text).first).to_be_visible()

    def press(self, key: str) -> None:
        """Presses a key, no sooner after a command than another one is meant."""
        self.rests()
        self.page.keyboard.press(key)

    def waits(self, *numbers: str) -> None:
        """Waits until these numbers are the queue, in this order."""
        expect(self.page.locator("#waiting .opener")).to_have_text(list(numbers))

    def sit(self, label: str = "1") -> None:
        """Chooses a counter, which opens."""
        self.page.locator(".seat", has=self.page.locator(".seat-label", has_text=label)).click()
        expect(self.page.locator("#desk[data-state=open]")).to_be_visible()


@contextmanager
def console(
    browser: Browser, branch: WebBranch, staff: str = "eve", path: str = "/console", **options: Any
) -> Iterator[Console]:
    """The console of somebody who has signed in; its scripts must not have complained in the end."""
    context = _window(browser, branch, staff, {"viewport": DESK, **options})
    shown = Console(context.new_page())
    shown.page.goto(path)
    yield shown
    context.close()
    assert shown.faults == []


def _window(browser: Browser, branch: WebBranch, staff: str, options: dict[str, Any]) -> BrowserContext:
    known = _sessions.get((branch.url, staff))
    if known is not None:
        return browser.new_context(base_url=branch.url, storage_state=known, **options)
    context = signed_in(browser, branch, staff, **options)
    _sessions[branch.url, staff] = context.storage_state()
    return context
