"""The customers in the building: who waits, who was called where, and who has walked away."""

from collections import deque
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from pydantic import ValidationError

from foleni.messages.replies import JoinResult, Reply
from foleni.messages.state import CounterStatus, InHand
from foleni.sim.agenda import Agenda
from foleni.sim.asking import Asking, Voice
from foleni.sim.plan import Customer, Detour
from foleni.sim.summary import Judge, Tally


@dataclass(slots=True)
class Visit:
    """A ticket and the customer who holds it. `joined_s` is unset for tickets that others took."""

    ticket: str
    customer: Customer
    joined_s: float | None = None
    calls: int = 0
    detoured: bool = False


STRANGER = Customer(0.0, "", "normal", False, False, 10.0, 60.0, Detour.NONE, "", 0.0)
"""Somebody whose ticket is not of this run."""


@dataclass(slots=True)
class Crowd:
    """Takes the tickets and keeps them apart. `changes` counts what may have given an idle counter something to call."""

    agenda: Agenda
    asking: Asking
    tally: Tally
    judge: Judge
    kiosks: deque[Voice]
    console: Voice | None
    to_come: int = 0
    changes: int = 0
    states: dict[str, CounterStatus] = field(default_factory=dict)
    freed: list[tuple[str, float]] = field(default_factory=list)
    _visits: dict[str, Visit] = field(default_factory=dict)
    _hands: dict[str, str] = field(default_factory=dict)

    def expect(self, plan: tuple[Customer, ...]) -> None:
        """Put all arrivals of the plan on the agenda."""
        self.to_come = len(plan)
        for customer in plan:
            self.agenda.at(customer.arrives_s, partial(self._arrive, customer))

    def offer(self, service: str, at_s: float) -> None:
        """A ticket now waits for `service`: some idle counter may see it."""
        self.changes += 1
        self.freed.append((service, at_s))

    def called(self, in_hand: InHand, counter: str, at_s: float) -> Visit:
        """The visit of a ticket that was called to `counter`."""
        visit = self._visits.setdefault(in_hand.ticket, Visit(in_hand.ticket, STRANGER))
        holder = self._hands.get(in_hand.ticket)
        if holder not in {None, counter}:
            self.tally.contradict(f"ticket {in_hand.number} was called to {counter} while in hand at {holder}")
        self._hands[in_hand.ticket] = counter
        if visit.calls == 0 and visit.joined_s is not None:
            self.tally.waits_s.append(max(0.0, at_s - visit.joined_s))
        visit.calls += 1
        self.tally.called += 1
        return visit

    def leave_hand(self, ticket: str) -> None:
        """Its counter has asked for something that takes the ticket out of the hand."""
        self._hands.pop(ticket, None)

    def waiting(self) -> int:
        """Tickets of this run that were never called."""
        return self.tally.issued - len(self.tally.waits_s)

    def _arrive(self, customer: Customer, at_s: float) -> None:
        voice, channel = self._door(customer)
        fields: dict[str, Any] = {"type": "join", "service": customer.service, "channel": channel}
        if customer.priority != "normal":
            fields["priority"] = customer.priority
        self.asking.ask(voice, at_s, fields, lambda reply: self._joined(customer, at_s, reply))

    def _door(self, customer: Customer) -> tuple[Voice, str]:
        if self.kiosks and (customer.at_kiosk or self.console is None):
            self.kiosks.rotate()
            return self.kiosks[0], "kiosk"
        assert self.console is not None
        return self.console, "kiosk" if customer.at_kiosk else "staff"

    def _joined(self, customer: Customer, at_s: float, reply: Reply | None) -> None:
        self.to_come -= 1
        if reply is None or not reply.ok:
            return
        try:
            result = JoinResult.model_validate(reply.result)
        except ValidationError as error:
            self.tally.contradict(f"no valid result of a join: {error.errors()[0]['loc']} in {reply.result}")
            return
        self.tally.issued += 1
        self.judge.joined(result.number, result.ticket, result.joined_at)
        self._visits[result.ticket] = Visit(result.ticket, customer, at_s)
        self.offer(customer.service, at_s)
