"""What always holds, over random branches, commands and times: the properties of domain.md at every event.

Property 6 needs a journal, and is kept in the engine's tests.
"""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from branch_server.domain.apply import apply
from branch_server.domain.asking import Sender
from branch_server.domain.decide import decide
from branch_server.domain.events import Event, Recorded, TicketJoined, TicketRenumbered
from branch_server.domain.refusals import Refused
from branch_server.domain.results import result_of
from branch_server.domain.state import State
from branch_server.engine.codec import dump_event, dump_state, load_event, load_state
from foleni.messages import commands as c
from foleni.messages.replies import Code
from foleni.times import MINUTE_US, SECOND_US, Instant, to_wire
from tests.unit.domain import chances as ch
from tests.unit.domain.ledger import Ledger
from tests.unit.domain.world import HOUSE, World

IN_HAND = (c.CallNext, c.Recall, c.Start, c.Complete, c.Skip, c.Skip, c.NoShow, c.Park, c.Undo)
COUNTER_COMMANDS = (*IN_HAND, c.OpenCounter, c.CloseCounter, c.BreakCounter)

TICKET_COMMANDS = (c.Cancel, c.CheckIn, c.CheckIn, c.AddNote, c.SetPriority, c.SetPriority, c.Rate)
SERVICE_COMMANDS = (c.OpenService, c.OpenService, c.OpenService, c.PauseService, c.CloseService)

ACTS = (c.Complete, c.Skip, c.NoShow, c.CallNext)
WAYS = ("to_counter", "to_service", "to_staff")

rarely = st.integers(0, 5).map(lambda value: value == 5)


