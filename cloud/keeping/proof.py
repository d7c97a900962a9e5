"""The log of erasures: a chain, so that no line can be changed or taken out unseen."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from cloud.keeping.contacts import Counts
from cloud.store.tables import chores, erasures
from foleni.times import Instant

CHORE = "retention"
_BEGINNING = "0" * 64


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with line `n` of the log."""

    n: int
    what: str


def write(c: Connection, at: Instant, organization: str | None, before: Instant, counts: Counts) -> str:
    """Writes a line; its digest. Until the transaction ends nobody else writes one."""
    c.execute(update(chores).where(chores.c.name == CHORE).values(name=CHORE))
    last = c.execute(select(erasures.c.digest).order_by(erasures.c.n.desc()).limit(1)).scalar_one_or_none() or _BEGINNING
    told = json.dumps({name: count for name, count in sorted(counts.items()) if count})
    digest = _digest(last, at, organization, before, told)
    c.execute(insert(erasures).values(at=at, organization=organization, before=before, counts=told, digest=digest))
    return digest


def faults(c: Connection) -> Iterator[Fault]:
    """Lines that are not as they were written, or no longer stand behind the one before."""
    last = _BEGINNING
    for row in c.execute(select(erasures).order_by(erasures.c.n)).all():
        if row.digest != _digest(last, row.at, row.organization, row.before, row.counts):
            yield Fault(row.n, "does not fit what stands before it")
        last = row.digest


def lines(c: Connection, most: int = 1000) -> list[Row[Any]]:
    """The newest lines first."""
    return list(c.execute(select(erasures).order_by(erasures.c.n.desc()).limit(most)).all())


def _digest(last: str, at: int, organization: str | None, before: int, counts: str) -> str:
    told = json.dumps([last, at, organization, before, counts], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(told.encode()).hexdigest()
