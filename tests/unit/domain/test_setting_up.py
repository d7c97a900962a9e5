"""Changing what the branch is made of, and what is refused because it would strand a ticket."""

from typing import Any

import pytest

from branch_server.domain.tickets import Status
from foleni.messages import commands as c
from foleni.messages.replies import Code
from foleni.messages.setup import BUILT_IN_PRIORITIES, Counter, Device, DeviceKind, PriorityClass, Service, Staff, Template
from tests.unit.domain.world import BRANCH, CASH, COUNTERS, DEVICES, ENQUIRIES, World

LOANS = Service(id="loans", prefix="L", name={"en": "Loans"})
DONOR = PriorityClass(id="donor", name={"en": "Donor"}, credit_min=5)


def _things(world: World) -> dict[str, Any]:
    state = world.state
    return {
        "priority": state.priorities, "service": {name: queue.service for name, queue in state.queues.items()},
        "counter": {name: desk.counter for name, desk in state.desks.items()}, "device": state.devices,
        "staff": state.staff, "template": state.templates,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("thing", "save", "remove", "value"),
    [
        ("priority", c.SavePriority, c.RemovePriority, DONOR),
        ("service", c.SaveService, c.RemoveService, LOANS),
        ("counter", c.SaveCounter, c.RemoveCounter, Counter(id="c9", label="9", services=("cash",))),
        ("device", c.SaveDevice, c.RemoveDevice, Device(id="tv-2", kind=DeviceKind.DISPLAY)),
        ("staff", c.SaveStaff, c.RemoveStaff, Staff(id="bob", name="Bob", services=("cash",))),
        ("template", c.SaveTemplate, c.RemoveTemplate, Template(id="plain")),
    ],
)
def test_a_thing_is_saved_changed_and_removed(thing: str, save: type[c.Command], remove: type[c.Command], value: Any) -> None:
    world = World()
    world.do(save, **{thing: value})
    assert _things(world)[thing][value.id] == value
    world.do(save, **{thing: value})
    world.do(remove, **{thing: value.id})
    assert value.id not in _things(world)[thing]
    assert world.code(remove, **{thing: value.id}) in {Code.INVALID, Code.UNKNOWN_SERVICE, Code.UNKNOWN_COUNTER}


def test_a_branch_keeps_its_id() -> None:
    assert World().code(c.SaveBranch, branch=BRANCH.model_copy(update={"id": "other"})) is Code.INVALID


@pytest.mark.parametrize("priority", [known.id for known in BUILT_IN_PRIORITIES])
def test_the_built_in_classes_always_exist(priority: str) -> None:
    assert World().code(c.RemovePriority, priority=priority) is Code.INVALID


def test_the_normal_class_has_no_credit() -> None:
    assert World().code(c.SavePriority, priority=PriorityClass(id="normal", name={"en": "N"}, credit_min=1)) is Code.INVALID


@pytest.mark.parametrize(
    ("kind", "fields", "code"),
    [
        (c.SaveCounter, {"counter": Counter(id="c9", label="9", services=("nowhere",))}, Code.UNKNOWN_SERVICE),
        (c.SaveCounter, {"counter": Counter(id="c9", label="1", services=("cash",))}, Code.INVALID),
        (c.SaveDevice, {"device": Device(id="pad-9", kind=DeviceKind.COUNTER, counter="c9")}, Code.UNKNOWN_COUNTER),
        (c.SaveStaff, {"staff": Staff(id="bob", name="Bob", services=("nowhere",))}, Code.UNKNOWN_SERVICE),
        (c.RemoveService, {"service": "cash"}, Code.WRONG_STATE),
        (c.RemoveCounter, {"counter": "c1"}, Code.WRONG_STATE),
    ],
)
def test_a_setup_that_does_not_fit_together_is_refused(kind: type[c.Command], fields: dict[str, Any], code: Code) -> None:
    assert World().code(kind, **fields) is code


