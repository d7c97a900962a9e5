"""`/api/v1/shifts`: the plan for its page. Every change is in the audit log."""

import uuid
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field, StringConstraints
from starlette.responses import JSONResponse, Response, StreamingResponse

from branch_server.domain.refusals import Refused
from branch_server.web.people import rights
from branch_server.web.people.current import signed_in
from branch_server.web.people.person import Person
from branch_server.web.people.rights import Action
from branch_server.web.shifts.planning import DAY_MIN, Shift, minutes_of
from branch_server.web.shifts.presence import plan_of, presence_of
from branch_server.web.shifts.week import days_of, is_theirs, may_plan, may_use, monday_of, today_of, told, week_of
from branch_server.web.site import Site, site_of
from branch_server.web.streaming import streamed
from foleni.ids import Slug
from foleni.messages.base import Message, Uuid
from foleni.messages.replies import Code
from foleni.messages.setup import Day
from foleni.words import Words, words

ROOM, BASE = "branch_server.web.shifts", "branch_server.web.base"
SHORTEST_MIN = 15
_FARTHEST_DAYS = 800
_MOST_AT_ONCE = 1000

router = APIRouter(prefix="/api/v1/shifts", include_in_schema=False)
Planner = Annotated[Person, Depends(signed_in)]
Here = Annotated[Site, Depends(site_of)]
Clock = Annotated[str, StringConstraints(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]


class ShiftBody(Message):
    """What somebody plans. `24:00`, or `00:00` as an end, is the end of the day."""

    staff: Slug
    counter: Slug
    day: Day
    starts: Clock
    ends: Clock
    note: Annotated[str, StringConstraints(max_length=200)] = ""

    @property
    def starts_min(self) -> int:
        return minutes_of(self.starts)

    @property
    def ends_min(self) -> int:
        return minutes_of(self.ends) or DAY_MIN

    def as_shift(self, shift: str) -> Shift:
        return Shift(shift, self.staff, self.counter, self.day.isoformat(), self.starts_min, self.ends_min, self.note)


class CopyBody(Message):
    """Two weeks, each by any of its days."""

    source: Annotated[Day, Field(alias="from")]
    target: Annotated[Day, Field(alias="to")]


class RemoveBody(Message):
    ids: Annotated[tuple[Uuid, ...], Field(min_length=1, max_length=_MOST_AT_ONCE)]


@router.get("")
async def week(site: Here, person: Planner, day: Day | None = None) -> Response:
    """The week that `day` lies in; without it this week."""
    rights.check(person, Action.PLAN_SHIFTS)
    state = site.follower.state
    today = today_of(state, site.follower.now())
    monday = monday_of(_near(day, today) if day is not None else today)
    return JSONResponse(week_of(plan_of(site), state, person, monday, today, _words(person)))


@router.get("/now")
async def now(site: Here, person: Planner) -> Response:
    """Who is planned now, and who of them sits at no counter."""
    if not rights.may(person, Action.SEE_REPORTS):
        rights.check(person, Action.PLAN_SHIFTS)
    return JSONResponse(presence_of(site).told(site))


@router.get("/stream")
async def stream(site: Here, person: Planner) -> StreamingResponse:
    """Event `shifts` whenever the plan has changed."""
    rights.check(person, Action.PLAN_SHIFTS)
    pictures = [("shifts", lambda: b'{"version":%d}' % plan_of(site).version)]
    return streamed(site, person, pictures)


@router.post("/check")
async def check(site: Here, person: Planner, body: ShiftBody, shift: Uuid | None = None) -> Response:
    """What would not fit, without planning it. `shift` is the one that is being changed."""
    planned = _planned(site, person, body, shift or str(uuid.uuid4()))
    return JSONResponse(_told(site, person, planned))


@router.post("/copy")
async def copy(site: Here, person: Planner, body: CopyBody) -> Response:
    """Plans a week like another one. What is planned already, and who is gone, is left out; asking twice is asking once."""
    rights.check(person, Action.PLAN_SHIFTS)
    state, plan = site.follower.state, plan_of(site)
    today = today_of(state, site.follower.now())
    source, target = (monday_of(_near(day, today)) for day in (body.source, body.target))
    if source == target:
        raise Refused(Code.INVALID, "A week cannot be copied onto itself.")
    ahead = date.fromisoformat(target) - date.fromisoformat(source)
    known = {_place(shift) for shift in plan.between(target, days_of(target)[-1])}
    copied = [_moved(shift, ahead) for shift in plan.between(source, days_of(source)[-1])]
    wanted = [shift for shift in copied if _is_usable(person, shift, site)]
    # One that was copied before and then moved has the same id: it stays where it is now.
    fresh = [shift for shift in wanted if _place(shift) not in known and plan.find(shift.id) is None]
    plan.save(fresh, person.id)
    _noted(site, person, "copy_shifts", target, f"{len(fresh)} from {source}")
    return JSONResponse({"made": [shift.id for shift in fresh], "left_out": len(copied) - len(fresh)})


@router.post("/remove")
async def remove(site: Here, person: Planner, body: RemoveBody) -> Response:
    """Takes several shifts away; those that are gone already are well."""
    rights.check(person, Action.PLAN_SHIFTS)
    found = [shift for name in body.ids if (shift := plan_of(site).find(name)) is not None]
    return _removed(site, person, found)


@router.put("/{shift}")
async def save(site: Here, person: Planner, shift: Uuid, body: ShiftBody) -> Response:
    """Plans a shift, or changes it. The id is chosen by whoever asks, so that asking twice is asking once."""
    planned = _planned(site, person, body, shift)
    plan_of(site).save([planned], person.id)
    _noted(site, person, "save_shift", shift, f"{planned.staff} at {planned.counter}, {planned.day} {planned.times}")
    return JSONResponse(_told(site, person, planned))


@router.delete("/{shift}")
async def drop(site: Here, person: Planner, shift: Uuid) -> Response:
    """Takes a shift away; the answer has what it was, so that it can be put back."""
    rights.check(person, Action.PLAN_SHIFTS)
    found = plan_of(site).find(shift)
    return _removed(site, person, [found] if found is not None else [])


def _removed(site: Site, person: Person, found: list[Shift]) -> Response:
    state = site.follower.state
    if not all(is_theirs(person, shift, state) for shift in found):
        raise Refused(Code.NOT_ALLOWED, f"{person.name} does not plan for these people.")
    answer = {"removed": [told(shift, [], state, _words(person)) for shift in found]}
    plan_of(site).remove(shift.id for shift in found)
    for shift in found:
        detail = f"{shift.staff} at {shift.counter}, {shift.day} {shift.times}"
        _noted(site, person, "remove_shift", shift.id, detail)
    return JSONResponse(answer)


def _planned(site: Site, person: Person, body: ShiftBody, shift: str) -> Shift:
    """The shift of a request. Raises `Refused` where it is not theirs to plan."""
    rights.check(person, Action.PLAN_SHIFTS)
    state = site.follower.state
    staff, desk, before = state.staff.get(body.staff), state.desks.get(body.counter), plan_of(site).find(shift)
    if staff is None:
        raise Refused(Code.INVALID, f"There is no staff member {body.staff}.")
    if desk is None:
        raise Refused(Code.UNKNOWN_COUNTER, f"There is no counter {body.counter}.")
    if body.ends_min - body.starts_min < SHORTEST_MIN:
        say = _words(person)
        raise Refused(Code.INVALID, say("A shift ends at least 15 minutes after it begins. One past midnight is two."))
    _near(body.day, today_of(state, site.follower.now()))
    if not may_plan(person, staff) or (before is not None and not is_theirs(person, before, state)):
        raise Refused(Code.NOT_ALLOWED, f"{person.name} does not plan for {staff.name}.")
    if not may_use(person, desk.counter) and not person.touches_all():
        raise Refused(Code.NOT_ALLOWED, f"Counter {desk.counter.label} serves no service of {person.name}.")
    return body.as_shift(shift)


def _told(site: Site, person: Person, planned: Shift) -> dict[str, Any]:
    plan = plan_of(site).between(planned.day, planned.day)
    return {"shift": told(planned, plan, site.follower.state, _words(person))}


def _near(day: date, today: str) -> str:
    """A day as text. Raises `Refused` for one that nobody means."""
    if abs((day - date.fromisoformat(today)).days) > _FARTHEST_DAYS:
        raise Refused(Code.INVALID, f"{day} is too far away.")
    return day.isoformat()


def _moved(shift: Shift, ahead: timedelta) -> Shift:
    day = (date.fromisoformat(shift.day) + ahead).isoformat()
    name = str(uuid.uuid5(uuid.UUID(shift.id), day))
    return Shift(name, shift.staff, shift.counter, day, shift.starts_min, shift.ends_min, shift.note)


def _place(shift: Shift) -> tuple[str, str, str, int, int]:
    return shift.staff, shift.counter, shift.day, shift.starts_min, shift.ends_min


def _is_usable(person: Person, shift: Shift, site: Site) -> bool:
    state = site.follower.state
    staff, desk = state.staff.get(shift.staff), state.desks.get(shift.counter)
    if staff is None or desk is None or not staff.active:
        return False
    return may_plan(person, staff) and (person.touches_all() or may_use(person, desk.counter))


def _noted(site: Site, person: Person, action: str, subject: str, detail: str) -> None:
    site.store.audit.note(person, action, subject, detail=detail)
    site.hub.changed()


def _words(person: Person) -> Words:
    return words(ROOM, person.language, BASE)
