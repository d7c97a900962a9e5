"""Taking a place in a queue: who is let in, who is refused and how, and what a customer is told."""

from typing import Any

import pytest

from branch_server.domain.events import TicketExpired, TicketJoined
from branch_server.domain.state import State
from branch_server.domain.tickets import Status
from foleni.messages import commands as c
from foleni.messages.replies import Code, JoinResult
from foleni.messages.setup import ServiceState
from foleni.times import HOUR_US, MINUTE_US, SECOND_US, Instant
from tests.unit.domain.world import BRANCH, CASH, CLOUD, ENQUIRIES, KIOSK, MORNING, World, at

PHONE = "+250788123456"


@pytest.mark.parametrize("kind", [c.PauseService, c.CloseService])
def test_a_service_that_is_not_open_says_why_and_when_to_come_back(kind: type[c.Command]) -> None:
    world = World(branch=BRANCH.model_copy(update={"time_zone": "Africa/Kigali"}))
    kept = world.join()
    world.do(kind, service="cash", reopens_at=at("12:30"), reason="lunch")
    refused = world.refusal(c.Join, service="cash", channel="kiosk")
    paused = kind is c.PauseService
    assert refused.code is (Code.SERVICE_PAUSED if paused else Code.SERVICE_CLOSED)
    assert refused.message == f"Cash is {'paused' if paused else 'closed'} (lunch). It opens again at 14:30."
    assert world.waiting() == [kept.number]


def test_those_who_wait_keep_their_place_through_a_pause_and_are_called() -> None:
    world = World()
    tickets = world.joins(3)
    world.do(c.PauseService, service="cash")
    assert world.call_next().ticket == tickets[0].id
    world.do(c.OpenService, service="cash")
    world.join()
    assert world.waiting() == ["A002", "A003", "A004"]


def test_a_service_may_be_closed_from_the_start() -> None:
    world = World(services=(CASH.model_copy(update={"state": ServiceState.CLOSED}), ENQUIRIES))
    assert world.code(c.Join, service="cash", channel="kiosk") is Code.SERVICE_CLOSED


def test_a_service_gives_no_more_than_its_tickets_of_the_day() -> None:
    world = World(services=(CASH.model_copy(update={"daily_limit": 2}), ENQUIRIES))
    first, _ = world.joins(2)
    assert world.code(c.Join, service="cash", channel="kiosk") is Code.SERVICE_FULL
    world.do(c.Cancel, ticket=first.id)
    assert world.code(c.Join, service="cash", channel="kiosk") is Code.SERVICE_FULL
    world.later(days=1)
    assert world.join().number == "A001"


def test_a_printed_ticket_beyond_the_limit_is_taken_in_and_counts() -> None:
    world = World(services=(CASH.model_copy(update={"daily_limit": 1}), ENQUIRIES))
    world.join(sender=KIOSK, number="AX01")
    assert world.code(c.Join, service="cash", channel="kiosk") is Code.SERVICE_FULL
    assert world.join(sender=KIOSK, number="AX02").number == "AX02"


def test_unknown_services_and_classes_are_refused() -> None:
    world = World()
    assert world.code(c.Join, service="nowhere", channel="kiosk") is Code.UNKNOWN_SERVICE
    assert world.code(c.Join, service="cash", channel="kiosk", priority="emperor") is Code.INVALID


def test_a_branch_that_is_not_set_up_takes_no_command() -> None:
    world = World()
    world.state = State()
    assert world.code(c.Join, service="cash", channel="kiosk") is Code.INVALID
    assert world.code(c.CloseDay) is Code.INVALID


def test_a_phone_number_has_one_active_ticket_in_the_branch() -> None:
    world = World()
    ticket = world.join(phone=PHONE)
    for service in ("cash", "enquiries"):
        refused = world.refusal(c.Join, service=service, channel="app", phone=PHONE)
        assert (refused.code, refused.ticket) == (Code.ALREADY_QUEUED, ticket.id)
        assert "A001" in refused.message


