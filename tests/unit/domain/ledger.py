"""A second reading of the log: it knows only the recorded events and domain.md, and objects where they do not agree."""

from collections import Counter as Tally
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from branch_server.domain import events as e
from branch_server.domain.state import State
from branch_server.domain.tickets import Status
from foleni.messages.setup import Counter, Service
from foleni.times import MINUTE_US, Instant

W, C, S, P = Status.WAITING, Status.CALLED, Status.SERVING, Status.PARKED
HELD = {C, S}
RULES = {"fifo", "strict", "weighted"}


@dataclass
class Place:
    """A ticket as the log tells of it. `arrived_at` is None while nobody has seen the customer of an appointment."""

    service: str
    number: str
    day: str
    credit_min: int
    phone: str | None
    slot: Instant | None
    arrived_at: Instant | None
    rank_at: Instant | None
    status: Status = W
    counter: str | None = None
    moved: bool = False

    def formula(self) -> int:
        """The rank of domain.md, for a customer who is here."""
        assert self.arrived_at is not None
        credited = self.arrived_at - self.credit_min * MINUTE_US
        return credited if self.slot is None else max(credited, self.slot - 10 * MINUTE_US)


@dataclass
class Act:
    """What was last done at a counter, and the ticket as it was in hand before."""

    ticket: str
    before: Place
    skips: int
    at: Instant


