"""An outbox to put messages into, as the cloud's own code does, beside whoever sends them."""

import json
import threading
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, case, delete, insert, null, select, update

from cloud.notices.outbox import Channel, Occasion, tell
from cloud.notices.providers.provider import Letter
from cloud.store.database import Database
from cloud.store.tables import (
    branches,
    metadata,
    notifications,
    opt_outs,
    organizations,
    push_subscriptions,
    services,
    tickets,
    users,
)
from foleni.times import SECOND_US, Instant

PHONE = "+250788000001"
NOW = Instant(1_790_000_000 * SECOND_US)
LINK = "https://q.example.org/t/abcdefghijklmnopqrstuv"
VALUES = {"number": "A042", "service": "Cash", "ahead": "3", "counter": "3", "time": "14:30", "code": "482913", "minutes": "5"}


class Company:
    """A provider in memory: answers with `fault`, or hangs while its `gate` is closed."""

    at_once = 2

    def __init__(self, name: str = "company", channels: frozenset[Channel] = frozenset({Channel.SMS})) -> None:
        self.name, self.channels = name, channels
        self.fault: Exception | None = None
        self.in_hand = 0
        self.gate = threading.Event()
        self.gate.set()

    def send(self, letter: Letter) -> str | None:
        self.in_hand += 1
        self.gate.wait(60)
        if self.fault is not None:
            raise self.fault
        return f"id-{letter.id}"


def opened(address: str) -> Database:
    """The database behind `address`, with its tables and a branch `main-street`."""
    database = Database(address, threads=4)
    database.open()
    database.run_here(_branch)
    return database


def sqlite_at(folder: Path) -> str:
    return f"sqlite:///{folder / 'cloud.sqlite'}"


def empty(database: Database) -> None:
    """As `opened` makes it."""

    def work(c: Connection) -> None:
        for table in reversed(metadata.sorted_tables):
            c.execute(delete(table))
        _branch(c)

    database.run_here(work)


def put(database: Database, kind: Occasion, once: str, now: Instant, **more: Any) -> int:
    """A message about a ticket to `PHONE`, committed; how many are new."""
    given: dict[str, Any] = {
        "branch": "main-street", "phone": PHONE, "language": "en", "values": VALUES, "link": None if kind == "otp" else LINK,
    }  # fmt: skip
    return database.run_here(lambda c: tell(c, kind=kind, now=now, once=once, **(given | more)))


def row(database: Database, once: str, channel: str = "sms") -> Any:
    """The row of a message; None where there is none."""
    mark = once if channel == "push" else f"{once}:{channel}"
    found = notifications.c.once.startswith(f"{once}:push:") if channel == "push" else notifications.c.once == mark
    return database.run_here(lambda c: c.execute(select(notifications).where(found)).one_or_none())


def state(database: Database, once: str, channel: str = "sms") -> str | None:
    found = row(database, once, channel)
    return found.state if found is not None else None


def hurry(database: Database, once: str) -> None:
    """What pause or claim the messages have whose marks begin so, is over."""
    changed = update(notifications).where(notifications.c.once.startswith(once), notifications.c.state == "queued")
    over = {"due_at": 0, "claimed_until": case((notifications.c.claimed_until.is_(None), null()), else_=0)}
    database.run_here(lambda c: c.execute(changed.values(over)).rowcount)


def add_user(database: Database, user: str = "u1", phone: str | None = PHONE, **more: Any) -> str:
    """A person who has signed up; `wishes` as a dictionary."""
    wishes = json.dumps(more.pop("wishes", {}))
    given = {"id": user, "phone": phone, "name": "", "language": "en", "wishes": wishes, "created_at": 0, "seen_at": 0,
             "is_active": True, **more}  # fmt: skip
    database.run_here(lambda c: c.execute(insert(users).values(given)).rowcount)
    return user


def add_browser(database: Database, user: str, endpoint: str, keys: dict[str, str], name: str = "b1") -> str:
    given = {"id": name, "user": user, "endpoint": endpoint, "keys": json.dumps(keys), "created_at": 0}
    database.run_here(lambda c: c.execute(insert(push_subscriptions).values(given)).rowcount)
    return name


def browsers(database: Database) -> list[str]:
    return database.run_here(lambda c: list(c.execute(select(push_subscriptions.c.id)).scalars()))


def is_opted_out(database: Database, phone: str = PHONE) -> bool:
    which = select(opt_outs).where(opt_outs.c.recipient == phone)
    return database.run_here(lambda c: c.execute(which).one_or_none()) is not None


def set_texts(database: Database, texts: dict[str, dict[str, str]]) -> None:
    """The branch's own words."""
    database.run_here(lambda c: c.execute(update(branches).values(texts=json.dumps(texts))).rowcount)


def add_ticket(database: Database, ticket: str, **more: Any) -> str:
    """A ticket of the cloud's picture."""
    given = {
        "id": ticket, "branch": "main-street", "ticket": ticket, "token": f"token-{ticket}", "number": "A042",
        "service": "cash", "status": "waiting", "provisional": False, "channel": "appointment", "priority": "normal",
        "day": "2026-11-21", "joined_at": 0, "calls": 0, "skips": 0, "phone": PHONE, "language": "fr",
        "cancel_wanted": False, "near_told": False, "changed_at": 0, **more,
    }  # fmt: skip
    database.run_here(lambda c: c.execute(insert(tickets).values(given)).rowcount)
    return ticket


def _branch(c: Connection) -> None:
    if c.execute(select(branches.c.id)).first() is not None:
        return
    named = {"id": "main-street", "organization": "bank", "name": json.dumps({"en": "Main Street", "fr": "Rue Principale"})}
    branch = {"time_zone": "Africa/Kigali", "languages": '["en"]', "business_day_starts": "04:00", "address": "", "code": 1,
              "near_ahead": 3, "texts": "{}", "setup": "{}", "is_active": True, "created_at": 0}  # fmt: skip
    service = {"branch": "main-street", "id": "cash", "place": 0, "prefix": "A", "name": json.dumps({"fr": "Caisse"}),
               "state": "open", "service_time_s": 120, "issued": 0, "told_waiting": 0}  # fmt: skip
    c.execute(insert(organizations).values(id="bank", name="Bank", is_active=True, created_at=0))
    c.execute(insert(branches).values(named | branch))
    c.execute(insert(services).values(service))