@pytest.mark.parametrize("ending", [c.Complete, c.NoShow])
def test_a_phone_number_may_join_again_when_its_ticket_has_ended(ending: type[c.Command]) -> None:
    world = World()
    ticket = world.call(world.join(phone=PHONE))
    assert world.code(c.Join, service="cash", channel="app", phone=PHONE) is Code.ALREADY_QUEUED
    world.do(ending, counter="c1")
    assert world.join(phone=PHONE).id != ticket.id


def test_a_phone_number_may_join_again_the_next_day_unless_its_ticket_is_still_in_a_hand() -> None:
    world = World()
    world.call(world.join(phone=PHONE))
    world.join(phone="+250788000000")
    world.later(days=1)
    assert world.code(c.Join, service="cash", channel="app", phone=PHONE) is Code.ALREADY_QUEUED
    assert world.join(phone="+250788000000").number == "A001"


def test_the_same_command_again_makes_no_second_ticket() -> None:
    world = World()
    command = world.command(c.Join, service="cash", channel="kiosk")
    assert len(world.ask(command)) == 1
    assert world.ask(command) == []
    assert len(world.joined()) == 1


def test_a_customer_is_told_number_position_and_wait() -> None:
    world = World()
    world.joins(3)
    command = world.command(c.Join, service="cash", channel="kiosk")
    told = JoinResult.model_validate(world.answer(command))
    assert (told.number, told.position, told.ahead, told.url) == ("A004", 4, 3, f"/t/{told.ticket}")
    assert told.wait_p90_s >= told.wait_p50_s > 0


def test_position_counts_who_goes_before_and_not_who_came_before() -> None:
    world = World()
    world.joins(3)
    assert world.answer(world.command(c.Join, service="cash", channel="kiosk", priority="vip"))["position"] == 1


OFFLINE = {"service": "cash", "channel": "kiosk", "number": "AX07"}


def test_an_offline_ticket_joins_in_its_place_at_the_time_of_its_paper() -> None:
    world = World()
    world.later(minutes=30)
    world.join()
    late = world.join(sender=KIOSK, number="AX01", joined_at=at("09:20"))
    assert (late.joined_at, late.rank_at, late.offline) == (at("09:20"), at("09:20"), True)
    assert world.waiting() == ["AX01", "A001"]


@pytest.mark.parametrize(
    ("claimed", "taken"),
    [
        ("09:20", "09:20"),
        ("09:59", "09:59"),
        ("10:00", "10:00"),
        ("10:01", "10:00"),
        ("23:00", "10:00"),
        ("09:10", "09:10"),
        ("08:00", "09:10"),
    ],
)
def test_an_offline_time_counts_between_the_issuers_last_word_and_now(claimed: str, taken: str) -> None:
    world = World()
    world.later(minutes=10)
    world.join(sender=KIOSK)
    world.later(minutes=50)
    assert world.join(sender=KIOSK, number="AX01", joined_at=at(claimed)).joined_at == at(taken)


def test_an_offline_ticket_does_not_move_the_issuers_last_word() -> None:
    world = World()
    world.later(hours=1)
    for number, clock in (("AX02", "09:50"), ("AX01", "09:40")):
        assert world.join(sender=KIOSK, number=number, joined_at=at(clock)).joined_at == at(clock)


def test_what_another_issuer_said_does_not_clamp() -> None:
    world = World()
    world.later(minutes=30)
    world.join(sender=CLOUD)
    assert world.join(sender=KIOSK, number="AX01", joined_at=at("09:05")).joined_at == at("09:05")


def test_without_a_time_or_a_number_a_ticket_joins_now() -> None:
    world = World()
    world.later(60)
    assert world.join(sender=KIOSK, number="AX01").joined_at == MORNING + MINUTE_US
    assert world.join(sender=KIOSK, joined_at=MORNING).joined_at == MORNING + MINUTE_US


