"""What the dialogue needs to know, out of the database."""

import json
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Select, select

from cloud.queues import view
from cloud.queues.view import ServiceView, TicketView
from cloud.store.tables import branches, organizations, services, users
from cloud.ussd.layout import MOST_ITEMS
from cloud.ussd.state import Known, Named, ServiceFacts, TicketFacts, Want, Wants
from foleni.times import Instant, to_datetime
from foleni.words import pick

_BLOCKED = {"paused": "service_paused", "closed": "service_closed"}


@dataclass(frozen=True, slots=True)
class Caller:
    phone: str
    language: str
    now: Instant


def user_of(c: Connection, phone: str) -> tuple[str | None, str]:
    """Who has this number, and their language; nobody, and none, where it is new to us."""
    row = c.execute(select(users.c.id, users.c.language).where(users.c.phone == phone, users.c.is_active)).first()
    return (row.id, row.language) if row is not None else (None, "")


def known(c: Connection, wants: Wants, caller: Caller) -> Known:
    """The answer to anything but an act."""
    return _KNOWN[wants.want](c, wants, caller)


def ticket(c: Connection, seen: TicketView, language: str) -> TicketFacts:
    """A ticket in the caller's language."""
    return _tickets(c, [seen], language)[0]


def _by_code(c: Connection, wants: Wants, caller: Caller) -> Known:
    number = int(wants.value)
    rows = c.execute(_offered().where(branches.c.code == number)) if number < 2**31 else ()
    return Known(named=_named(rows, caller.language))


def _by_name(c: Connection, wants: Wants, caller: Caller) -> Known:
    """Whose name has all the words, in any of its languages; accents and capitals do not count."""
    asked = _folded(wants.value).split()
    wanted = _offered() if not wants.branch else _offered().where(branches.c.organization == wants.branch)
    rows = [row for row in c.execute(wanted) if all(word in _folded(" ".join(json.loads(row.name).values())) for word in asked)]
    found = _named(rows, caller.language) if asked else ()
    return Known(named=found[:MOST_ITEMS], wider=len(found) > MOST_ITEMS)


def _organizations(c: Connection, _wants: Wants, _caller: Caller) -> Known:
    rows = c.execute(
        select(organizations.c.id, organizations.c.name)
        .where(organizations.c.is_active)
        .where(select(branches.c.id).where(branches.c.organization == organizations.c.id, branches.c.is_active).exists())
        .order_by(organizations.c.name)
        .limit(MOST_ITEMS)
    )
    return Known(named=tuple(Named(row.id, row.name) for row in rows))


def _branches_of(c: Connection, wants: Wants, caller: Caller) -> Known:
    heading = c.execute(select(organizations.c.name).where(organizations.c.id == wants.value)).scalar() or ""
    found = _named(c.execute(_offered().where(branches.c.organization == wants.value)), caller.language)
    return Known(named=found[:MOST_ITEMS], heading=heading, wider=len(found) > MOST_ITEMS)


def _services(c: Connection, wants: Wants, caller: Caller) -> Known:
    row = c.execute(_offered().where(branches.c.id == wants.value)).first()
    if row is None:
        return Known()
    name, zone = _pick(row.name, caller.language), ZoneInfo(row.time_zone)
    told = view.services(c, wants.value, caller.now)
    live = all(service.live for service in told)
    return Known(services=tuple(_service(service, caller.language, zone) for service in told), heading=name, live=live)


def _mine(c: Connection, _wants: Wants, caller: Caller) -> Known:
    return Known(tickets=_tickets(c, view.active_of(c, caller.phone, caller.now), caller.language))


_KNOWN: dict[Want, Callable[[Connection, Wants, Caller], Known]] = {
    Want.BRANCH_BY_CODE: _by_code,
    Want.BRANCHES_BY_NAME: _by_name,
    Want.ORGANIZATIONS: _organizations,
    Want.BRANCHES_OF: _branches_of,
    Want.SERVICES: _services,
    Want.MENU: _mine,
    Want.TICKETS: _mine,
}


def _offered() -> Select[Any]:
    return (
        select(branches.c.id, branches.c.name, branches.c.time_zone)
        .join(organizations, organizations.c.id == branches.c.organization)
        .where(branches.c.is_active, organizations.c.is_active)
    )


def _named(rows: Iterable[Any], language: str) -> tuple[Named, ...]:
    """By their names, in the order of the alphabet."""
    return tuple(sorted((Named(row.id, _pick(row.name, language)) for row in rows), key=lambda one: _folded(one.name)))


def _pick(texts: str, language: str) -> str:
    return pick(json.loads(texts), language)


def _folded(text: str) -> str:
    bare = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in bare if not unicodedata.combining(letter)).casefold()


def _service(told: ServiceView, language: str, zone: ZoneInfo) -> ServiceFacts:
    block = _BLOCKED.get(told.state, "")
    if not block and told.full:
        block = "service_full"
    reopens = f"{to_datetime(told.reopens_at).astimezone(zone):%H:%M}" if block and told.reopens_at is not None else ""
    return ServiceFacts(told.id, pick(told.name, language), told.waiting, told.wait_p50_s, block, reopens)


def _tickets(c: Connection, seen: Iterable[TicketView], language: str) -> tuple[TicketFacts, ...]:
    found = list(seen)
    of = {one.branch for one in found}
    places = {row.id: row.name for row in c.execute(select(branches.c.id, branches.c.name).where(branches.c.id.in_(of)))}
    rows = c.execute(select(services.c.branch, services.c.id, services.c.name).where(services.c.branch.in_(of)))
    kinds = {(row.branch, row.id): row.name for row in rows}
    return tuple(
        TicketFacts(
            one.id, one.number or "", one.status, one.ahead, one.wait_p50_s, one.counter_label or "",
            _pick(places.get(one.branch, "{}"), language), _pick(kinds.get((one.branch, one.service), "{}"), language),
            live=one.live, checked_in=one.checked_in_at is not None,
        )
        for one in found
    )  # fmt: skip
