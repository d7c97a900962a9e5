"""The audit log as people read it: the lines of the web side, and what devices and the house wrote into the branch's log.

Both are walked backwards by their own numbers and merged by time, so a page costs the same however long they are.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Engine, Row, func, select

from branch_server.adapters.db.tables import events, tickets
from branch_server.web.people.audit_words import GROUPS
from branch_server.web.people.walk import CHUNK, Walk
from branch_server.web.store.tables import audit

_BEHIND_COMMAND = 60
"""An event of a command lies at most so far before the point that its answer names."""
_MOST_TICKETS = 10
_SUBJECTS = ("counter", "alert", "service", "staff", "device", "priority", "template", "branch")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; times in microseconds, `until` is the first that is not wanted."""

    who: str = ""
    about: str = ""
    outcome: str = ""
    since: int | None = None
    until: int | None = None
    number: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the reading goes on: before line `n` of the audit, and before event `seq`. None is from the end."""

    n: int | None = None
    seq: int | None = None

    def __str__(self) -> str:
        return f"{self.n if self.n is not None else ''}-{self.seq if self.seq is not None else ''}"


@dataclass(frozen=True, slots=True)
class Line:
    """What somebody did. `numbers` are the tickets that it was done to; `n` or `seq` is where it stands."""

    at: int
    who: str
    role: str
    address: str
    action: str
    subject: str
    outcome: str
    detail: str
    numbers: tuple[str, ...]
    n: int | None = None
    seq: int | None = None
    command: str | None = None
    log_seq: int | None = None
    """How far the branch's log had come when the command was answered."""


@dataclass(frozen=True, slots=True)
class Page:
    """`onward` is where older lines begin; None where there are none. `cut` says that the search ended early."""

    lines: list[Line]
    onward: Place | None
    cut: bool = False


def place_of(text: str) -> Place:
    """The place that `str(place)` wrote; the end of both for anything else."""
    n, _, seq = text.partition("-")
    return Place(*(int(part) if part.isascii() and part.isdigit() and len(part) < 16 else None for part in (n, seq)))


class Trail:
    """Reads both databases; blocking, so it is asked on a thread."""

    def __init__(self, web_db: Engine, branch_db: Engine) -> None:
        self._web_db = web_db
        self._branch_db = branch_db

    def page(self, wanted: Wanted, before: Place, most: int) -> Page:
        """Up to `most` lines before a place, the newest first."""
        with self._web_db.connect() as web, self._branch_db.connect() as branch:
            reading = _Reading(web, branch, wanted)
            if wanted.number:
                return Page(reading.of_number()[:most], None)
            return reading.merged(before, most)