@pytest.mark.parametrize(
    ("sender", "number", "code"),
    [
        ("kiosk-1", "AY01", Code.INVALID),
        ("kiosk-1", "BX01", Code.INVALID),
        ("kiosk-1", "A001", Code.INVALID),
        ("kiosk-1", "AR01", Code.INVALID),
        ("desk", "AX01", Code.NOT_ALLOWED),
    ],
)
def test_only_an_issuer_gives_numbers_and_only_of_its_series(sender: str, number: str, code: Code) -> None:
    assert World().code(c.Join, type(KIOSK)(sender), **OFFLINE | {"number": number}) is code


def test_the_cloud_gives_numbers_of_the_branchs_remote_series() -> None:
    world = World()
    assert world.join(sender=CLOUD, channel="app", number="AR01").number == "AR01"
    assert world.code(c.Join, CLOUD, **OFFLINE) is Code.INVALID


def test_the_cloud_gives_no_numbers_where_the_branch_has_no_remote_letter() -> None:
    world = World(branch=BRANCH.model_copy(update={"remote_issuer": None}))
    assert world.code(c.Join, CLOUD, **OFFLINE | {"number": "AR01"}) is Code.NOT_ALLOWED


def test_an_offline_number_is_taken_once() -> None:
    world = World()
    world.ask(world.command(c.Join, **OFFLINE), KIOSK)
    assert world.code(c.Join, KIOSK, **OFFLINE) is Code.INVALID


def test_offline_tickets_do_not_use_up_the_servers_numbers() -> None:
    world = World()
    world.join(sender=KIOSK, number="AX05")
    assert world.join().number == "A001"


@pytest.mark.parametrize(("printed", "taken"), [("09:20", True), ("09:40", False)])
def test_a_ticket_printed_before_its_service_closed_is_taken_in(printed: str, taken: bool) -> None:
    world = World()
    world.later(minutes=30)
    world.do(c.CloseService, service="cash")
    world.later(minutes=30)
    fields: dict[str, Any] = OFFLINE | {"joined_at": at(printed)}
    if taken:
        assert world.join(sender=KIOSK, **fields).status is Status.WAITING
    else:
        assert world.code(c.Join, KIOSK, **fields) is Code.SERVICE_CLOSED


def test_yesterdays_paper_is_recorded_on_its_day_and_expires() -> None:
    world = World()
    world.later(days=1)
    joined, expired = world.do(c.Join, KIOSK, **OFFLINE | {"joined_at": MORNING + HOUR_US})
    assert isinstance(joined, TicketJoined)
    assert isinstance(expired, TicketExpired)
    assert joined.day == "2026-11-20"
    assert world.waiting() == []
    assert world.state.queues["cash"].issued == 0
    assert world.code(c.Join, KIOSK, **OFFLINE | {"joined_at": MORNING + HOUR_US}) is Code.INVALID
    assert world.join(sender=KIOSK, number="AX07").day == "2026-11-21"


def test_a_paper_of_long_ago_does_not_repeat_a_number_of_its_day() -> None:
    world = World()
    world.join(sender=KIOSK, number="AX01")
    for _ in range(9):
        world.later(days=1)
        world.join(sender=KIOSK, number="AX01")
    assert world.code(c.Join, KIOSK, **OFFLINE | {"number": "AX01", "joined_at": MORNING}) is Code.INVALID


def test_a_paper_of_the_hour_that_the_clock_repeats_belongs_to_the_day_that_is_open() -> None:
    start = Instant(at("09:00") - 27 * 24 * HOUR_US)  # 2026-10-24; the clock of London goes back in the night to the 25th
    world = World(branch=BRANCH.model_copy(update={"time_zone": "Europe/London", "business_day_starts": "01:30"}), now=start)
    world.later(hours=15, minutes=40)
    world.later(minutes=30)
    assert world.state.day == "2026-10-25"
    ticket = world.join(sender=KIOSK, number="AX01", joined_at=Instant(world.now - 60 * SECOND_US))
    assert ticket.status is Status.WAITING