@dataclass
class Ledger:
    """Checks properties 1 to 5 and 8 at every event."""

    places: dict[str, Place] = field(default_factory=dict)
    numbers: set[tuple[str, str]] = field(default_factory=set)
    hands: dict[str, str] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    service_states: dict[str, str] = field(default_factory=dict)
    counters: dict[str, Counter] = field(default_factory=dict)
    issued: Tally[str] = field(default_factory=Tally)
    acts: dict[str, Act] = field(default_factory=dict)
    skip_places: int = 3
    max_skips: int = 2
    skips: Tally[str] = field(default_factory=Tally)
    day: str = ""
    seq: int = 0
    steady: Instant = Instant(0)

    def take(self, recorded: e.Recorded) -> None:
        assert recorded.seq == self.seq + 1, "the log has no gap"
        assert recorded.steady >= self.steady, "steady time never goes back"
        self.seq, self.steady = recorded.seq, recorded.steady
        known = _TAKES.get(type(recorded.event))
        if known is not None:
            known(self, recorded.event)

    def waiting(self, service: str) -> list[tuple[int, str]]:
        """Who waits in a queue, the next one first."""
        here = [
            (place.rank_at, ticket) for ticket, place in self.places.items() if place.service == service and place.status is W
        ]
        return sorted((rank, ticket) for rank, ticket in here if rank is not None)

    def compare(self, state: State) -> None:
        """The state says the same as the log."""
        assert {ticket.id: self.places[ticket.id].status for ticket in state.tickets.values()} == {
            ticket.id: ticket.status for ticket in state.tickets.values()
        }
        active = {t for t, p in self.places.items() if p.status in {W, C, S, P}}
        assert active <= set(state.tickets), "no active ticket is forgotten"
        assert {d.counter.id: d.in_hand for d in state.desks.values() if d.in_hand} == self.hands
        for service, queue in state.queues.items():
            assert queue.waiting == self.waiting(service)
            assert queue.issued == self.issued[service]
        counted = Tally(place.status for place in self.places.values())
        assert sum(counted.values()) == len(self.places), "issued is the sum of all states"

    def _joined(self, event: e.TicketJoined) -> None:
        assert event.offline or self.service_states[event.service] == "open", "a service that is not open takes no join"
        assert event.ticket not in self.places
        assert event.joined_at <= self.steady
        if event.phone is not None:
            assert not any(p.phone == event.phone and p.status in {W, C, S, P} for p in self.places.values())
        arrived = event.joined_at if event.checked_in else None
        place = Place(event.service, "", event.day, event.credit_min, event.phone, event.appointment, arrived, event.rank_at)
        assert event.rank_at == (place.formula() if event.checked_in else None)
        self.places[event.ticket] = place
        self._number(place, event.number)
        if event.day == self.day:
            self.issued[event.service] += 1

    def _number(self, place: Place, number: str) -> None:
        assert (place.day, number) not in self.numbers, "no number is given twice in a day"
        self.numbers.add((place.day, number))
        place.number = number

    def _called(self, event: e.TicketCalled) -> None:
        place = self.places[event.ticket]
        assert place.status in {W, P}
        assert event.counter not in self.hands, "one ticket in a hand"
        assert event.ticket not in self.hands.values(), "a ticket in one hand"
        assert event.why.reason
        assert event.ticket in {head.ticket for head in event.why.heads}
        assert event.ticket not in event.why.passed_over
        assert all(self.places[ticket].status is W for ticket in event.why.passed_over)
        if event.why.rule in RULES:
            self._in_turn(event, place)
        elif event.why.rule == "max_priority_run":
            normal = [t for _, t in self._asked(event, event.service) if self.places[t].credit_min == 0]
            assert normal[0] == event.ticket, "the first normal ticket of its service"
        place.status, place.counter = C, event.counter
        place.arrived_at = place.arrived_at or self.steady
        self.hands[event.counter] = event.ticket

    def _asked(self, event: e.TicketCalled, service: str) -> list[tuple[int, str]]:
        """Who waits, but for those whom staff passed over by hand."""
        return [(rank, ticket) for rank, ticket in self.waiting(service) if ticket not in event.why.passed_over]

    def _in_turn(self, event: e.TicketCalled, place: Place) -> None:
        """Properties 3 and 4, and the counter's rule."""
        served = self.counters[event.counter].services
        queues = [queue for service in served if (queue := self._asked(event, service))]
        own = self._asked(event, event.service)
        assert own[0][1] == event.ticket, "the smallest rank of its service"
        assert event.service in served
        if event.why.rule == "fifo":
            assert own[0] == min(queue[0] for queue in queues)
        if event.why.rule == "strict":
            assert own == queues[0]
        for rank, other in own[1:]:
            passed = self.places[other]
            assert passed.arrived_at is not None
            if rank <= passed.arrived_at:
                assert place.arrived_at is not None
                assert passed.arrived_at >= place.arrived_at - place.credit_min * MINUTE_US, "overtakes at most a credit"

    def _out(self, event: e.TicketEvent, frm: set[Status], to: Status) -> Place:
        """A ticket goes from one of these states to another, and out of its hand."""
        place = self.places[event.ticket]
        assert place.status in frm, f"{place.status} -> {to}"
        if place.status in HELD and to not in HELD:
            assert place.counter is not None
            assert self.hands.pop(place.counter) == event.ticket
            place.counter = None
        place.status = to
        return place

    def _done(self, event: e.CounterTicketEvent, frm: set[Status], to: Status) -> Place:
        """As `_out`, by an act that can be taken back."""
        before = replace(self.places[event.ticket])
        place = self._out(event, frm, to)
        self.acts[event.counter] = Act(event.ticket, before, self.skips[event.ticket], self.steady)
        return place

    def _restored(self, event: e.TicketRestored) -> None:
        act, place = self.acts.pop(event.counter), self.places[event.ticket]
        assert event.ticket == act.ticket, "the last act of this counter, once"
        assert self.steady - act.at <= 60_000_000, "for a minute"
        assert place.status == event.was, "not touched since"
        assert place.status in {W, Status.COMPLETED, Status.NO_SHOW}
        assert event.counter not in self.hands, "one ticket in a hand"
        assert (place.number, place.service, place.credit_min) == (act.before.number, act.before.service, act.before.credit_min)
        others = [p for ticket, p in self.places.items() if ticket != event.ticket and p.status in {W, C, S, P}]
        assert place.phone is None or place.phone not in {other.phone for other in others}, "one phone, one active ticket"
        self.places[event.ticket] = act.before
        self.skips[event.ticket] = act.skips
        self.hands[event.counter] = event.ticket

    def _returned(self, event: e.TicketReturned) -> None:
        place = self._out(event, {C}, W)
        assert event.rank_at == place.rank_at, "it stands where it stood"
        place.arrived_at = place.arrived_at if place.rank_at is not None else None

    def _skipped(self, event: e.TicketSkipped) -> None:
        others = self.waiting(event.service)
        place = self._done(event, {C}, W)
        self.skips[event.ticket] += 1
        assert event.skips == self.skips[event.ticket] <= self.max_skips
        place.moved = place.moved or event.rank_at != place.rank_at
        assert place.rank_at is None or event.rank_at >= place.rank_at
        place.rank_at = event.rank_at
        ahead = sum(other < (event.rank_at, event.ticket) for other in others)
        assert ahead >= min(self.skip_places, len(others)), "behind the next places"

    def _transferred(self, event: e.TicketTransferred) -> None:
        place = self._out(event, HELD, W)
        anew = self.steady - place.credit_min * MINUTE_US
        if place.rank_at is not None:
            assert event.rank_at in {place.rank_at, anew}
        place.moved = place.moved or event.rank_at != place.rank_at
        assert place.arrived_at is not None
        assert event.rank_at >= place.arrived_at - place.credit_min * MINUTE_US, "never before its credit"
        place.service, place.rank_at = event.service, event.rank_at

    def _renumbered(self, event: e.TicketRenumbered) -> None:
        place = self.places[event.ticket]
        assert place.number == event.was
        self._number(place, event.number)
        if event.rank_at is not None:
            assert place.status in {W, C, Status.NO_SHOW, Status.COMPLETED}
            self._out(event, {place.status}, W)
            place.rank_at, place.moved = event.rank_at, event.rank_at != place.formula()
            self.skips[event.ticket] = 0

    def _checked_in(self, event: e.TicketCheckedIn) -> None:
        place = self._out(event, {W}, W)
        if place.slot is not None:
            place.arrived_at = self.steady
            assert event.rank_at == place.formula()
        else:
            assert event.rank_at == place.rank_at
        place.rank_at = event.rank_at

    def _priority(self, event: e.PriorityChanged) -> None:
        place = self.places[event.ticket]
        assert place.status in {W, C, S, P}
        place.credit_min = event.credit_min
        if place.rank_at is not None and not place.moved and place.arrived_at is not None:
            assert event.rank_at == place.formula()
        place.rank_at = event.rank_at

    def _expired(self, event: e.TicketExpired) -> None:
        self._out(event, {W, P}, Status.EXPIRED)

    def _day_opened(self, event: e.DayOpened) -> None:
        assert event.opened > self.day, "the day never goes backwards"
        assert not any(place.status in {W, P} for place in self.places.values())
        self.day = event.opened
        self.issued.clear()

    def _branch(self, event: e.BranchSaved) -> None:
        self.skip_places, self.max_skips = event.branch.skip_places, event.branch.max_skips

    def _service_saved(self, event: e.ServiceSaved) -> None:
        self.service_states.setdefault(event.service.id, event.service.state)
        self.services[event.service.id] = event.service

    def _service_removed(self, event: e.ServiceRemoved) -> None:
        assert not any(p.service == event.service and p.status in {W, C, S, P} for p in self.places.values())
        del self.services[event.service], self.service_states[event.service]
        del self.issued[event.service]


