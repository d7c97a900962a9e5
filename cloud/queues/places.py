"""Branches and their services, for whoever looks where to join."""

import json
from math import asin, cos, radians, sin, sqrt
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, or_, select

from cloud.queues.status import Status, is_live
from cloud.queues.surroundings import surroundings
from cloud.store.tables import branches as branches_table
from cloud.store.tables import organizations, pulses, tickets
from cloud.store.tables import services as services_table
from foleni.messages.base import Message, Texts
from foleni.times import Instant, WireTime

Place = tuple[float, float]
"""Latitude and longitude in degrees."""
_EARTH_M = 6_371_000
_OPEN = "open"


class BranchView(Message):
    """A branch. `name` per language; `code` is what a caller types; `waiting` and `open_services` over all its services;
    `hours` as its own server describes them; `distance_m` where a place was given.
    """

    id: str
    name: Texts
    organization: str
    organization_name: str
    address: str
    latitude: float | None = None
    longitude: float | None = None
    distance_m: float | None = None
    time_zone: str
    languages: tuple[str, ...]
    code: int
    services: int = 0
    open_services: int = 0
    waiting: int = 0
    hours: dict[str, Any] | None = None
    notice: Texts = {}
    live: bool = False
    heard_at: WireTime | None = None


class ServiceView(Message):
    """A service of a branch: what somebody who joins now would find. Waits in seconds; None where they are not known."""

    id: str
    prefix: str
    name: Texts
    state: str
    waiting: int
    wait_p50_s: int | None = None
    wait_p90_s: int | None = None
    reopens_at: WireTime | None = None
    reason: str | None = None
    full: bool = False
    live: bool = False
    heard_at: WireTime | None = None


def branches(
    c: Connection,
    now: Instant,
    *,
    query: str = "",
    near: Place | None = None,
    organization: str | None = None,
    limit: int = 50,
) -> list[BranchView]:
    """Branches in use, those near a place first, else by name; only those with all words of `query` in name or address."""
    wanted = _offered()
    if organization is not None:
        wanted = wanted.where(branches_table.c.organization == organization)
    for word in query.lower().split()[:8]:
        pattern = f"%{_plain(word)}%"
        named = func.lower(branches_table.c.name).like(pattern, escape="\\")
        owned = func.lower(organizations.c.name).like(pattern, escape="\\")
        placed = func.lower(branches_table.c.address).like(pattern, escape="\\")
        wanted = wanted.where(or_(named, owned, placed))
    wanted = wanted.order_by(*_nearest_first(near) if near else (branches_table.c.name,), branches_table.c.id)
    return _views(c, wanted.limit(limit), now, near)


def branch(c: Connection, branch_id: str, now: Instant) -> BranchView | None:
    """One branch in use."""
    return next(iter(_views(c, _offered().where(branches_table.c.id == branch_id), now, None)), None)


def services(c: Connection, branch_id: str, now: Instant) -> list[ServiceView]:
    """What a branch offers, in its own order."""
    around = surroundings(c, branch_id)
    rows = c.execute(
        select(services_table).where(services_table.c.branch == branch_id).order_by(services_table.c.place, services_table.c.id)
    ).all()
    waiting = _waiting(c, tickets.c.service, tickets.c.branch == branch_id)
    return [
        ServiceView(
            id=row.id, prefix=row.prefix, name=json.loads(row.name), state=row.state, waiting=waiting.get(row.id, 0),
            wait_p50_s=wait[0] if wait else None, wait_p90_s=wait[1] if wait else None, reopens_at=row.reopens_at,
            reason=row.reason, full=is_full(row),
            live=is_live(around.heard_at, now), heard_at=around.heard_at,
        )
        for row in rows
        for wait in (around.wait(row.id, waiting.get(row.id, 0)),)
    ]  # fmt: skip


def is_full(service: Row[Any]) -> bool:
    """Whether a service (its row) has given all its tickets of today."""
    return service.daily_limit is not None and service.issued >= service.daily_limit


def _offered() -> Select[Any]:
    b = branches_table.c
    return (
        select(
            b.id, b.name, b.organization, organizations.c.name.label("organization_name"), b.address, b.latitude, b.longitude,
            b.time_zone, b.languages, b.code, b.setup, pulses.c.heard_at, pulses.c.notice,
        )
        .join(organizations, organizations.c.id == b.organization)
        .outerjoin(pulses, pulses.c.branch == b.id)
        .where(b.is_active, organizations.c.is_active)
    )  # fmt: skip


def _nearest_first(near: Place) -> tuple[Any, ...]:
    """By the square of the flat distance, which is in the right order for places that are near enough to go to."""
    north = branches_table.c.latitude - near[0]
    east = (branches_table.c.longitude - near[1]) * max(0.01, cos(radians(near[0])))
    return branches_table.c.latitude.is_(None), north * north + east * east


def _views(c: Connection, wanted: Select[Any], now: Instant, near: Place | None) -> list[BranchView]:
    rows = c.execute(wanted).all()
    ids = [row.id for row in rows]
    waiting = _waiting(c, tickets.c.branch, tickets.c.branch.in_(ids)) if ids else {}
    s = services_table.c
    offered = _counted(c, s.branch, s.branch.in_(ids)) if ids else {}
    is_open = and_(s.state == _OPEN, or_(s.daily_limit.is_(None), s.issued < s.daily_limit))
    opened = _counted(c, s.branch, and_(s.branch.in_(ids), is_open)) if ids else {}
    return [
        BranchView(
            id=row.id, name=json.loads(row.name), organization=row.organization, organization_name=row.organization_name,
            address=row.address, latitude=row.latitude, longitude=row.longitude, distance_m=_distance_m(row, near),
            time_zone=row.time_zone, languages=tuple(json.loads(row.languages)) or ("en",), code=row.code,
            services=offered.get(row.id, 0), open_services=opened.get(row.id, 0), waiting=waiting.get(row.id, 0),
            hours=_hours(row.setup), notice=json.loads(row.notice or "{}"),
            live=is_live(row.heard_at, now), heard_at=row.heard_at,
        )
        for row in rows
    ]  # fmt: skip


def _hours(setup: str | None) -> dict[str, Any] | None:
    told = json.loads(setup or "{}").get("hours")
    return told if isinstance(told, dict) else None


def _waiting(c: Connection, by: Any, where: Any) -> dict[str, int]:
    wanted = select(by, func.count()).where(where, tickets.c.status == Status.WAITING).group_by(by)
    return {row[0]: row[1] for row in c.execute(wanted)}


def _counted(c: Connection, by: Any, where: Any) -> dict[str, int]:
    return {row[0]: row[1] for row in c.execute(select(by, func.count()).where(where).group_by(by))}


def _distance_m(row: Row[Any], near: Place | None) -> float | None:
    """Along the surface of the earth (the haversine formula), to the metre."""
    if near is None or row.latitude is None or row.longitude is None:
        return None
    north, east = radians(row.latitude - near[0]), radians(row.longitude - near[1])
    part = sin(north / 2) ** 2 + cos(radians(near[0])) * cos(radians(row.latitude)) * sin(east / 2) ** 2
    return round(2 * _EARTH_M * asin(sqrt(min(1.0, part))))


def _plain(word: str) -> str:
    """Without a meaning for LIKE."""
    return word.replace("\x00", "").replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
