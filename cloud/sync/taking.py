"""Taking in what a branch tells: its events are kept, and our picture is folded on, in one transaction."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.exc import IntegrityError

from cloud.queues import telling
from cloud.store.database import upserting
from cloud.store.tables import events, pulses, services
from cloud.sync import mailbox
from cloud.sync.fold import fold
from cloud.sync.hearing import NEW_PULSE
from cloud.sync.keeping import compact, load, save, save_events, save_pulse
from cloud.sync.picture import Fact, Picture
from foleni.ids import uuid7
from foleni.messages.sync import EventsUp, SyncEvent, WaitPicture
from foleni.times import SECOND_US, Instant

FORKED = "forked"
_MOST_TOLD = 50


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of it. `changed` is the payload for those who watch this branch, empty where nothing looks otherwise."""

    acked: int
    kept: int = 0
    forked: bool = False
    changed: bytes = b""
    commands: bool = False
    notices: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """A message of a branch, checked: `lines` are the events' own fields as text."""

    branch: str
    message: EventsUp
    lines: tuple[str, ...] = ()
    url: str = ""


@dataclass(slots=True)
class _Outcome:
    picture: Picture | None = None
    waits: set[str] = field(default_factory=set)
    commands: bool = False
    notices: int = 0


def checked(branch: str, message: EventsUp, url: str) -> Told:
    """Raises `ValueError` where the events are not numbered one by one, or hold what is no JSON."""
    if any(event.seq != number for number, event in enumerate(message.events, message.first)):
        raise ValueError("events: their numbers must follow each other from `first` on")
    if message.first + len(message.events) > 2**62 or not all(map(_is_in_reach, message.events)):
        raise ValueError("events: a number or a time is out of reach")
    return Told(branch, message, tuple(compact(event.data) for event in message.events), url)


def take(c: Connection, told: Told, now: Instant) -> Taken:
    """Keeps what is new. A gap changes nothing, and a log that is not the one that we know is refused whole."""
    branch, message = told.branch, told.message
    pulse = _pulse(c, branch)
    if message.first > pulse.acked + 1:
        save_pulse(c, branch, {"heard_at": now})
        return Taken(pulse.acked)
    known = min(len(message.events), pulse.acked + 1 - message.first)
    if _is_other_log(c, branch, message.events[:known]):
        save_pulse(c, branch, {"heard_at": now, "fault": FORKED})
        return Taken(pulse.acked, forked=True, changed=b'{"fault":true}')
    return _take_new(c, told, pulse, known, now)


def note_fault(c: Connection, branch: str, fault: str) -> int:
    """Notes why the sync of a branch stands still; how far it has come."""
    pulse = _pulse(c, branch)
    save_pulse(c, branch, {"fault": fault})
    return int(pulse.acked)


ForeignLogError = IntegrityError
"""What `take` raises where tickets of this log are already those of another branch."""


def _take_new(c: Connection, told: Told, pulse: Any, known: int, now: Instant) -> Taken:
    message, branch = told.message, told.branch
    new = message.events[known:]
    columns: dict[str, Any] = {"heard_at": now}
    if message.now is not None:
        columns["skew_us"] = message.now - now
    if message.events and pulse.fault:
        columns["fault"] = ""
    outcome = _Outcome()
    if new:
        save_events(c, branch, new, told.lines[known:])
        outcome.picture = _fold(c, branch, pulse, new, now)
        columns |= {"acked": new[-1].seq, "acked_id": new[-1].id, "day": outcome.picture.day,
                    "notice": compact(outcome.picture.notice)}  # fmt: skip
    outcome.waits = _take_waits(c, branch, message.waits)
    save_pulse(c, branch, columns)
    if outcome.picture is not None:
        outcome.commands = _cancel_wanted(c, branch, outcome.picture, now)
        skew_us = columns.get("skew_us", pulse.skew_us)
        outcome.notices = telling.tell_changes(c, branch, outcome.picture.changes, now, Instant(now + skew_us), told.url)
    acked = columns.get("acked", pulse.acked)
    return Taken(acked, len(new), False, _news(acked, outcome), outcome.commands, outcome.notices)


def _fold(c: Connection, branch: str, pulse: Any, new: Sequence[SyncEvent], now: Instant) -> Picture:
    facts = [fact_of(event) for event in new]
    picture = load(c, branch, pulse, facts)
    picture.day = picture.day or new[0].day
    fold(picture, facts)
    save(c, branch, picture, now)
    return picture


def fact_of(event: SyncEvent) -> Fact:
    """An event as the fold needs it."""
    at = Instant(event.steady_us) if event.steady_us is not None else event.when
    return Fact(event.seq, event.type, at, event.when, event.day, event.command, event.data)


def _pulse(c: Connection, branch: str) -> Any:
    """The branch's row, which nobody else changes until the transaction ends."""
    locked = select(pulses).where(pulses.c.branch == branch).with_for_update()
    row = c.execute(locked).one_or_none()
    if row is not None:
        return row
    c.execute(upserting(c, pulses).values(branch=branch, **NEW_PULSE).on_conflict_do_nothing())
    return c.execute(locked).one()


def _is_other_log(c: Connection, branch: str, overlap: Sequence[SyncEvent]) -> bool:
    if not overlap:
        return False
    ours = select(events.c.seq, events.c.id).where(
        events.c.branch == branch, events.c.seq.between(overlap[0].seq, overlap[-1].seq)
    )
    kept = {row.seq: row.id for row in c.execute(ours)}
    return any(kept.get(event.seq) != event.id for event in overlap)


def _take_waits(c: Connection, branch: str, waits: Sequence[WaitPicture]) -> set[str]:
    """The branch's estimates; those services whose figures are other ones now."""
    if not waits:
        return set()
    s = services.c
    wanted = select(s.id, s.wait_p50_s, s.wait_p90_s, s.told_waiting).where(s.branch == branch)
    known = {row.id: tuple(row[1:]) for row in c.execute(wanted)}
    changed = {
        one.id: {"wait_p50_s": one.wait_p50_s, "wait_p90_s": one.wait_p90_s, "told_waiting": one.waiting}
        for one in waits
        if one.id in known and known[one.id] != (one.wait_p50_s, one.wait_p90_s, one.waiting)
    }
    for service, figures in changed.items():
        c.execute(update(services).where(s.branch == branch, s.id == service).values(figures))
    return set(changed)


def _cancel_wanted(c: Connection, branch: str, picture: Picture, now: Instant) -> bool:
    """Sends down what was withdrawn before the branch knew it."""
    linked = [ticket for ticket in picture.tickets.values() if ticket.id in picture.changes.linked and ticket.cancel_wanted]
    for ticket in linked:
        command = {"id": uuid7(), "type": "cancel", "actor": ticket.channel, "ticket": ticket.ticket}
        mailbox.put(c, branch, command, ticket.channel, now)
    return bool(linked)


def _news(acked: int, outcome: _Outcome) -> bytes:
    picture = outcome.picture
    if not outcome.waits and (picture is None or not picture.changes.are_some):
        return b""
    told: dict[str, Any] = {"acked": acked, "services": sorted(outcome.waits)}
    if picture is not None:
        told["services"] = sorted(outcome.waits | picture.changes.services)
        told["tickets"] = sorted(picture.changes.tickets)[:_MOST_TOLD]
    return json.dumps(told, separators=(",", ":")).encode()


def _is_in_reach(event: SyncEvent) -> bool:
    times = [one for one in (event.at_us, event.steady_us) if one is not None]
    return all(0 <= one <= 253_370_764_800 * SECOND_US for one in times) and "\x00" not in event.id
