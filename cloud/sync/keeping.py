"""The fold's picture, out of the tables and into them again: only what the facts speak of, and what has changed."""

import json
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Table, and_, bindparam, delete, or_, select, update

from cloud.store.database import upserting
from cloud.store.tables import branches, counters, events, pulses, services, tickets
from cloud.sync.picture import Counter, Fact, Picture, Service, Ticket
from cloud.sync.reading import names, text, texts
from foleni.messages.sync import SyncEvent

_TICKET = tuple(one.name for one in fields(Ticket))
_SERVICE = tuple(one.name for one in fields(Service))
_COUNTER = tuple(one.name for one in fields(Counter))
_CHANGED = (
    update(tickets)
    .where(tickets.c.id == bindparam("b_id"))
    .values({name: bindparam(name) for name in (*_TICKET, "changed_at") if name != "id"})
)
_JOINED = "ticket_joined"
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


def load(c: Connection, branch: str, pulse: Any, facts: Sequence[Fact]) -> Picture:
    """The picture that these facts need. Its tickets stay as they are until the transaction ends."""
    picture = Picture(pulse.day, json.loads(pulse.notice or "{}"))
    known = select(*(services.c[name] for name in _SERVICE)).where(services.c.branch == branch)
    for row in c.execute(known).mappings():
        picture.services[row["id"]] = Service(**{**row, "name": json.loads(row["name"])})
    staffed = select(*(counters.c[name] for name in _COUNTER)).where(counters.c.branch == branch)
    for row in c.execute(staffed).mappings():
        picture.counters[row["id"]] = Counter(**{**row, "services": json.loads(row["services"])})
    _load_tickets(c, branch, picture, facts)
    return picture


def _load_tickets(c: Connection, branch: str, picture: Picture, facts: Sequence[Fact]) -> None:
    ids = {text(fact.data, "ticket") for fact in facts} - {None}
    asked = {text(fact.data, "command") or fact.command for fact in facts if fact.type == _JOINED} - {None}
    if not ids:
        return
    wanted = select(*(tickets.c[name] for name in _TICKET)).where(
        tickets.c.branch == branch,
        or_(tickets.c.ticket.in_(ids), and_(tickets.c.ticket.is_(None), tickets.c.command.in_(asked))),
    )
    for row in c.execute(wanted.order_by(tickets.c.id).with_for_update()):
        ticket = Ticket(*row)
        picture.kept.add(ticket.id)
        if ticket.ticket is not None:
            picture.tickets[ticket.ticket] = ticket
        elif ticket.command is not None:
            picture.joins[ticket.command] = ticket


def save(c: Connection, branch: str, picture: Picture, now: int) -> None:
    """Writes what has changed. Raises `IntegrityError` for a new ticket that is another branch's already."""
    touched = [picture.tickets[one] for one in sorted(picture.changes.tickets) if one in picture.tickets]
    fresh = {"branch": branch, "near_told": False, "changed_at": now}
    new = [{**asdict(one), **fresh, "token": secrets.token_urlsafe(16)} for one in touched if one.id not in picture.kept]
    if new:
        c.execute(tickets.insert(), new)
    known = [{**asdict(one), "changed_at": now, "b_id": one.id} for one in touched if one.id in picture.kept]
    if known:
        c.execute(_CHANGED, known)
    _save_services(c, branch, picture)
    _save_counters(c, branch, picture)
    if picture.setup:
        _save_setup(c, branch, picture.setup)


def _save_services(c: Connection, branch: str, picture: Picture) -> None:
    rows = [
        {**asdict(picture.services[one]), "branch": branch, "name": compact(picture.services[one].name)}
        for one in sorted(picture.changes.services)
        if one in picture.services
    ]
    _upsert(c, services, rows, ("branch", "id"), _SERVICE)
    _remove(c, services, branch, picture.changes.services - picture.services.keys())


def _save_counters(c: Connection, branch: str, picture: Picture) -> None:
    rows = [
        {**asdict(picture.counters[one]), "branch": branch, "services": compact(picture.counters[one].services)}
        for one in sorted(picture.changes.counters)
        if one in picture.counters
    ]
    _upsert(c, counters, rows, ("branch", "id"), _COUNTER)
    _remove(c, counters, branch, picture.changes.counters - picture.counters.keys())


def _save_setup(c: Connection, branch: str, setup: dict[str, Any]) -> None:
    """What the branch says of itself; what it leaves out, or nobody can understand, stays as it was."""
    told: dict[str, Any] = {"setup": compact(setup), "remote_issuer": _letter(setup)}
    if name := texts(setup, "name"):
        told["name"] = compact(name)
    if languages := names(setup, "languages"):
        told["languages"] = compact(languages)
    if zone := _zone(setup):
        told["time_zone"] = zone
    starts = text(setup, "business_day_starts")
    if starts and _CLOCK.fullmatch(starts):
        told["business_day_starts"] = starts
    c.execute(update(branches).where(branches.c.id == branch).values(told))


def save_pulse(c: Connection, branch: str, told: dict[str, Any]) -> None:
    """Writes columns of the branch's row in `pulses`."""
    c.execute(update(pulses).where(pulses.c.branch == branch).values(told))


def save_events(c: Connection, branch: str, told: Sequence[SyncEvent], lines: Sequence[str]) -> None:
    """Keeps events, their own fields as text in `lines`."""
    rows = [
        {
            "branch": branch, "seq": event.seq, "id": _kept(event.id), "type": event.type, "at": event.when,
            "steady": event.steady_us if event.steady_us is not None else event.when, "day": _kept(event.day),
            "actor": _kept(event.actor), "command": None if event.command is None else _kept(event.command), "data": line,
        }
        for event, line in zip(told, lines, strict=True)
    ]  # fmt: skip
    c.execute(events.insert(), rows)


def compact(value: Any) -> str:
    """JSON as a branch writes it. Raises `ValueError` for what is none."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _upsert(c: Connection, table: Table, rows: list[dict[str, Any]], keys: tuple[str, ...], owned: Iterable[str]) -> None:
    if not rows:
        return
    put = upserting(c, table)
    changes = {name: put.excluded[name] for name in owned if name not in keys}
    c.execute(put.on_conflict_do_update(index_elements=list(keys), set_=changes), rows)


def _remove(c: Connection, table: Table, branch: str, gone: set[str]) -> None:
    if gone:
        c.execute(delete(table).where(table.c.branch == branch, table.c.id.in_(gone)))


def _kept(value: str) -> str:
    return value.replace("\x00", "\ufffd")


def _letter(setup: dict[str, Any]) -> str | None:
    letter = text(setup, "remote_issuer")
    return letter if letter and len(letter) == 1 and letter.isascii() and letter.isupper() else None


def _zone(setup: dict[str, Any]) -> str | None:
    zone = text(setup, "time_zone")
    try:
        ZoneInfo(zone or "")
    except (KeyError, ValueError, OSError):
        return None
    return zone
