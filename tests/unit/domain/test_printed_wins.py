"""What is printed wins: a number on paper takes the place of the one that the server had answered."""

import pytest

from branch_server.domain.events import TicketRenumbered
from branch_server.domain.tickets import Status, Ticket
from foleni.messages import commands as c
from foleni.messages.replies import Code
from tests.unit.domain.world import KIOSK, World


class Paper:
    """A ticket A001 that the kiosk printed as AX01, with others behind it."""

    def __init__(self) -> None:
        self.world = World()
        self.asked = self.world.command(c.Join, service="cash", channel="kiosk")
        self.world.ask(self.asked, KIOSK)
        (ticket,) = self.world.state.tickets.values()
        self.ticket = ticket
        self.world.later(10)
        self.others = self.world.joins(4)

    def now(self) -> Ticket:
        return self.world.ticket(self.ticket)

    def do(self, *steps: type[c.Command]) -> None:
        self.world.call(self.ticket)
        for step in steps:
            self.world.do(step, counter="c1")

    def hand_in(self, number: str = "AX01") -> TicketRenumbered:
        again = self.asked.model_copy(update={"number": number, "joined_at": self.ticket.joined_at})
        (event,) = self.world.ask(again, KIOSK)
        assert isinstance(event, TicketRenumbered)
        return event


def test_a_waiting_ticket_takes_the_printed_number_in_its_place() -> None:
    paper = Paper()
    event = paper.hand_in()
    assert (event.was, event.number, event.ticket) == ("A001", "AX01", paper.ticket.id)
    assert paper.world.waiting()[0] == "AX01"
    assert (paper.now().rank_at, paper.now().offline) == (paper.ticket.rank_at, True)


@pytest.mark.parametrize("steps", [[], [c.Skip], [c.NoShow], [c.Complete]])
def test_who_was_called_by_the_wrong_number_waits_again_with_the_rank_of_joining(steps: list[type[c.Command]]) -> None:
    paper = Paper()
    paper.do(*steps)
    paper.hand_in()
    now = paper.now()
    assert (now.status, now.number, now.rank_at, now.skips) == (Status.WAITING, "AX01", paper.ticket.rank_at, 0)
    assert (now.counter, now.called_at, now.ended_at, now.outcome) == (None, None, None, None)
    assert paper.world.state.desks["c1"].in_hand is None
    assert paper.world.call_next().number == "AX01"


@pytest.mark.parametrize(
    ("steps", "status"),
    [
        ([c.Start], Status.SERVING),
        ([c.Start, c.Complete], Status.COMPLETED),
        ([c.Park], Status.PARKED),
        ([c.Start, c.Park], Status.PARKED),
    ],
)
def test_who_has_come_all_the_same_only_gets_the_printed_number(steps: list[type[c.Command]], status: Status) -> None:
    paper = Paper()
    paper.do(*steps)
    paper.hand_in()
    assert (paper.now().status, paper.now().number) == (status, "AX01")


def test_a_cancelled_ticket_stays_cancelled_under_its_printed_number() -> None:
    paper = Paper()
    paper.world.do(c.Cancel, ticket=paper.ticket.id)
    paper.hand_in()
    assert (paper.now().status, paper.now().number) == (Status.CANCELLED, "AX01")


def test_an_expired_ticket_stays_expired_under_its_printed_number() -> None:
    paper = Paper()
    paper.world.do(c.CloseDay)
    paper.hand_in()
    assert (paper.now().status, paper.now().number) == (Status.EXPIRED, "AX01")


def test_a_ticket_of_yesterday_in_a_hand_takes_a_printed_number_of_its_own_day() -> None:
    paper = Paper()
    paper.do(c.Start)
    paper.world.later(days=1)
    paper.hand_in()
    assert (paper.now().day, paper.now().number) == ("2026-11-20", "AX01")
    assert paper.world.join(sender=KIOSK, number="AX01").day == "2026-11-21"


def test_the_number_that_was_answered_is_not_given_to_anybody_else() -> None:
    paper = Paper()
    paper.hand_in()
    assert paper.world.join().number == "A006"


def test_the_same_paper_again_changes_nothing() -> None:
    paper = Paper()
    paper.hand_in()
    assert paper.world.ask(paper.asked.model_copy(update={"number": "AX01"}), KIOSK) == []
    assert paper.world.ask(paper.asked, KIOSK) == []


def test_a_number_on_two_papers_is_refused() -> None:
    paper = Paper()
    paper.world.join(sender=KIOSK, number="AX01")
    assert paper.world.code(c.Join, KIOSK, **paper.asked.model_dump() | {"number": "AX01"}) is Code.INVALID


def test_a_number_of_another_series_is_refused() -> None:
    paper = Paper()
    assert paper.world.code(c.Join, KIOSK, **paper.asked.model_dump() | {"number": "AY01"}) is Code.INVALID
