"""What is done with a ticket wherever it is: cancel, check in, note, priority, rating."""

from typing import Any

import pytest

from branch_server.domain.tickets import Status
from foleni.messages import commands as c
from foleni.messages.replies import Code
from tests.unit.domain.world import UNKNOWN, World


@pytest.mark.parametrize(
    ("kind", "fields"),
    [(c.Cancel, {}), (c.CheckIn, {}), (c.AddNote, {"text": "x"}), (c.SetPriority, {"priority": "vip"}), (c.Rate, {"stars": 5})],
)
def test_an_unknown_ticket_is_refused(kind: type[c.Command], fields: dict[str, Any]) -> None:
    assert World().code(kind, ticket=UNKNOWN, **fields) is Code.UNKNOWN_TICKET


def test_a_waiting_ticket_can_be_cancelled_once() -> None:
    world = World()
    ticket = world.join()
    world.do(c.Cancel, ticket=ticket.id)
    assert (world.ticket(ticket).status, world.waiting()) == (Status.CANCELLED, [])
    refused = world.refusal(c.Cancel, ticket=ticket.id)
    assert (refused.code, refused.message) == (Code.WRONG_STATE, "A001 is cancelled, not waiting.")


@pytest.mark.parametrize("steps", [[], [c.Start], [c.Park], [c.Complete], [c.NoShow]])
def test_what_does_not_wait_is_neither_cancelled_nor_checked_in(steps: list[type[c.Command]]) -> None:
    world = World()
    ticket = world.call(world.join())
    for step in steps:
        world.do(step, counter="c1")
    for kind in (c.Cancel, c.CheckIn):
        assert world.code(kind, ticket=ticket.id) is Code.WRONG_STATE


def test_an_appointment_that_never_came_can_be_cancelled_and_else_expires() -> None:
    world = World()
    gone = world.join(channel="app", appointment=world.now)
    left = world.join(channel="app", appointment=world.now)
    world.do(c.Cancel, ticket=gone.id)
    world.do(c.CloseDay)
    assert [world.ticket(ticket).status for ticket in (gone, left)] == [Status.CANCELLED, Status.EXPIRED]


def test_a_remote_customer_without_appointment_keeps_the_rank_when_checking_in() -> None:
    world = World()
    ticket = world.join(channel="app")
    world.later(minutes=20)
    world.do(c.CheckIn, ticket=ticket.id)
    assert (world.ticket(ticket).rank_at, world.ticket(ticket).checked_in_at) == (ticket.rank_at, world.now)


def test_notes_are_kept_in_their_order_in_every_state() -> None:
    world = World()
    ticket = world.join()
    world.do(c.AddNote, ticket=ticket.id, text="needs a chair")
    world.call(ticket)
    world.do(c.Complete, counter="c1")
    world.do(c.AddNote, ticket=ticket.id, text="left a pen")
    assert world.ticket(ticket).notes == ("needs a chair", "left a pen")


def test_only_a_served_customer_rates_and_the_last_rating_counts() -> None:
    world = World()
    ticket = world.join()
    assert world.code(c.Rate, ticket=ticket.id, stars=5) is Code.WRONG_STATE
    world.call(ticket)
    assert world.code(c.Rate, ticket=ticket.id, stars=5) is Code.WRONG_STATE
    world.do(c.Complete, counter="c1")
    for stars in (2, 4):
        world.do(c.Rate, ticket=ticket.id, stars=stars, text="fine")
    assert world.ticket(ticket).stars == 4


def test_a_priority_must_exist_and_the_ticket_be_in_the_queue() -> None:
    world = World()
    ticket = world.join()
    assert world.code(c.SetPriority, ticket=ticket.id, priority="emperor") is Code.INVALID
    world.do(c.Cancel, ticket=ticket.id)
    assert world.code(c.SetPriority, ticket=ticket.id, priority="vip") is Code.WRONG_STATE


@pytest.mark.parametrize("steps", [[], [c.Start], [c.Park]])
def test_a_priority_set_in_a_hand_or_aside_counts_when_the_ticket_waits_again(steps: list[type[c.Command]]) -> None:
    world = World()
    ticket = world.call(world.join())
    for step in steps:
        world.do(step, counter="c1")
    world.do(c.SetPriority, ticket=ticket.id, priority="vip")
    now = world.ticket(ticket)
    assert (now.priority, now.credit_min, world.waiting()) == ("vip", 60, [])
