"""A branch as a kiosk hears of it, and a visitor in front of a presenter."""

from dataclasses import replace
from typing import Any, TypeVar

from foleni.messages.state import DeviceConfig, Services, ServiceSummary
from foleni.station.station import Reach
from foleni.times import SECOND_US, Instant, from_wire
from kiosk.ledger.entries import Entry, Step
from kiosk.pages import Body, Key, Page, Paper, Tap
from kiosk.presenter.manners import Manners
from kiosk.presenter.news import AskFor, Given, News, Now, Wish
from kiosk.presenter.presenter import Presenter

NOON = from_wire("2026-11-20T10:00:00Z")
"""12:00 in Kigali."""


def config(**changes: Any) -> DeviceConfig:
    """Two services, A and B; a class for those who must not stand; the kiosk's letter is X."""
    given: dict[str, Any] = {
        "device": "kiosk-1",
        "kind": "kiosk",
        "branch": {
            "id": "main-street", "name": {"en": "Main Street", "fr": "Rue Principale"}, "organization": "Demo Bank",
            "time_zone": "Africa/Kigali", "languages": ["en", "fr", "rw"], "url": "https://queue.example",
        },
        "services": (
            {"id": "cash", "prefix": "A", "name": {"en": "Cash", "fr": "Caisse", "rw": "Amafaranga"}},
            {"id": "loans", "prefix": "B", "name": {"en": "Loans", "fr": "Crédits"}},
        ),
        "priorities": (
            {"id": "normal", "name": {"en": "Normal"}, "credit_min": 0},
            {"id": "priority", "name": {"en": "Elderly, pregnant, disabled"}, "credit_min": 30},
            {"id": "vip", "name": {"en": "VIP"}, "credit_min": 60},
        ),
        "issuer": "X",
    }  # fmt: skip
    return DeviceConfig(**(given | changes))


def summary(service: str = "cash", **changes: Any) -> ServiceSummary:
    given: dict[str, Any] = {
        "id": service, "prefix": "A", "name": {"en": service}, "state": "open", "waiting": 0, "wait_p50_s": 0, "wait_p90_s": 0,
    }  # fmt: skip
    return ServiceSummary(**(given | changes))


def services(*summaries: ServiceSummary, day: str = "2026-11-20") -> Services:
    return Services(seq=1, day=day, services=summaries or (summary("cash"), summary("loans")))


def entry(number: str = "A042", **changes: Any) -> Entry:
    """A ticket that the branch server gave."""
    given = Entry(
        "0190", "cash", NOON, step=Step.NUMBERED, number=number, given_at=NOON, ticket="t", ahead=12, wait_p50_s=1080,
        wait_p90_s=1800, url="/t/abc",
    )  # fmt: skip
    return replace(given, **changes)


B = TypeVar("B")


class Visitor:
    """Drives a presenter; time goes on only when told to."""

    def __init__(self, manners: Manners | None = None, *, is_open: bool = True) -> None:
        self.now = Now(1000.0, NOON)
        self.presenter = Presenter(manners or Manners(), self.now)
        self.wishes: list[Wish] = []
        if is_open:
            self.hear(config(), services(), Reach.LIVE, "ok")

    @property
    def page(self) -> Page:
        return self.presenter.page(self.now)

    @property
    def body(self) -> Body:
        return self.page.body

    def sees(self, kind: type[B]) -> B:
        """The page, which must be of this kind."""
        body = self.page.body
        assert isinstance(body, kind), body
        return body

    def hear(self, *news: News) -> "Visitor":
        for each in news:
            self.presenter.hear(each, self.now)
        return self

    def wait(self, seconds: float) -> "Visitor":
        """Time passes, with a tick at its end."""
        self.now = Now(round(self.now.steady_s + seconds, 6), Instant(self.now.wall + round(seconds * SECOND_US)))
        self.presenter.tick(self.now)
        return self

    def hit(self, key: Key, value: str = "", turn: int | None = None) -> "Visitor":
        """A touch at this very moment."""
        self.wishes += self.presenter.tap(Tap(key, value, turn), self.now)
        return self

    def tap(self, key: Key, value: str = "") -> "Visitor":
        """A touch by somebody who has read the page."""
        return self.wait(1.1).hit(key, value)

    def type(self, digits: str) -> "Visitor":
        for digit in digits:
            self.tap(Key.DIGIT, digit)
        return self

    def choose(self, service: str = "cash") -> "Visitor":
        return self.tap(Key.BEGIN).tap(Key.SERVICE, service)

    def asked(self) -> AskFor:
        """The latest wish for a ticket."""
        return next(wish for wish in reversed(self.wishes) if isinstance(wish, AskFor))

    def hold(self, number: str = "A042", paper: Paper = Paper.PRINTED, **changes: Any) -> "Visitor":
        """Choose a service and be given a number."""
        self.choose()
        return self.hear(Given(self.asked().visit, entry(number, language=self.asked().language, **changes), paper))
