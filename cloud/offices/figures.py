"""Figures over branches and days, from the cloud's picture of their tickets. A day is the branch's business day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, case, func, select

from cloud.store.tables import tickets
from foleni.times import SECOND_US

_NEVER = ("asked", "refused")
"""Tickets that no branch ever took in."""


@dataclass(slots=True)
class Figures:
    """Of a branch, of a day, or of anything else; `channels` are tickets by how they were made."""

    tickets: int = 0
    served: int = 0
    no_shows: int = 0
    cancelled: int = 0
    waited: int = 0
    wait_us: int = 0
    channels: dict[str, int] = field(default_factory=dict)

    @property
    def mean_wait_s(self) -> int | None:
        """Of all who were called; for an appointment from the arrival on."""
        return round(self.wait_us / self.waited / SECOND_US) if self.waited else None

    @property
    def no_show_rate(self) -> float | None:
        """Of all who were called to the end, or did not come."""
        ended = self.served + self.no_shows
        return round(self.no_shows / ended, 4) if ended else None

    def add(self, row: Row[Any]) -> None:
        self.tickets += row.made
        self.served += row.made if row.status == "completed" else 0
        self.no_shows += row.made if row.status == "no_show" else 0
        self.cancelled += row.made if row.status in {"cancelled", "expired"} else 0
        self.waited += row.waited
        self.wait_us += int(row.wait_us or 0)
        self.channels[row.channel] = self.channels.get(row.channel, 0) + row.made


def rows_of(c: Connection, branches: Sequence[str], first: str, last: str) -> list[Row[Any]]:
    """Counts by branch, day, channel and status, of the business days from `first` to `last` (ISO dates)."""
    begins = case((tickets.c.channel == "appointment", tickets.c.checked_in_at), else_=tickets.c.joined_at)
    wait = tickets.c.called_at - begins
    groups = (tickets.c.branch, tickets.c.day, tickets.c.channel, tickets.c.status)
    wanted = select(
        *groups, func.count().label("made"), func.count(wait).label("waited"), func.sum(wait).label("wait_us")
    ).where(tickets.c.branch.in_(branches), tickets.c.day >= first, tickets.c.day <= last, tickets.c.status.not_in(_NEVER))
    return list(c.execute(wanted.group_by(*groups)).all())


def by(column: str, rows: Iterable[Row[Any]]) -> dict[str, Figures]:
    """Figures by `branch` or `day`, in the order of their names."""
    found: dict[str, Figures] = {}
    for row in rows:
        found.setdefault(str(getattr(row, column)), Figures()).add(row)
    return dict(sorted(found.items()))


def total(rows: Iterable[Row[Any]]) -> Figures:
    whole = Figures()
    for row in rows:
        whole.add(row)
    return whole
