"""Random setups that a branch could have, and states that have them."""

from typing import Any

from hypothesis import strategies as st

from branch_server.domain.state import Desk, Queue, State
from foleni.messages.setup import (
    AlertRules,
    Branch,
    Closure,
    Counter,
    Device,
    Hours,
    PriorityClass,
    Routing,
    Service,
    Staff,
    Template,
)  # fmt: skip

words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).map(str.strip).filter(bool)
texts = st.dictionaries(st.sampled_from(["en", "fr", "rw", "ar", "zh-Hant"]), words, max_size=3)
names = texts.filter(bool)
spans = st.sampled_from([(), ("08:00-17:00",), ("08:00-12:30", "13:30-17:00"), ("00:00-24:00",)])
hours = st.builds(Hours, week=st.dictionaries(st.sampled_from(["mon", "tue", "sat", "sun"]), spans))
closures = st.builds(
    Closure, day=st.sampled_from(["2026-12-25", "2027-01-01"]), until=st.sampled_from([None, "2027-01-02"]), name=texts
)
minutes = st.none() | st.integers(1, 1440)
branches = st.builds(
    Branch, id=st.just("main"), name=names, organization=words, languages=st.sampled_from([("en",), ("fr", "en", "rw")]),
    time_zone=st.sampled_from(["UTC", "Africa/Kigali"]), remote_issuer=st.sampled_from([None, "R"]),
    no_show_after_s=st.none() | st.integers(1, 86_400), url=st.sampled_from([None, "https://queue.example"]),
    hours=st.none() | hours, closures=st.lists(closures, max_size=2).map(tuple), wait_target_min=st.integers(1, 60),
    alerts=st.builds(AlertRules, wait_min=minutes, for_min=st.integers(1, 60), paper=st.booleans(), device_gone_min=minutes),
    outcomes=st.lists(words, max_size=3).map(tuple), park_reasons=st.lists(words, max_size=3).map(tuple),
)  # fmt: skip


@st.composite
def states(draw: st.DrawFn) -> State:
    """A branch with a setup that the queue would take."""
    services = [draw(_service(name, prefix)) for name, prefix in draw(_some([("cash", "A"), ("cards", "B"), ("loans", "CA")]))]
    counters = (
        [draw(_counter(f"c{n}", str(n), tuple(s.id for s in services))) for n in range(draw(st.integers(0, 3)))]
        if services
        else []
    )
    state = State(day="2026-11-21", branch=draw(branches))
    state.queues = {service.id: Queue(service) for service in services}
    state.desks = {counter.id: Desk(counter) for counter in counters}
    state.priorities |= {one.id: one for one in draw(_some(_CLASSES))}
    state.devices = {one.id: one for one in draw(_some(_DEVICES))}
    state.staff = {one.id: one for one in draw(_some(_PEOPLE))}
    state.templates = {one.id: one for one in draw(_some([Template(id="ticket", width_px=384, footer={"en": "Thank you"})]))}
    return state


_CLASSES = [
    PriorityClass(id="donor", name={"en": "Donor"}, credit_min=5),
    PriorityClass(id="vip", name={"en": "Guest of honour"}, credit_min=90),
    PriorityClass(id="normal", name={"en": "Usual", "fr": "Normal"}, credit_min=0),
]
_DEVICES = [Device(id="kiosk-1", kind="kiosk", issuer="X", name={"en": "Door"}), Device(id="tv-1", kind="display")]
_PEOPLE = [Staff(id="ada", name="Ada", role="admin"), Staff(id="eve", name="Eve", services=(), active=False)]


def _some(things: list[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(range(len(things))), unique=True).map(lambda chosen: [things[n] for n in sorted(chosen)])


@st.composite
def _service(draw: st.DrawFn, name: str, prefix: str) -> Service:
    return Service(
        id=name, prefix=prefix, name=draw(names), service_time_s=draw(st.integers(1, 86_400)),
        daily_limit=draw(st.none() | st.integers(1, 900)), max_priority_run=draw(st.none() | st.integers(1, 9)),
        state=draw(st.sampled_from(["open", "closed"])), hours=draw(st.none() | hours),
    )  # fmt: skip


@st.composite
def _counter(draw: st.DrawFn, name: str, label: str, services: tuple[str, ...]) -> Counter:
    served = tuple(draw(st.permutations(services)))[: draw(st.integers(1, len(services)))]
    weights = {each: draw(st.integers(1, 100)) for each in served} if draw(st.booleans()) else {}
    return Counter(id=name, label=label, services=served, routing=draw(st.sampled_from(list(Routing))), weights=weights)