def test_a_counter_is_removed_when_it_is_closed_and_no_device_stands_at_it() -> None:
    world = World()
    world.do(c.CloseCounter, counter="c1")
    assert world.code(c.RemoveCounter, counter="c1") is Code.WRONG_STATE
    world.do(c.RemoveDevice, device="pad")
    world.do(c.RemoveCounter, counter="c1")
    assert "c1" not in world.state.desks


@pytest.mark.parametrize("steps", [[], ["call"], ["call", c.Start], ["call", c.Park]])
def test_a_service_with_active_tickets_stays(steps: list[Any]) -> None:
    world = World(services=(CASH, ENQUIRIES, LOANS))
    ticket = world.join("loans")
    for step in steps:
        if step == "call":
            world.call(ticket)
        else:
            world.do(step, counter="c1")
    refused = world.refusal(c.RemoveService, service="loans")
    assert (refused.code, refused.ticket) == (Code.WRONG_STATE, ticket.id)


def test_a_service_without_active_tickets_and_counters_goes_and_its_numbers_do_not_come_again() -> None:
    world = World(services=(CASH, ENQUIRIES, LOANS))
    world.do(c.Cancel, ticket=world.join("loans").id)
    world.do(c.RemoveService, service="loans")
    world.do(c.SaveService, service=LOANS)
    assert world.join("loans").number == "L002"


def test_a_removed_class_stays_with_the_tickets_that_have_it() -> None:
    world = World()
    world.do(c.SavePriority, priority=DONOR)
    ticket = world.join(priority="donor")
    world.do(c.RemovePriority, priority="donor")
    assert world.ticket(ticket).credit_min == 5
    assert world.code(c.Join, service="cash", channel="kiosk", priority="donor") is Code.INVALID


def test_a_changed_service_keeps_its_queue_and_its_state() -> None:
    world = World()
    world.joins(2)
    world.do(c.PauseService, service="cash")
    world.do(c.SaveService, service=CASH.model_copy(update={"name": {"en": "Tills"}}))
    assert world.waiting() == ["A001", "A002"]
    assert "Tills is paused" in world.refusal(c.Join, service="cash", channel="kiosk").message


def test_a_changed_counter_keeps_its_hand_and_its_state() -> None:
    world = World()
    ticket = world.call(world.join())
    world.do(c.SaveCounter, counter=COUNTERS[0].model_copy(update={"label": "1A", "services": ("enquiries",)}))
    world.do(c.Complete, counter="c1")
    assert world.ticket(ticket).status is Status.COMPLETED


def test_letters_are_compared_as_they_will_be_not_as_they_are() -> None:
    world = World()
    world.do(c.SaveDevice, device=DEVICES[0].model_copy(update={"issuer": "Z"}))
    world.do(c.SaveDevice, device=DEVICES[1].model_copy(update={"issuer": "X"}))
    world.do(c.SaveBranch, branch=BRANCH.model_copy(update={"remote_issuer": "Y"}))
    assert world.state.devices["kiosk-2"].issuer == "X"


@pytest.mark.parametrize("kind", [c.OpenCounter, c.BreakCounter])
def test_a_person_who_sits_at_a_counter_is_not_removed(kind: type[c.Command]) -> None:
    world = World()
    world.do(c.OpenCounter, counter="c1", staff="ada")
    world.do(kind, counter="c1")
    refused = world.refusal(c.RemoveStaff, staff="ada")
    assert (refused.code, refused.message) == (Code.WRONG_STATE, "Ada sits at counter 1. Close it first.")
    world.do(c.CloseCounter, counter="c1")
    world.do(c.RemoveStaff, staff="ada")
    assert "ada" not in world.state.staff


def test_a_person_who_is_not_active_opens_no_counter() -> None:
    world = World()
    world.do(c.SaveStaff, staff=Staff(id="bob", name="Bob", active=False))
    assert world.code(c.OpenCounter, counter="c1", staff="bob") is Code.NOT_ALLOWED
