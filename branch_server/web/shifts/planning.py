"""Planned shifts and what is wrong with a plan. Pure: the plan and the setup come as arguments."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import get_args

from branch_server.domain.state import State
from foleni.messages.setup import Branch, Counter, Hours, Staff, Weekday
from foleni.words import Words, pick

_WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
DAY_MIN = 1440
DASH = "\u2013"
Span = tuple[int, int]
"""Minutes after midnight: from the first up to the second."""


@dataclass(frozen=True, slots=True)
class Shift:
    """Somebody at a counter on one day, in the branch's time. `ends_min` is behind `starts_min` and at most 1440."""

    id: str
    staff: str
    counter: str
    day: str
    starts_min: int
    ends_min: int
    note: str = ""

    def meets(self, other: "Shift") -> bool:
        """Whether both are at work at the same time."""
        return self.day == other.day and self.starts_min < other.ends_min and other.starts_min < self.ends_min

    @property
    def times(self) -> str:
        """From when to when, in words of the clock."""
        return f"{clock(self.starts_min)}{DASH}{clock(self.ends_min)}"


def clock(minutes: int) -> str:
    """`08:05` of 485; the end of the day is `24:00`."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def minutes_of(text: str) -> int:
    """485 of `08:05`."""
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def open_spans(branch: Branch | None, hours: Iterable[Hours], day: str) -> list[Span] | None:
    """When somebody is served on a day, by all of `hours` together; None where no hours are set."""
    given = list(hours)
    if branch is None or not given:
        return None
    if closure_on(branch, day) is not None:
        return []
    weekday = _WEEKDAYS[date.fromisoformat(day).weekday()]
    bounds = sorted(_span(text) for each in given for text in each.week.get(weekday, ()))
    merged: list[Span] = []
    for start, end in bounds:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def closure_on(branch: Branch | None, day: str) -> dict[str, str] | None:
    """The names of the closure that covers a day; None where the branch is not closed."""
    found = branch.closures if branch is not None else ()
    return next((dict(closure.name) for closure in found if closure.covers(date.fromisoformat(day))), None)


def conflicts_of(shift: Shift, plan: Sequence[Shift], state: State, say: Words) -> list[str]:
    """What does not fit together, in sentences; empty where all is well. `plan` may hold the shift itself."""
    others = [other for other in plan if other.id != shift.id and other.meets(shift)]
    return [*_with_others(shift, others, state, say), *_with_person(shift, state, say), *_with_hours(shift, state, say)]


def name_of(staff: str, state: State) -> str:
    known = state.staff.get(staff)
    return known.name if known is not None else staff


def label_of(counter: str, state: State) -> str:
    desk = state.desks.get(counter)
    return desk.counter.label if desk is not None else counter


def _with_others(shift: Shift, others: Sequence[Shift], state: State, say: Words) -> Iterable[str]:
    for other in others:
        if other.staff == shift.staff:
            yield say(
                "{name} is also planned at counter {counter}, {times}.",
                name=name_of(shift.staff, state), counter=label_of(other.counter, state), times=other.times,
            )  # fmt: skip
        elif other.counter == shift.counter:
            yield say("{name} is also planned at this counter, {times}.", name=name_of(other.staff, state), times=other.times)


def _with_person(shift: Shift, state: State, say: Words) -> Iterable[str]:
    staff, desk = state.staff.get(shift.staff), state.desks.get(shift.counter)
    if staff is None:
        yield say("{name} no longer works here.", name=shift.staff)
    elif not staff.active:
        yield say("{name} is not active.", name=staff.name)
    if desk is None:
        yield say("There is no counter {counter} any more.", counter=shift.counter)
    elif staff is not None and not _serves(staff, desk.counter):
        yield say("{name} serves none of the services of this counter.", name=staff.name)


def _serves(staff: Staff, counter: Counter) -> bool:
    """Whether somebody has a service of the counter; without services named they have all."""
    return staff.role == "admin" or not staff.services or any(service in staff.services for service in counter.services)


def _with_hours(shift: Shift, state: State, say: Words) -> Iterable[str]:
    branch = state.branch
    closure = closure_on(branch, shift.day)
    if branch is not None and closure is not None:
        name = pick(closure, say.language, branch.languages[0])
        yield say("The branch is closed on this day: {name}.", name=name) if name else say("The branch is closed on this day.")
        return
    spans = open_spans(branch, hours_at(shift.counter, state), shift.day)
    if spans is None:
        return
    if not spans:
        yield say("Nothing is open on this weekday.")
    elif shift.starts_min < spans[0][0] or shift.ends_min > spans[-1][1]:
        yield say("Open only {times}.", times=", ".join(f"{clock(start)}{DASH}{clock(end)}" for start, end in spans))


def hours_at(counter: str, state: State) -> list[Hours]:
    """The hours by which the services of a counter open; empty where one of them opens by hand alone."""
    desk, branch = state.desks.get(counter), state.branch
    queues = [state.queues[service] for service in desk.counter.services if service in state.queues] if desk is not None else []
    found = [queue.service.hours or (branch.hours if branch is not None else None) for queue in queues]
    return [] if None in found else [hours for hours in found if hours is not None]


def _span(text: str) -> Span:
    start, end = text.split("-")
    return minutes_of(start), minutes_of(end)
