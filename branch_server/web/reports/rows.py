"""Single tickets of a report: what is known of each, but no phone number and no name."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from branch_server.web.reports.desks import DayStory
from branch_server.web.reports.packs import Row, times_of
from branch_server.web.reports.query import Query
from branch_server.web.reports.reading import Past
from foleni.times import to_wire

MOST_ROWS = 500
_COLUMNS = (
    "id", "service", "channel", "status", "counter", "staff", "joined_at", "called_at", "started_at", "ended_at", "stars",
    "number", "priority", "skips", "outcome", "language", "offline",
)  # fmt: skip
_ROW = len(Row._fields)
FIELDS = (
    "ticket", "day", "number", "service", "channel", "priority", "status", "counter", "staff", "joined_at", "called_at",
    "started_at", "ended_at", "wait_s", "service_s", "skips", "outcome", "stars", "language", "offline",
)  # fmt: skip
"""What a ticket's line has, in its order."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list of tickets goes on: behind this ticket of this day."""

    day: str
    ticket: str


def tickets(past: Past, query: Query, behind: Place | None = None) -> Iterator[dict[str, Any]]:
    """The tickets of a query, by day and by when they were taken."""
    first = max(query.period.first, behind.day) if behind is not None else query.period.first
    statement, values = _asked(query)
    for day in past.days_between(first, query.period.last):
        found = past.select(statement, (day, *values))
        story = past.story(day, None) if found else DayStory()
        if behind is not None and behind.day == day:
            place = next((place for place, row in enumerate(found) if row[0] == behind.ticket), -1)
            found = found[place + 1 :]
        yield from (_line(day, row, story) for row in found)


def _asked(query: Query) -> tuple[str, list[Any]]:
    conditions, values = ["day = ?"], list[Any]()
    if query.services is not None:
        conditions.append(f"service IN ({', '.join('?' * len(query.services))})")
        values += query.services
    for column, value in (("counter", query.counter), ("staff", query.staff), ("channel", query.channel)):
        if value is not None:
            conditions.append(f"{column} = ?")
            values.append(value)
    text = f"SELECT {', '.join(_COLUMNS)} FROM tickets WHERE {' AND '.join(conditions)} ORDER BY joined_at, id"  # noqa: S608 - our own names and marks
    return text, values


def _line(day: str, found: tuple[Any, ...], story: DayStory) -> dict[str, Any]:
    row = Row(*found[:_ROW])
    number, priority, skips, outcome, language, offline = found[_ROW:]
    values = (
        row.id, day, number, row.service, row.channel, priority, row.status, row.counter, row.staff, to_wire(row.joined_at),
        *(to_wire(at) if at is not None else None for at in (row.called_at, row.started_at, row.ended_at)),
        *times_of(row, story), skips, outcome, row.stars, language,
        bool(offline),
    )  # fmt: skip
    return dict(zip(FIELDS, values, strict=True))
