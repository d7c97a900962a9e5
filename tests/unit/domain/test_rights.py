"""What a sender may ask: every kind of device and every command."""

import json
from typing import Any, get_args

import pytest

from branch_server.domain import rights
from branch_server.domain.asking import Sender
from branch_server.domain.decide import _HANDLERS
from branch_server.domain.refusals import Refused
from foleni.messages import commands as c
from foleni.messages.replies import Code
from foleni.messages.setup import Counter, Device, DeviceKind, PriorityClass, Staff, Template
from tests.unit.domain.world import BRANCH, CASH, CLOUD, HOUSE, KIOSK, UNKNOWN, World

TYPES: tuple[type[c.Command], ...] = get_args(get_args(c.AnyCommand)[0])
KIOSK_MAY = {"join", "check_in", "rate", "cancel"}
COUNTER_MAY = {
    "call_next", "recall", "start", "complete", "skip", "no_show", "park", "open_counter", "close_counter", "break_counter",
    "call_ticket", "unpark", "transfer", "undo",
}  # fmt: skip
HOUSE_MAY = {"raise_alert", "clear_alert"}
MAY = {
    "desk": {kind.model_fields["type"].default for kind in TYPES} - HOUSE_MAY, "tv": set[str](), "nobody": set[str](),
    "kiosk-1": KIOSK_MAY, "kiosk-2": KIOSK_MAY - {"cancel"}, "pad": COUNTER_MAY, "pad-2": set[str](),
}  # fmt: skip
"""Of a ticket that kiosk-1 made, in hand at counter c1, where pad stands; pad-2 stands at c2."""

FIELDS: dict[str, Any] = {
    "service": "cash", "channel": "kiosk", "text": "x", "priority": "vip", "stars": 5, "to_service": "cash", "counter": "c1",
}  # fmt: skip
THINGS: dict[str, Any] = {
    "save_branch": {"branch": BRANCH}, "save_service": {"service": CASH}, "save_staff": {"staff": Staff(id="a", name="A")},
    "save_priority": {"priority": PriorityClass(id="a", name={"en": "A"}, credit_min=0)},
    "save_counter": {"counter": Counter(id="c1", label="1", services=("cash",))},
    "save_device": {"device": Device(id="tv", kind=DeviceKind.DISPLAY)}, "save_template": {"template": Template(id="a")},
    "remove_device": {"device": "tv"}, "remove_staff": {"staff": "a"}, "remove_template": {"template": "a"},
    "announce": {"text": {}}, "raise_alert": {"alert": "paper", "message": "No paper"}, "clear_alert": {"alert": "paper"},
}  # fmt: skip


def _world() -> tuple[World, str]:
    world = World()
    world.do(c.SaveDevice, device=Device(id="pad-2", kind=DeviceKind.COUNTER, counter="c2"))
    return world, world.call(world.join(sender=KIOSK)).id


def _command(world: World, kind: type[c.Command], ticket: str) -> c.Command:
    name = kind.model_fields["type"].default
    return world.command(kind, **FIELDS | {"ticket": ticket} | THINGS.get(name, {}))


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: str(kind.model_fields["type"].default))
@pytest.mark.parametrize("sender", MAY)
def test_a_device_may_ask_what_its_kind_may_and_nothing_else(sender: str, kind: type[c.Command]) -> None:
    world, ticket = _world()
    command = _command(world, kind, ticket)
    if command.type in MAY[sender]:
        rights.check(world.state, Sender(sender), command)
    else:
        with pytest.raises(Refused) as refused:
            rights.check(world.state, Sender(sender), command)
        assert refused.value.code is Code.NOT_ALLOWED


@pytest.mark.parametrize("sender", [HOUSE, CLOUD])
@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: str(kind.model_fields["type"].default))
def test_the_house_itself_may_ask_everything(sender: Sender, kind: type[c.Command]) -> None:
    world, ticket = _world()
    rights.check(world.state, sender, _command(world, kind, ticket))


def test_every_command_has_a_handler() -> None:
    assert set(_HANDLERS) == {*TYPES, c.BeginTerm}


def test_a_term_begins_by_the_house_alone_and_never_over_a_wire() -> None:
    begins = {"id": "01900000-0000-7000-8000-000000000000", "type": "begin_term", "term": 1, "by": "x"}
    with pytest.raises(ValueError, match="begin_term"):
        c.parse_command(json.dumps(begins).encode())
    assert World().code(c.BeginTerm, Sender("desk"), term=1, by="x") is Code.NOT_ALLOWED


def test_the_name_of_the_house_gives_no_rights() -> None:
    assert World().code(c.CloseDay, Sender("cloud")) is Code.NOT_ALLOWED


@pytest.mark.parametrize("kind", [c.CallNext, c.CallTicket, c.Unpark, c.Complete, c.OpenCounter])
def test_a_counter_unit_acts_for_its_own_counter_only(kind: type[c.Command]) -> None:
    world, ticket = _world()
    fields = {"counter": "c2", "ticket": ticket} if "ticket" in kind.model_fields else {"counter": "c2"}
    assert world.code(kind, Sender("pad"), **fields) is Code.NOT_ALLOWED


def test_a_counter_unit_transfers_only_what_its_counter_has_in_hand() -> None:
    world, ticket = _world()
    other = world.call(world.join(), "c2").id
    assert world.code(c.Transfer, Sender("pad"), ticket=other, to_service="cash") is Code.NOT_ALLOWED
    assert world.do(c.Transfer, Sender("pad"), ticket=ticket, to_service="cash")


def test_a_kiosk_cancels_its_own_tickets_only() -> None:
    world = World()
    ticket = world.join(sender=KIOSK)
    assert world.code(c.Cancel, Sender("kiosk-2"), ticket=ticket.id) is Code.NOT_ALLOWED
    assert world.code(c.Cancel, Sender("kiosk-2"), ticket=UNKNOWN) is Code.UNKNOWN_TICKET
    assert world.do(c.Cancel, KIOSK, ticket=ticket.id)


def test_a_device_that_was_removed_may_ask_nothing_more() -> None:
    world = World()
    world.do(c.RemoveDevice, device="kiosk-1")
    assert world.code(c.Join, KIOSK, service="cash", channel="kiosk") is Code.NOT_ALLOWED


def test_a_device_that_is_called_like_the_cloud_does_not_give_the_clouds_numbers() -> None:
    world = World()
    for name in ("cloud", "branch-server"):
        device = Device(id=name, kind=DeviceKind.KIOSK)
        assert world.code(c.SaveDevice, HOUSE, device=device) is Code.INVALID
