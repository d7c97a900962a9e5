"""Forms: every fault at once, each at its field and in a sentence; and what the rest of the setup has against a change."""

from typing import Any

import pytest
from pydantic import ValidationError

from branch_server.domain.state import CounterState, Desk, Queue, State
from branch_server.web.admin.faults import faults_of
from branch_server.web.admin.obstacles import against_removing, against_saving
from foleni.messages.setup import Branch, Counter, Device, PriorityClass, Service, Setting
from foleni.words.catalogue import words

SAY = words("branch_server.web.admin", "en")


def faults(model: type[Setting], value: dict[str, Any], language: str = "en") -> dict[str, str]:
    with pytest.raises(ValidationError) as refused:
        model.model_validate(value)
    found = faults_of(refused.value, words("branch_server.web.admin", language))
    return {fault["field"]: fault["message"] for fault in found}


def branch(**changes: Any) -> State:
    state = State(day="2026-11-21", branch=Branch(id="main", name={"en": "Main"}, remote_issuer="R"))
    state.queues = {
        "cash": Queue(Service(id="cash", prefix="A", name={"en": "Cash"})),
        "cards": Queue(Service(id="cards", prefix="BX", name={"en": "Cards"})),
    }
    state.desks = {"c1": Desk(Counter(id="c1", label="1", services=("cash",)))}
    state.devices = {"kiosk-1": Device(id="kiosk-1", kind="kiosk", issuer="X")}
    return state


def test_all_faults_are_said_at_once_each_at_its_field() -> None:
    said = faults(Service, {"id": "cash", "prefix": "abc", "name": {}, "service_time_s": 0, "daily_limit": "many", "colour": 1})
    assert said == {
        "prefix": "One or two capital letters, such as A or CA.",
        "name": "Write a name, in one language at least.",
        "service_time_s": "At least 1.",
        "daily_limit": "Write a number.",
        "colour": "The branch does not know this.",
    }


@pytest.mark.parametrize(
    ("value", "field", "words_in_it"),
    [
        ({"time_zone": "Mars/Olympus"}, "time_zone", "no such time zone"),
        ({"languages": []}, "languages", "at least one"),
        ({"business_day_starts": "4"}, "business_day_starts", "04:00"),
        ({"hours": {"week": {"mon": ["17:00-08:00"]}}}, "hours", "one after the other"),
        ({"hours": {"week": {"mon": ["8-17"]}}}, "hours.week.mon.0", "one after the other"),
        ({"closures": [{"day": "2026-12-25", "until": "2026-12-01"}]}, "closures.0", "closure"),
        ({"closures": [{"day": 3}]}, "closures.0.day", "2026-12-25"),
        ({"alerts": {"wait_min": 0}}, "alerts.wait_min", "At least 1"),
        ({"alerts": {"paper": "maybe"}}, "alerts.paper", "yes or no"),
        ({"outcomes": ["x" * 65]}, "outcomes.0", "At most 64 letters"),
        ({"url": "queue.example"}, "url", "http"),
    ],
)
def test_each_fault_of_a_branch_has_a_sentence(value: dict[str, Any], field: str, words_in_it: str) -> None:
    said = faults(Branch, {"id": "main", "name": "Main", **value})
    assert words_in_it in said[field], said


def test_faults_are_said_in_the_language_of_the_page() -> None:
    french = faults(Service, {"id": "cash", "prefix": "A", "name": {"en": "Cash"}, "service_time_s": 0}, "fr")
    assert french["service_time_s"] != "At least 1."


@pytest.mark.parametrize(
    ("thing", "field"),
    [
        (Service(id="loans", prefix="A", name={"en": "Loans"}), "prefix"),
        (Service(id="loans", prefix="AX", name={"en": "Loans"}), "prefix"),
        (Service(id="loans", prefix="B", name={"en": "Loans"}), "prefix"),
        (Counter(id="c2", label="1", services=("cash",)), "label"),
        (Counter(id="c2", label="2", services=("lost",)), "services"),
        (PriorityClass(id="normal", name={"en": "Normal"}, credit_min=1), "credit_min"),
        (Branch(id="main", name={"en": "Main"}, remote_issuer="X"), "remote_issuer"),
        (Branch(id="other", name={"en": "Main"}), "id"),
    ],
)
def test_what_could_give_a_number_twice_is_said_at_its_field(thing: Setting, field: str) -> None:
    assert [fault["field"] for fault in against_saving(thing, branch(), SAY)] == [field]


def test_a_thing_may_keep_what_is_its_own() -> None:
    state = branch()
    things: list[Setting] = [state.queues["cash"].service, state.desks["c1"].counter]
    assert [against_saving(thing, state, SAY) for thing in things] == [[], []]


def test_what_is_in_use_is_not_removed_and_says_why() -> None:
    state = branch()
    assert "Counter 1" in against_removing("service", "cash", state, SAY)
    assert against_removing("service", "cards", state, SAY) == ""
    assert against_removing("counter", "c1", state, SAY) == ""
    state.desks["c1"].state = CounterState.OPEN
    assert "Close it first" in against_removing("counter", "c1", state, SAY)
    assert "always exists" in against_removing("priority", "vip", state, SAY)