class BranchMachine(RuleBasedStateMachine):
    """Random commands, sensible and senseless, at a branch that is set up at random."""

    @initialize(data=st.data())
    def set_up(self, data: st.DataObject) -> None:
        services = [data.draw(ch.service(name, (prefix,))) for name, prefix in zip(ch.SERVICES, "ABL", strict=True)]
        counters = [data.draw(ch.counter(name)).model_copy(update={"label": name}) for name in ch.COUNTERS]
        self.world = World(data.draw(ch.branches), services, counters)
        self.ledger = Ledger()
        self.read = 0
        self.joins: list[tuple[c.Join, Sender]] = []
        self.snapshots: list[tuple[int, str]] = []
        self.printed = 0

    def ask(self, command: c.Command, sender: Sender = HOUSE) -> list[Event] | Refused:
        """Deciding changes nothing; a refusal leaves nothing behind; an answer can always be made."""
        state, moment = self.world.state, self.world.moment(sender)
        before, refused = dump_state(state), None
        try:
            events = list(decide(state, command, moment))
        except Refused as error:
            refused = error
        assert dump_state(state) == before
        if refused is not None:
            assert refused.message
            assert refused.code is not Code.UNAVAILABLE
            return refused
        self.world.record(events, sender.name, command.id)
        result_of(state, command, moment)
        return events

    def do(self, kind: type[c.Command], **fields: Any) -> list[Event] | Refused:
        return self.ask(self.world.command(kind, **fields))

    def some_ticket(self, pick: int) -> str:
        """One that is known today, or now and then one that is not."""
        known = list(self.world.state.tickets)
        return known[pick % len(known)] if known and pick % 17 else self.world.new_id()

    @rule(service=ch.services, priority=ch.priorities, channel=ch.channels, phone=ch.phones, slot=ch.slots)
    def join(self, service: str, priority: str, channel: str, phone: str | None, slot: int | None) -> None:
        at = None if slot is None else Instant(self.world.now + slot)
        fields = {"service": service, "priority": priority, "channel": channel, "phone": phone, "appointment": at}
        sender = Sender("cloud", trusted=True) if channel == "app" else Sender("kiosk-1")
        self.take_in(self.world.command(c.Join, **fields), sender)

    @rule(service=ch.services, priorities=st.lists(st.sampled_from(["normal", "normal", "vip"]), min_size=1, max_size=5))
    def join_at_the_kiosk(self, service: str, priorities: list[str]) -> None:
        for priority in priorities:
            fields = {"service": service, "priority": priority, "channel": c.Channel.KIOSK}
            self.take_in(self.world.command(c.Join, **fields), Sender("kiosk-1"))
            self.world.now = Instant(self.world.now + 20 * SECOND_US)

    @rule(counter=ch.counters, then=st.lists(st.sampled_from(IN_HAND), max_size=4))
    def work_at_a_counter(self, counter: str, then: list[type[c.Command]]) -> None:
        """What a clerk does: open, call, and deal with who comes."""
        steps: list[type[c.Command]] = [c.OpenCounter, c.CallNext, *then]
        for kind in steps:
            self.do(kind, counter=counter)

    @rule(service=ch.services, issuer=ch.issuers, ago=ch.jumps, again=st.booleans(), early=st.booleans())
    def hand_in_paper(self, service: str, issuer: str, ago: int, again: bool, early: bool) -> None:
        self.printed += not again
        queue = self.world.state.queues.get(service)
        number = f"{queue.service.prefix if queue else 'A'}{ch.LETTERS[issuer]}{self.printed:02d}"
        joined_at = Instant(max(0, self.world.now - ago if early else self.world.now + ago))
        fields = {"service": service, "channel": "kiosk", "number": number, "joined_at": joined_at}
        self.take_in(self.world.command(c.Join, **fields), Sender(issuer, trusted=issuer == "cloud"))

    def take_in(self, command: c.Join, sender: Sender) -> None:
        queue = self.world.state.queues.get(command.service)
        answer = self.ask(command, sender)
        self.joins.append((command, sender))
        if isinstance(answer, Refused) and answer.code in {Code.SERVICE_PAUSED, Code.SERVICE_CLOSED}:
            assert queue is not None
            assert str(queue.state) in answer.message
            assert queue.reason is None or queue.reason in answer.message
            assert (queue.reopens_at is not None) == ("opens again at" in answer.message)
        elif queue is not None and queue.state != "open" and command.number is None:
            assert isinstance(answer, Refused)

    @precondition(lambda self: self.joins)
    @rule(pick=ch.picks, on_paper=st.booleans())
    def ask_for_the_same_again(self, pick: int, on_paper: bool) -> None:
        command, sender = self.joins[pick % len(self.joins)]
        known = self.world.state.joins.get(command.id)
        if known is None:
            return
        if on_paper and sender.name in ch.LETTERS:
            self.printed += 1
            ticket = self.world.state.tickets[known]
            queue = self.world.state.queues.get(ticket.service)
            prefix = queue.service.prefix if queue else "A"
            command = command.model_copy(update={"number": f"{prefix}{ch.LETTERS[sender.name]}{self.printed:02d}"})
        answer = self.ask(command, sender)
        if not isinstance(answer, Refused):
            assert not any(isinstance(event, TicketJoined) for event in answer)
            assert on_paper or not any(isinstance(event, TicketRenumbered) for event in answer)

    @rule(counter=ch.counters)
    def call_next(self, counter: str) -> None:
        """No counter is idle while anybody waits for its services."""
        desk = self.world.state.desks.get(counter)
        idle = desk is not None and desk.state == "open" and self.world.state.waiting_at(desk) > 0
        answer = self.do(c.CallNext, counter=counter)
        assert not (idle and isinstance(answer, Refused))

    @rule(counter=ch.counters, picks=st.lists(ch.picks, max_size=3))
    def call_next_but_these(self, counter: str, picks: list[int]) -> None:
        """Whoever is passed over stays where it is."""
        passed = [self.some_ticket(pick) for pick in picks]
        before = {ticket: self.world.state.tickets.get(ticket) for ticket in passed}
        desk = self.world.state.desks.get(counter)
        held = desk.in_hand if desk is not None else None
        self.do(c.CallNext, counter=counter, pass_over=passed)
        assert all(self.world.state.tickets.get(ticket) == was for ticket, was in before.items() if ticket != held)

    @rule(
        counter=ch.counters,
        act=st.sampled_from([c.Complete, c.Skip, c.NoShow, c.CallNext]),
        pause=ch.moments,
        more=st.booleans(),
    )
    def take_back(self, counter: str, act: type[c.Command], pause: int, more: bool) -> None:
        """Within a minute, with nothing in between, it is as if nothing had been done."""
        desk = self.world.state.desks.get(counter)
        if desk is None:
            return
        self.do(c.OpenCounter, counter=counter)
        for service in (desk.counter.services[0], desk.counter.services[-1]):
            self.do(c.OpenService, service=service)
            self.take_in(self.world.command(c.Join, service=service, channel="staff"), HOUSE)
        self.do(c.CallNext, counter=counter)
        if desk.in_hand is None:
            return
        held, times = self.world.state.tickets[desk.in_hand], dict(_times(self.world.state))
        run = desk.credited_run
        self.do(act, counter=counter)
        if more:
            self.do(c.CallNext, counter=counter)
        again = desk.in_hand == held.id
        self.world.now = Instant(self.world.now + pause)
        answer = self.do(c.Undo, counter=counter)
        if pause > MINUTE_US:
            assert isinstance(answer, Refused)
        elif not (more and act is c.CallNext) and not again:
            assert self.world.state.tickets[held.id] == held
            assert (desk.in_hand, desk.credited_run) == (held.id, run)
            assert all(times[service][-19:] == now[-19:] for service, now in _times(self.world.state).items())

    @rule(counter=ch.counters, kind=st.sampled_from(COUNTER_COMMANDS), pick=ch.picks)
    def at_a_counter(self, counter: str, kind: type[c.Command], pick: int) -> None:
        self.do(kind, counter=counter, seen="A001" if pick % 11 == 0 else None)

    @rule(counter=ch.counters, kind=st.sampled_from([c.CallTicket, c.Unpark]), pick=ch.picks)
    def call_by_name(self, counter: str, kind: type[c.Command], pick: int) -> None:
        parked = [ticket.id for ticket in self.world.state.tickets.values() if ticket.status == "parked"]
        ticket = parked[pick % len(parked)] if parked and kind is c.Unpark else self.some_ticket(pick)
        self.do(kind, counter=counter, ticket=ticket)

    @rule(pick=ch.picks, service=ch.services, counter=ch.counters, way=st.sampled_from(WAYS), keep=st.booleans())
    def transfer(self, pick: int, service: str, counter: str, way: str, keep: bool) -> None:
        held = [ticket.id for ticket in self.world.state.in_hands()]
        ticket = held[pick % len(held)] if held else self.some_ticket(pick)
        aim = {"to_counter": counter, "to_service": service, "to_staff": "ada"}[way]
        self.do(c.Transfer, ticket=ticket, keep_rank=keep, **{way: aim})

    @rule(counter=ch.counters, staff=st.sampled_from(["ada", None, "bob"]))
    def sit_down(self, counter: str, staff: str | None) -> None:
        self.do(c.OpenCounter, counter=counter, staff=staff)

    @rule(pick=ch.picks, kind=st.sampled_from(TICKET_COMMANDS), priority=ch.priorities)
    def with_a_ticket(self, pick: int, kind: type[c.Command], priority: str) -> None:
        self.do(kind, ticket=self.some_ticket(pick), priority=priority, text="x", stars=1 + pick % 5)

    @precondition(lambda self: any(ticket.rank_at is None for ticket in self.world.state.tickets.values()))
    @rule(pick=ch.picks, kind=st.sampled_from([c.CheckIn, c.CallTicket]), counter=ch.counters)
    def an_appointment_comes(self, pick: int, kind: type[c.Command], counter: str) -> None:
        expected = [ticket.id for ticket in self.world.state.tickets.values() if ticket.rank_at is None]
        self.do(kind, ticket=expected[pick % len(expected)], counter=counter)

    @rule(service=ch.services, kind=st.sampled_from(SERVICE_COMMANDS), back=ch.slots)
    def with_a_service(self, service: str, kind: type[c.Command], back: int | None) -> None:
        at = None if back is None else Instant(self.world.now + back)
        self.do(kind, service=service, reopens_at=at, reason="lunch" if back else None)

    @rule(command=ch.setup, now=rarely)
    def set_up_otherwise(self, command: tuple[type[c.Command], dict[str, Any]], now: bool) -> None:
        kind, fields = command
        if now:
            self.do(kind, **fields)

    @rule(by_us=ch.jumps)
    def time_passes(self, by_us: int) -> None:
        self.world.later(by_us / 1e6)

    @rule(by_us=ch.jumps)
    def time_passes_within_a_batch(self, by_us: int) -> None:
        self.world.now = Instant(self.world.now + by_us)

    @rule(now=rarely)
    def close_the_day(self, now: bool) -> None:
        if now:
            self.do(c.CloseDay)

    @rule()
    def take_a_snapshot(self) -> None:
        self.snapshots.append((len(self.world.log), dump_state(self.world.state)))

    @invariant()
    def every_event_keeps_the_rules(self) -> None:
        if not hasattr(self, "ledger"):
            return
        for recorded in self.world.log[self.read :]:
            self.ledger.take(recorded)
            assert load_event(recorded.event.type, dump_event(recorded.event)) == recorded.event
        self.read = len(self.world.log)
        self.ledger.compare(self.world.state)

    def teardown(self) -> None:
        """Folding from the start, or from any snapshot, gives the same state."""
        if not hasattr(self, "ledger"):
            return
        assert _folded(State(), self.world.log) == self.world.state, "fold from the start"
        for seen, snapshot in self.snapshots:
            assert _folded(load_state(snapshot), self.world.log[seen:]) == self.world.state, "fold from a snapshot"
        assert to_wire(self.world.now)


def _times(state: State) -> dict[str, list[int]]:
    return {service: queue.served_s for service, queue in state.queues.items()}


def _folded(state: State, log: list[Recorded]) -> State:
    for recorded in log:
        apply(state, recorded)
    return state


TestBranch = BranchMachine.TestCase
