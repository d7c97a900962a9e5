"""Numbers of the cloud's own series, for when a branch does not answer: `AR01`. None is given twice in a business day."""

import json
from typing import Any

from sqlalchemy import Connection, Row, select

from cloud.store.database import upserting
from cloud.store.tables import branches, pulses, series, services
from foleni.days import business_day
from foleni.messages.setup import Branch
from foleni.times import Instant


def next_number(c: Connection, branch: str, service: str, now: Instant) -> tuple[str, str] | None:
    """A number for a ticket of this service and the business day that it is of; None where the branch has no letter for us."""
    row = c.execute(select(branches).where(branches.c.id == branch)).one()
    prefix = c.execute(select(services.c.prefix).where(services.c.branch == branch, services.c.id == service)).scalar()
    if not row.remote_issuer or not prefix:
        return None
    day = day_of(row, now)
    put = upserting(c, series).values(branch=branch, day=day, prefix=prefix, last=1)
    counted = put.on_conflict_do_update(index_elements=["branch", "day", "prefix"], set_={"last": series.c.last + 1})
    number = c.execute(counted.returning(series.c.last)).scalar_one()
    return f"{prefix}{row.remote_issuer}{number:02d}", day


def day_of(branch: Row[Any], now: Instant) -> str:
    """The business day of an instant at a branch (a row of `branches`)."""
    name = json.loads(branch.name) or {"en": branch.id}
    told = Branch(id=branch.id, name=name, time_zone=branch.time_zone, business_day_starts=branch.business_day_starts)
    return business_day(told, now)


def clock_of(c: Connection, branch: str, now: Instant) -> Instant:
    """What the branch's clock shows now, as far as we know."""
    skew_us = c.execute(select(pulses.c.skew_us).where(pulses.c.branch == branch)).scalar() or 0
    return Instant(now + skew_us)