class _Reading:
    def __init__(self, web: Connection, branch: Connection, wanted: Wanted) -> None:
        self._web, self._branch, self._wanted = web, branch, wanted

    def merged(self, before: Place, most: int) -> Page:
        """Lines of both logs in the order of time. Where one of them was cut, no older line of the other is told yet."""
        mine, theirs = self._audit_walk(before.n), self._event_walk(before.seq)
        lines: list[Line] = []
        while len(lines) < most and (mine.head or theirs.head) and not mine.cut and not theirs.cut:
            is_mine = theirs.head is None or (mine.head is not None and mine.head.at >= theirs.head.at)
            taken = (mine if is_mine else theirs).take()
            lines += [taken] if taken else []
        cut = mine.cut or theirs.cut
        more = bool(mine.head or theirs.head) or cut
        n = mine.head.n if mine.head else mine.floor - 1
        seq = theirs.head.seq if theirs.head else theirs.floor - 1
        onward = Place((n or 0) + 1, (seq or 0) + 1) if more else None
        return Page([self._filled(line) for line in lines], onward, cut)

    def of_number(self) -> list[Line]:
        """All that happened to the latest tickets with a number."""
        found = self._tickets_of(self._wanted.number)
        rows = [row for ticket in found for row in self._events_of(ticket)]
        commands = {row.command for row in rows if row.command}
        ids = [ticket.id for ticket in found]
        about = audit.c.subject.in_(ids) | audit.c.command.in_(commands)
        query = select(audit).where(about, *self._audit_filters()).order_by(audit.c.n.desc()).limit(CHUNK)
        mine = [self._filled(_of_audit(row)) for row in self._web.execute(query)]
        theirs = self._made_of_events(rows) if self._wanted.outcome in {"", "ok"} else []
        return sorted([*mine, *theirs], key=lambda line: -line.at)

    def _audit_walk(self, before: int | None) -> Walk[Line]:
        bounds = self._bounds(before, self._line_at)
        return Walk(self._web, audit.c.n, self._audit_filters(), bounds, lambda rows: [_of_audit(row) for row in rows])

    def _event_walk(self, before: int | None) -> Walk[Line]:
        """Events that nobody asked for through the web side: devices, time, the setup."""
        bounds = self._bounds(before, self._seq_at)
        if self._wanted.outcome not in {"", "ok"}:
            bounds = (0, 0)
        return Walk(self._branch, events.c.seq, self._event_filters(), bounds, self._made_of_events)

    def _bounds(self, before: int | None, number_at: Callable[[int], int]) -> tuple[int | None, int]:
        """Before which number the walk begins, and where it ends: by the place, and by the days that are wanted."""
        wanted = self._wanted
        if before is None and wanted.until is not None:
            before = number_at(wanted.until)
        return before, number_at(wanted.since) if wanted.since is not None else 0

    def _made_of_events(self, rows: list[Any]) -> list[Line]:
        known = self._asked_here(rows)
        return [_of_event(row) for row in rows if row.command not in known]

    def _event_filters(self) -> list[ColumnElement[bool]]:
        wanted = self._wanted
        found = self._in_time(events.c.at)
        if wanted.who:
            found.append(events.c.actor == wanted.who)
        if wanted.about in GROUPS:
            found.append(events.c.type.in_(GROUPS[wanted.about]))
        return found

    def _audit_filters(self) -> list[ColumnElement[bool]]:
        wanted, found = self._wanted, self._in_time(audit.c.at)
        if wanted.who:
            found.append(audit.c.who == wanted.who)
        if wanted.about in GROUPS:
            found.append(audit.c.action.in_(GROUPS[wanted.about]))
        if wanted.outcome:
            found.append(audit.c.outcome == "ok" if wanted.outcome == "ok" else audit.c.outcome != "ok")
        return found

    def _in_time(self, at: Column[int]) -> list[ColumnElement[bool]]:
        since, until = self._wanted.since, self._wanted.until
        after = [at >= since] if since is not None else []
        return [*after, at < until] if until is not None else after

    def _asked_here(self, rows: Any) -> set[str]:
        """Those commands of events that have a line of their own."""
        commands = {row.command for row in rows if row.command}
        return set(self._web.scalars(select(audit.c.command).where(audit.c.command.in_(commands)))) if commands else set()

    def _filled(self, line: Line) -> Line:
        """The line with the tickets that it was done to."""
        numbers = line.numbers
        if line.command and line.log_seq is not None:
            numbers = self._numbers(line.command, line.log_seq)
        if not numbers and line.n is not None and line.subject:
            numbers = tuple(self._branch.scalars(select(tickets.c.number).where(tickets.c.id == line.subject)))
        return replace(line, numbers=numbers)

    def _numbers(self, command: str, seq: int) -> tuple[str, ...]:
        near = select(events.c.data).where(
            events.c.seq > seq - _BEHIND_COMMAND, events.c.seq <= seq, events.c.command == command
        )  # fmt: skip
        found = [json.loads(data).get("number") for data in self._branch.scalars(near.order_by(events.c.seq))]
        return tuple(dict.fromkeys(number for number in found if number))

    def _tickets_of(self, number: str) -> list[Row[Any]]:
        wanted = self._wanted
        query = select(tickets.c.id, tickets.c.joined_at, tickets.c.ended_at).where(tickets.c.number == number)
        if wanted.since is not None:
            query = query.where(tickets.c.joined_at >= wanted.since)
        if wanted.until is not None:
            query = query.where(tickets.c.joined_at < wanted.until)
        return list(self._branch.execute(query.order_by(tickets.c.day.desc()).limit(_MOST_TICKETS)))

    def _events_of(self, ticket: Row[Any]) -> list[Row[Any]]:
        """A ticket's events lie between the time it joined and some hours after its end: a rating comes late."""
        first = max(0, self._seq_at(ticket.joined_at) - 1)
        is_its = events.c.data.contains(ticket.id, autoescape=True)
        query = select(events).where(events.c.seq >= first, is_its, *self._event_filters())
        if ticket.ended_at is not None:
            query = query.where(events.c.seq <= self._seq_at(ticket.ended_at + 12 * 3_600_000_000))
        return list(self._branch.execute(query.order_by(events.c.seq.desc()).limit(CHUNK)))

    def _line_at(self, instant: int) -> int:
        """The first line of the audit at an instant or after it."""
        first = select(audit.c.n).where(audit.c.at >= instant).order_by(audit.c.at, audit.c.n).limit(1)
        found = self._web.scalar(first)
        return int(found) if found is not None else int(self._web.scalar(select(func.max(audit.c.n))) or 0) + 1

    def _seq_at(self, instant: int) -> int:
        """The first event at an instant or after it; events have no index by time, but their numbers follow it."""
        low, high = 0, int(self._branch.scalar(select(events.c.seq).order_by(events.c.seq.desc()).limit(1)) or 0) + 1
        while low < high:
            middle = (low + high) // 2
            steady = self._branch.scalar(select(events.c.steady).where(events.c.seq >= middle).order_by(events.c.seq).limit(1))
            if steady is None or steady >= instant:
                high = middle
            else:
                low = middle + 1
        return low


def _of_audit(row: Row[Any]) -> Line:
    said = (row.at, row.who, row.role, row.address, row.action, row.subject, row.outcome, row.detail or "", ())
    return Line(*said, n=row.n, command=row.command, log_seq=row.seq)


def _of_event(row: Row[Any]) -> Line:
    data = json.loads(row.data)
    number, named = data.get("number"), (data.get(key) for key in _SUBJECTS)
    subject = next((_name_of(thing) for thing in named if thing), "")
    return Line(row.at, row.actor, "", "", row.type, subject, "ok", "", (str(number),) if number else (), seq=row.seq)


def _name_of(thing: Any) -> str:
    """What an event names by its id, or describes whole."""
    return str(thing.get("id", "")) if isinstance(thing, dict) else str(thing)
