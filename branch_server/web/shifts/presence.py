"""Who should be here now, and who of them is not."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from branch_server.domain.state import CounterState
from branch_server.web.shifts.keeping import Shifts
from branch_server.web.shifts.planning import Shift, clock, label_of, name_of
from branch_server.web.site import Site
from foleni.times import to_datetime

GRACE_MIN = 5
"""Nobody is missed before this time of a shift has passed."""
_ROOM = "branch_server.web.shifts"


@dataclass(frozen=True, slots=True)
class Presence:
    """How many are `planned` now, and who of them sits at no counter."""

    planned: int
    missing: tuple[Shift, ...]

    def told(self, site: Site) -> dict[str, Any]:
        """In the form of the API."""
        state = site.follower.state
        missing = [
            {
                "staff": shift.staff, "name": name_of(shift.staff, state), "counter": shift.counter,
                "counter_label": label_of(shift.counter, state), "since": clock(shift.starts_min),
                "until": clock(shift.ends_min),
            }
            for shift in self.missing
        ]  # fmt: skip
        return {"planned": self.planned, "here": self.planned - len(missing), "missing": missing}


def plan_of(site: Site) -> Shifts:
    """The branch's plan."""
    plan = site.notes[_ROOM]
    assert isinstance(plan, Shifts)
    return plan


def keep_plan(site: Site) -> Shifts:
    """Opens the plan, once, at the start."""
    plan = site.notes[_ROOM] = Shifts(site.store.engine)
    return plan


def presence_of(site: Site) -> Presence:
    """Who is planned at this moment. Who sits at another counter than planned is here all the same."""
    state = site.follower.state
    zone = ZoneInfo(state.branch.time_zone if state.branch is not None else "UTC")
    there = to_datetime(site.follower.now()).astimezone(zone)
    day, minute = there.date().isoformat(), there.hour * 60 + there.minute
    seated = {desk.staff for desk in state.desks.values() if desk.state is not CounterState.CLOSED}
    due = [shift for shift in plan_of(site).between(day, day) if shift.starts_min + GRACE_MIN <= minute < shift.ends_min]
    due = [shift for shift in due if shift.staff in state.staff]
    return Presence(len({shift.staff for shift in due}), tuple(shift for shift in due if shift.staff not in seated))
