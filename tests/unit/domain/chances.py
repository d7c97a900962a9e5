"""Random setups and senseless commands for the property tests."""

from datetime import date
from typing import Any

from hypothesis import strategies as st

from foleni.messages import commands as c
from foleni.messages.setup import Branch, Closure, Counter, Hours, PriorityClass, Routing, Service
from foleni.times import DAY_US, HOUR_US, MINUTE_US, SECOND_US

SERVICES = ("cash", "enquiries", "loans")
PREFIXES = ("A", "B", "L", "AX", "AR", "AA")
COUNTERS = ("c1", "c2", "c3")
DEVICES = ("kiosk-1", "kiosk-2", "tv", "pad", "desk")
LETTERS = {"kiosk-1": "X", "kiosk-2": "Y", "cloud": "R"}

services = st.sampled_from(SERVICES)
counters = st.sampled_from(COUNTERS)
issuers = st.sampled_from(sorted(LETTERS))
picks = st.integers(0, 10_000)
priorities = st.sampled_from(["normal", "normal", "priority", "vip", "appointment", "donor", "emperor"])
channels = st.sampled_from(list(c.Channel))
phones = st.none() | st.sampled_from(["+250788000001", "+250788000002"])
slots = st.none() | st.integers(-2 * HOUR_US, 6 * HOUR_US)
jumps = st.one_of(
    st.integers(0, 10 * SECOND_US), st.sampled_from([MINUTE_US, 10 * MINUTE_US, 30 * MINUTE_US, HOUR_US]),
    st.integers(0, 2 * HOUR_US), st.sampled_from([HOUR_US, 12 * HOUR_US, DAY_US, 9 * DAY_US]),
)  # fmt: skip
moments = st.sampled_from([0, SECOND_US, 30 * SECOND_US, 60 * SECOND_US, 61 * SECOND_US])

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
spans = st.sampled_from([
    (), ("08:00-17:00",), ("08:00-12:30", "13:30-17:00"), ("00:00-24:00",), ("00:00-02:30", "22:00-24:00"), ("01:30-02:15",),
])  # fmt: skip
zones = st.sampled_from(["UTC", "Africa/Kigali", "America/New_York", "Europe/London"])
hours = st.none() | st.builds(
    lambda week: Hours(week=dict(zip(WEEKDAYS, week, strict=True))), st.lists(spans, min_size=7, max_size=7)
)
closures = st.lists(st.integers(20, 29).map(lambda day: Closure(day=date(2026, 11, day), until=date(2026, 11, 29))), max_size=1)

branches = st.builds(
    Branch, id=st.just("main"), name=st.just("Main"), remote_issuer=st.sampled_from(["R", "R", None]),
    time_zone=zones,
    business_day_starts=st.sampled_from(["00:00", "01:30", "04:00"]), no_show_after_s=st.sampled_from([None, None, 60, 3600]),
    skip_places=st.integers(1, 4), max_skips=st.integers(0, 3), hours=st.none() | st.none() | hours, closures=closures,
)  # fmt: skip


@st.composite
def service(draw: st.DrawFn, name: str | None = None, prefixes: tuple[str, ...] = PREFIXES) -> Service:
    limit, run = draw(st.sampled_from([None, None, None, None, None, 5])), draw(st.sampled_from([None, 1, 2]))
    return Service(
        id=name or draw(services), prefix=draw(st.sampled_from(prefixes)), name={"en": "Service"}, daily_limit=limit,
        max_priority_run=run, service_time_s=draw(st.sampled_from([60, 300])), hours=draw(st.none() | st.none() | hours),
    )  # fmt: skip


@st.composite
def counter(draw: st.DrawFn, name: str | None = None) -> Counter:
    served = tuple(draw(st.permutations(SERVICES))[: draw(st.integers(1, 3))])
    weights = {each: draw(st.integers(1, 5)) for each in served} if draw(st.booleans()) else {}
    which = name or draw(counters)
    routing = draw(st.sampled_from(list(Routing)))
    return Counter(id=which, label=draw(st.sampled_from([which, "7"])), services=served, routing=routing, weights=weights)


classes = st.builds(
    PriorityClass, id=st.sampled_from(["donor", "normal", "vip"]), name=st.just("P"), credit_min=st.sampled_from([0, 5, 90])
)

setup: st.SearchStrategy[tuple[type[c.Command], dict[str, Any]]] = st.one_of(
    service().map(lambda value: (c.SaveService, {"service": value})),
    counter().map(lambda value: (c.SaveCounter, {"counter": value})),
    branches.map(lambda value: (c.SaveBranch, {"branch": value})),
    classes.map(lambda value: (c.SavePriority, {"priority": value})),
    services.map(lambda value: (c.RemoveService, {"service": value})),
    counters.map(lambda value: (c.RemoveCounter, {"counter": value})),
    st.sampled_from(["donor", "normal"]).map(lambda value: (c.RemovePriority, {"priority": value})),
    st.sampled_from(DEVICES).map(lambda value: (c.RemoveDevice, {"device": value})),
    st.just((c.RemoveStaff, {"staff": "ada"})),
    st.just((c.Announce, {"text": "Welcome"})),
)
