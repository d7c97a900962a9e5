"""A week of the plan, as its page shows it to one person."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from branch_server.domain.state import State
from branch_server.web.people.person import Person
from branch_server.web.shifts.keeping import Shifts
from branch_server.web.shifts.planning import DASH, Shift, clock, closure_on, conflicts_of, hours_at, open_spans
from foleni.messages.setup import Counter, Staff
from foleni.times import Instant, to_datetime
from foleni.words import Words, pick

_USUAL = (8 * 60, 17 * 60)
_BESIDE_MIN = 60


def may_plan(person: Person, staff: Staff) -> bool:
    """Whether somebody plans for `staff`: a manager does for the people of his services."""
    if person.touches_all():
        return True
    return staff.role != "admin" and any(person.touches(service) for service in staff.services)


def may_use(person: Person, counter: Counter) -> bool:
    """Whether somebody plans at a counter: it serves a service that is theirs."""
    return any(person.touches(service) for service in counter.services)


def today_of(state: State, now: Instant) -> str:
    """The date on the wall of the branch."""
    zone = ZoneInfo(state.branch.time_zone if state.branch is not None else "UTC")
    return to_datetime(now).astimezone(zone).date().isoformat()


def monday_of(day: str) -> str:
    """The first day of the week that `day` lies in."""
    found = date.fromisoformat(day)
    return (found - timedelta(found.weekday())).isoformat()


def days_of(monday: str) -> list[str]:
    """The seven days from `monday` on."""
    first = date.fromisoformat(monday)
    return [(first + timedelta(number)).isoformat() for number in range(7)]


def week_of(plan: Shifts, state: State, person: Person, monday: str, today: str, say: Words) -> dict[str, Any]:
    """People and counters that the person plans for, the seven days, and their shifts with what does not fit."""
    days = days_of(monday)
    everything = plan.between(days[0], days[-1])
    shown = [shift for shift in everything if is_theirs(person, shift, state)]
    default = state.branch.languages[0] if state.branch is not None else "en"
    return {
        "monday": monday, "today": today, "version": plan.version,
        "days": [_day(day, state, say.language, default) for day in days],
        "span": _span(shown, days, state),
        "people": [
            {"id": staff.id, "name": staff.name, "active": staff.active}
            for staff in state.staff.values()
            if may_plan(person, staff) and (staff.active or any(shift.staff == staff.id for shift in shown))
        ],
        "counters": [
            {
                "id": desk.counter.id, "label": desk.counter.label,
                "services": [
                    pick(state.queues[service].service.name, say.language, default)
                    for service in desk.counter.services if service in state.queues
                ],
            }
            for desk in state.desks.values() if may_use(person, desk.counter)
        ],
        "shifts": [told(shift, everything, state, say) for shift in shown],
    }  # fmt: skip


def told(shift: Shift, plan: list[Shift], state: State, say: Words) -> dict[str, Any]:
    """One shift in the form of the API."""
    return {
        "id": shift.id, "staff": shift.staff, "counter": shift.counter, "day": shift.day, "starts": clock(shift.starts_min),
        "ends": clock(shift.ends_min), "note": shift.note, "conflicts": conflicts_of(shift, plan, state, say),
    }  # fmt: skip


def is_theirs(person: Person, shift: Shift, state: State) -> bool:
    """Whether a shift is one that the person plans; of people who are gone the counter decides."""
    staff, desk = state.staff.get(shift.staff), state.desks.get(shift.counter)
    if staff is not None:
        return may_plan(person, staff)
    return person.touches_all() or (desk is not None and may_use(person, desk.counter))


def _day(day: str, state: State, language: str, default: str) -> dict[str, Any]:
    closure = closure_on(state.branch, day)
    hours = [state.branch.hours] if state.branch is not None and state.branch.hours is not None else []
    spans = open_spans(state.branch, hours, day)
    return {
        "day": day,
        "closed": pick(closure, language, default) or DASH if closure is not None else None,
        "open": [f"{clock(start)}{DASH}{clock(end)}" for start, end in spans] if spans is not None else None,
    }


def _span(shown: list[Shift], days: list[str], state: State) -> tuple[int, int]:
    """From when to when the page draws a day, in minutes after midnight."""
    hours = [each for desk in state.desks.values() for each in hours_at(desk.counter.id, state)]
    spans = [span for day in days for span in open_spans(state.branch, hours, day) or ()]
    spans += [(shift.starts_min, shift.ends_min) for shift in shown]
    first = min((start for start, _ in spans), default=_USUAL[0])
    last = max((end for _, end in spans), default=_USUAL[1])
    return max(0, first - _BESIDE_MIN), min(24 * 60, last + _BESIDE_MIN)