def _ends(frm: set[Status], to: Status) -> Callable[[Ledger, Any], None]:
    def take(ledger: Ledger, event: Any) -> None:
        ledger._out(event, frm, to)

    return take


def _acts(frm: set[Status], to: Status) -> Callable[[Ledger, Any], None]:
    def take(ledger: Ledger, event: Any) -> None:
        ledger._done(event, frm, to)

    return take


def _stands(state: str) -> Callable[[Ledger, Any], None]:
    def take(ledger: Ledger, event: Any) -> None:
        ledger.service_states[event.service] = state

    return take


_TAKES: dict[type[e.Event], Callable[[Ledger, Any], None]] = {
    e.TicketJoined: Ledger._joined, e.TicketCalled: Ledger._called, e.TicketSkipped: Ledger._skipped,
    e.TicketTransferred: Ledger._transferred, e.TicketRenumbered: Ledger._renumbered, e.TicketCheckedIn: Ledger._checked_in,
    e.PriorityChanged: Ledger._priority, e.TicketExpired: Ledger._expired, e.DayOpened: Ledger._day_opened,
    e.TicketRestored: Ledger._restored, e.TicketReturned: Ledger._returned,
    e.TicketStarted: _ends({C}, S), e.TicketCompleted: _acts(HELD, Status.COMPLETED),
    e.TicketNoShow: _acts({C}, Status.NO_SHOW), e.TicketParked: _ends(HELD, P), e.TicketCancelled: _ends({W}, Status.CANCELLED),
    e.ServiceOpened: _stands("open"), e.ServicePaused: _stands("paused"), e.ServiceClosed: _stands("closed"),
    e.BranchSaved: Ledger._branch, e.ServiceSaved: Ledger._service_saved, e.ServiceRemoved: Ledger._service_removed,
    e.CounterSaved: lambda ledger, event: ledger.counters.update({event.counter.id: event.counter}),
}  # fmt: skip
