"""A phone in a real Chromium; and for how its pages look, a branch that stands in the cloud's database alone."""

import json
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page
from sqlalchemy import Connection, insert, update

from cloud.store import tables
from foleni.ids import uuid7
from foleni.times import MINUTE_US
from tests.support.cloud import CloudProcess
from tests.support.gateway import Gateway
from tests.support.waiting import until

BRANCH = "main-street"
_NAMES = {"en": "Main Street", "fr": "Rue Principale", "ar": "الشارع الرئيسي"}
_SERVICES: tuple[tuple[str, str, dict[str, str], str], ...] = (
    ("cash", "A", {"en": "Cash", "fr": "Caisse", "ar": "النقد", "hi": "नकद"}, "open"),
    ("enquiries", "B", {"en": "Enquiries and complaints", "fr": "Renseignements", "ar": "الاستعلامات"}, "open"),
    ("cards", "D", {"en": "Cards", "fr": "Cartes", "ar": "البطاقات"}, "paused"),
)
_TICKET: dict[str, Any] = {
    "branch": BRANCH, "command": None, "service": "cash", "provisional": False, "channel": "app", "priority": "normal",
    "day": "2026-11-21", "calls": 0, "skips": 0, "cancel_wanted": False, "near_told": False,
}  # fmt: skip


class Picture:
    """Writes the cloud's picture of one branch as its sync would: an organization, a branch that is connected for an hour, and
    services in two states.
    """

    def __init__(self, cloud: CloudProcess) -> None:
        self._cloud = cloud
        place: dict[str, Any] = {"latitude": -1.944, "longitude": 30.06, "address": "KN 4 Ave, Kigali"}
        cloud.branch(BRANCH, name=json.dumps(_NAMES), languages='["en","fr","rw"]', **place)
        cloud.run(_tell)
        self.heard(minutes_ago=-60)

    def heard(self, minutes_ago: float) -> None:
        """When the branch was last heard."""
        at = _now() - int(minutes_ago * MINUTE_US)
        self._cloud.run(lambda c: c.execute(update(tables.pulses).values(heard_at=at)).rowcount)

    def ticket(self, status: str, number: str | None = "A042", **fields: Any) -> str:
        """A ticket in this state; the token of its page."""
        token, now = secrets.token_urlsafe(16), _now()
        row = _TICKET | {"id": uuid7(), "ticket": uuid7(), "token": token, "status": status, "number": number} | fields
        row |= {"joined_at": now, "rank_at": now, "changed_at": now}
        self._cloud.run(lambda c: c.execute(insert(tables.tickets).values(row)).rowcount)
        return token

    def change(self, token: str, **fields: Any) -> None:
        """Something about a ticket is otherwise now. No bell rings."""
        change = update(tables.tickets).where(tables.tickets.c.token == token).values(changed_at=_now(), **fields)
        self._cloud.run(lambda c: c.execute(change).rowcount)


def code_for(gateway: Gateway, phone: str) -> str:
    """The newest one-time code that came to this phone."""

    def codes() -> list[str]:
        texts = (str(one["text"]) for one in gateway.messages() if one["recipient"] == phone)
        return [found.group() for text in texts if (found := re.search(r"\b\d{6}\b", text))]

    until(codes, every_s=0.1)
    return codes()[0]


@contextmanager
def phone(browser: Browser, url: str, width: int = 360, **options: Any) -> Iterator[Page]:
    """A page on a phone of its own. Whatever its scripts complain of fails the test."""
    size = {"width": width, "height": 640 if width > 320 else 568}
    context = browser.new_context(**{"base_url": url, "viewport": size, "has_touch": True, "is_mobile": True, **options})
    page = context.new_page()
    with faultless(page):
        yield page
        context.close()


@contextmanager
def faultless(page: Page) -> Iterator[None]:
    """Whatever the page's scripts complain of meanwhile fails the test."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield
    assert faults == []


def _tell(c: Connection) -> None:
    pulse = {"branch": BRANCH, "acked": 0, "acked_id": "", "day": _TICKET["day"], "skew_us": 0, "notice": "{}", "fault": ""}
    c.execute(insert(tables.pulses).values(pulse))
    for place, (service, prefix, name, state) in enumerate(_SERVICES):
        row = {
            "branch": BRANCH, "id": service, "place": place, "prefix": prefix, "name": json.dumps(name), "state": state,
            "service_time_s": 180, "issued": 0, "wait_p50_s": 1080, "wait_p90_s": 1800, "told_waiting": 12,
        }  # fmt: skip
        c.execute(insert(tables.services).values(row))
    c.execute(insert(tables.counters).values(branch=BRANCH, id="c1", label="3", services='["cash"]', state="open", staff="Eve"))


def _now() -> int:
    return time.time_ns() // 1000
