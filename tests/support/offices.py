"""Branches with a past and a queue, and people with roles, in a cloud's database."""

import json
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Browser, BrowserContext
from sqlalchemy import Connection, insert, select, update

from cloud.people import accounts, passes
from cloud.people.current import COOKIE
from cloud.people.keys import KeyRing
from cloud.people.rights import Role, RoleName
from cloud.store import tables
from foleni.ids import uuid7
from foleni.times import DAY_US, MINUTE_US, Instant
from tests.support.cloud import CloudProcess, Person, add_branch, add_person
from tests.support.gateway import Gateway

ORGANIZATION = "demo-bank"
_CODE = re.compile(r"\b[0-9]{6}\b")
NAMES = {"en": "Main Street", "fr": "Rue Principale", "ar": "الشارع الرئيسي"}
_SERVICES = (
    ("cash", "A", {"en": "Cash", "fr": "Caisse", "ar": "النقد"}),
    ("cards", "D", {"en": "Cards", "fr": "Cartes", "ar": "البطاقات"}),
)


def now() -> Instant:
    return Instant(time.time_ns() // 1000)


def set_up(cloud: CloudProcess) -> None:
    """`main-street` of demo-bank with a queue and two counters, `airport` of demo-bank, and `harbour` of other-bank."""
    cloud.run(_set_up)


def person(cloud: CloudProcess, role: RoleName | None, organization: str | None, branch: str | None, phone: str) -> Person:
    """Somebody with a role who is signed in."""

    def make(c: Connection) -> Person:
        made = add_person(c, phone, f"{role or 'user'} {branch or organization or ''}".strip())
        if role is not None:
            accounts.grant(c, made.user, Role(role, organization, branch), now())
        return made

    return cloud.run(make)


def cookie_of(cloud: CloudProcess, who: Person) -> str:
    """The cookie of one more sign-in of somebody."""
    return cloud.run(lambda c: passes.begin(c, KeyRing(), who.user, now()).refresh)


@contextmanager
def signed_in(browser: Browser, cloud: CloudProcess, who: Person, **options: Any) -> Iterator[BrowserContext]:
    """A browser window of its own in which somebody is signed in."""
    context = browser.new_context(base_url=cloud.url, **options)
    context.add_cookies(
        [{"name": COOKIE, "value": cookie_of(cloud, who), "url": cloud.url, "httpOnly": True, "sameSite": "Strict"}]
    )
    try:
        yield context
    finally:
        context.close()


def codes(gateway: Gateway, phone: str) -> list[str]:
    """The codes that were sent to a phone, the newest first."""
    texts = [str(one["text"]) for one in gateway.messages() if one["recipient"] == phone]
    return [found.group() for text in texts if (found := _CODE.search(text))]


def heard(cloud: CloudProcess, branch: str, minutes_ago: float) -> None:
    """When a branch was last heard; a negative figure keeps it connected for long."""
    at = now() - int(minutes_ago * MINUTE_US)
    cloud.run(lambda c: c.execute(update(tables.pulses).where(tables.pulses.c.branch == branch).values(heard_at=at)).rowcount)


def ticket_row(branch: str, status: str, number: str, **fields: Any) -> dict[str, Any]:
    """A row of `tickets`."""
    joined_at = fields.pop("joined_at", now())
    return {
        "id": uuid7(), "branch": branch, "ticket": uuid7(), "command": None, "token": secrets.token_urlsafe(16),
        "number": number, "service": "cash", "status": status, "provisional": False, "channel": "kiosk", "priority": "normal",
        "day": datetime.fromtimestamp(joined_at / 1e6, UTC).date().isoformat(), "joined_at": joined_at, "rank_at": joined_at,
        "checked_in_at": joined_at, "called_at": None, "ended_at": None, "counter": None, "calls": 0, "skips": 0, "phone": None,
        "name": None, "user": None, "cancel_wanted": False, "near_told": False, "changed_at": now(),
    } | fields  # fmt: skip


def _set_up(c: Connection) -> None:
    for branch, organization, name in (
        ("main-street", ORGANIZATION, NAMES),
        ("airport", ORGANIZATION, {"en": "Airport", "fr": "Aéroport", "ar": "المطار"}),
        ("harbour", "other-bank", {"en": "Harbour", "fr": "Port", "ar": "الميناء"}),
    ):
        add_branch(c, branch, organization, name=json.dumps(name))
        pulse = {"branch": branch, "acked": 0, "acked_id": "", "day": "", "skew_us": 0, "notice": "{}", "fault": ""}
        c.execute(insert(tables.pulses).values(pulse | {"heard_at": now() + DAY_US if branch == "main-street" else None}))
        _furnish(c, branch)
    _past(c)
    _queue(c)


def _furnish(c: Connection, branch: str) -> None:
    for place, (service, prefix, name) in enumerate(_SERVICES):
        row = {"branch": branch, "id": service, "place": place, "prefix": prefix, "name": json.dumps(name), "state": "open"}
        c.execute(insert(tables.services).values(row | {"service_time_s": 180, "issued": 0, "told_waiting": 0}))
    for counter in ("1", "2"):
        row = {"branch": branch, "id": f"c{counter}", "label": counter, "services": '["cash","cards"]', "state": "open"}
        c.execute(insert(tables.counters).values(row))


def _past(c: Connection) -> None:
    rows = []
    for day in range(1, 15):
        for one in range(20 + day * 3 % 17):
            joined = Instant(now() - day * DAY_US - one * MINUTE_US)
            branch = "airport" if one % 3 == 0 else "main-street"
            ended = {"called_at": joined + (5 + one % 9) * MINUTE_US, "ended_at": joined + 20 * MINUTE_US}
            status = "no_show" if one % 11 == 5 else "completed"
            channel = ("kiosk", "kiosk", "app", "ussd")[one % 4]
            rows.append(ticket_row(branch, status, f"A{one:03d}", joined_at=joined, channel=channel, **ended))
    c.execute(insert(tables.tickets), rows)


def _queue(c: Connection) -> None:
    rows = [
        ticket_row(
            "main-street", "waiting", f"A{46 + one:03d}", joined_at=now() - (36 - 4 * one) * MINUTE_US,
            channel=("kiosk", "app", "staff")[one % 3], checked_in_at=None if one % 3 == 1 else now(),
            service=("cash", "cards")[one % 2],
        )
        for one in range(8)
    ]  # fmt: skip
    called = ticket_row(
        "main-street",
        "called",
        "A045",
        joined_at=now() - 30 * MINUTE_US,
        counter="c1",
        called_at=now() - 2 * MINUTE_US,
        calls=1,
    )
    c.execute(insert(tables.tickets), [*rows, called])
    held = update(tables.counters).where(tables.counters.c.branch == "main-street", tables.counters.c.id == "c1")
    c.execute(held.values(in_hand=called["ticket"]))


def day(ago: int) -> str:
    """The ISO date so many days ago, in UTC."""
    return (datetime.now(UTC) - timedelta(days=ago)).date().isoformat()


def called_ticket(c: Connection, branch: str) -> str:
    """The id of a ticket that is called at a branch."""
    called = select(tables.tickets.c.id).where(tables.tickets.c.branch == branch, tables.tickets.c.status == "called")
    return str(c.execute(called.limit(1)).scalar_one())
