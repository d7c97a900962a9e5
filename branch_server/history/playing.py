"""One day of a branch: who comes, who serves, and all that goes wrong on a usual day."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from heapq import heappop, heappush
from itertools import count
from random import Random

from branch_server.domain.state import CounterState, Desk
from branch_server.domain.tickets import Status
from branch_server.history.shifts import Shift
from branch_server.history.writing import Past
from foleni.messages import commands as c
from foleni.sim.plan import Customer, Detour, Habits, make_plan
from foleni.times import MINUTE_US, SECOND_US, Instant

LOAD = 0.68
"""Of the counters' time, what customers take."""
_BETWEEN_S = 30.0
"""Seconds that a customer costs beside the service: the way to the counter, and the clerk's own."""
_REMOTE = (c.Channel.STAFF, c.Channel.APP, c.Channel.USSD, c.Channel.APPOINTMENT, c.Channel.API)
_REMOTE_SHARES = (40, 25, 18, 12, 5)
_STARS = (3, 4, 12, 36, 45)
_OUTCOMES = ("done", "came in vain", "comes again")
_REASONS = ("waits for a paper", "pays first", "waits for a result")
_LUNCH_AFTER_H, _LUNCH_MIN = 4, 30
_LATEST_MIN = 60
"""So long after closing time those who still wait are served."""

Act = Callable[[], object]


@dataclass(slots=True)
class _Guest:
    """A customer with a ticket. `back_at` is when a parked one is there again."""

    customer: Customer
    back_at: Instant | None = None


class Day:
    """Plays a shift upon `past`, up to `until`. `people` sit at the counters in their order."""

    def __init__(self, past: Past, chance: Random, shift: Shift, people: Sequence[str], until: Instant) -> None:
        self._past = past
        self._chance = chance
        self._shift = shift
        self._until = until
        self._agenda: list[tuple[Instant, int, Act]] = []
        self._order = count()
        self._guests: dict[str, _Guest] = {}
        self._idle: set[str] = set()
        self._lunch: dict[str, Instant] = {}
        desks = list(past.state.desks)
        self._staff = {desk: people[place % len(people)] if people else None for place, desk in enumerate(desks)}

    def play(self) -> None:
        """Returns when the last customer is gone, or at `until`: who waits then, waits; every hand is empty."""
        for place, counter in enumerate(self._staff):
            self._plan(self._shift.opens + place * 40 * SECOND_US, partial(self._open, counter))
            if self._shift.hours > _LUNCH_AFTER_H + 2:
                due = self._shift.opens + (_LUNCH_AFTER_H * 60 + place * (_LUNCH_MIN + 10)) * MINUTE_US
                self._lunch[counter] = Instant(due)
        for customer in self._customers():
            self._come(customer)
        while self._agenda and self._agenda[0][0] < self._until:
            at, _, act = heappop(self._agenda)
            self._past.at(at)
            act()
        self._past.at(min(self._until, Instant(self._past.now + MINUTE_US)))
        self._go_home()

    def _customers(self) -> list[Customer]:
        services = [queue.service for queue in self._past.state.queues.values()]
        weights = [1 / (place + 1) for place in range(len(services))]
        mean_s = sum(s.service_time_s * w for s, w in zip(services, weights, strict=True)) / sum(weights)
        capacity = self._shift.hours * 3600 * len(self._staff) / (mean_s + _BETWEEN_S)
        tickets = round(capacity * LOAD * self._shift.busy * self._chance.uniform(0.88, 1.12))
        habits = Habits(tickets=max(1, tickets), hours=self._shift.hours, service_time_s=mean_s, no_show_share=0.06)
        plan = make_plan(self._chance.randrange(2**32), [service.id for service in services], habits)
        scale = {service.id: service.service_time_s / mean_s for service in services}
        return [replace(each, service_s=each.service_s * scale[each.service]) for each in plan]

    def _plan(self, at: float, act: Act) -> None:
        heappush(self._agenda, (Instant(int(at)), next(self._order), act))

    def _later(self, seconds: float, act: Act) -> None:
        self._plan(self._past.now + seconds * SECOND_US, act)

    def _come(self, customer: Customer) -> None:
        arrives_at = self._shift.opens + customer.arrives_s * SECOND_US
        if customer.at_kiosk:
            self._plan(arrives_at, partial(self._join, customer, c.Channel.KIOSK, None))
            return
        channel = self._chance.choices(_REMOTE, _REMOTE_SHARES)[0]
        if channel is not c.Channel.APPOINTMENT:
            self._plan(arrives_at, partial(self._join, customer, channel, None))
            return
        slot = Instant(int(arrives_at + self._chance.uniform(2, 15) * MINUTE_US))
        booked_at = max(self._shift.opens, arrives_at - self._chance.uniform(20, 180) * MINUTE_US)
        self._plan(booked_at, partial(self._join, customer, channel, slot))

    def _join(self, customer: Customer, channel: c.Channel, slot: Instant | None) -> None:
        state = self._past.state
        languages = state.branch.languages if state.branch is not None else ("en",)
        spoken = self._chance.choices(languages, [3, *[1] * (len(languages) - 1)])[0]
        fields = {"service": customer.service, "priority": customer.priority, "channel": channel, "language": spoken}
        if not self._past.ask(c.Join, **fields, appointment=slot):
            return
        ticket = next(reversed(state.joins.values()))
        self._guests[ticket] = _Guest(customer)
        if slot is not None:
            arrives_at = self._shift.opens + customer.arrives_s * SECOND_US
            self._plan(arrives_at, partial(self._arrive, ticket))
            return
        if self._chance.random() < 0.15:
            self._later(self._chance.uniform(10, 45) * 60, partial(self._lose_patience, ticket))
        self._wake(customer.service)

    def _arrive(self, ticket: str) -> None:
        if self._past.ask(c.CheckIn, ticket=ticket):
            self._wake(self._past.state.tickets[ticket].service)

    def _lose_patience(self, ticket: str) -> None:
        held = self._past.state.tickets.get(ticket)
        if held is not None and held.status is Status.WAITING:
            self._past.ask(c.Cancel, ticket=ticket)

    def _wake(self, service: str) -> None:
        """A clerk with nothing to do sees that somebody has come."""
        for counter in list(self._staff):
            if counter in self._idle and service in self._desk(counter).counter.services:
                self._idle.discard(counter)
                self._later(self._chance.uniform(3, 15), partial(self._next, counter))
                return

    def _desk(self, counter: str) -> Desk:
        return self._past.state.desks[counter]

    def _open(self, counter: str) -> None:
        self._past.ask(c.OpenCounter, counter=counter, staff=self._staff[counter])
        self._next(counter)

    def _next(self, counter: str) -> None:
        """What a clerk with an empty hand does."""
        now, closes = self._past.now, self._shift.closes
        if counter in self._lunch and now >= self._lunch[counter]:
            del self._lunch[counter]
            self._past.ask(c.BreakCounter, counter=counter, reason="lunch")
            self._later(_LUNCH_MIN * 60, partial(self._open, counter))
            return
        if now > closes + _LATEST_MIN * MINUTE_US:
            self._past.ask(c.CloseCounter, counter=counter)
            return
        if self._calls_back(counter) or self._past.ask(c.CallNext, counter=counter):
            self._attend(counter)
        elif now >= closes:
            self._past.ask(c.CloseCounter, counter=counter)
        else:
            self._idle.add(counter)
            self._plan(closes, partial(self._leave, counter))

    def _leave(self, counter: str) -> None:
        if counter in self._idle:
            self._idle.discard(counter)
            self._next(counter)

    def _calls_back(self, counter: str) -> bool:
        """Who was parked and is there again goes first."""
        for ticket, guest in self._guests.items():
            if guest.back_at is not None and guest.back_at <= self._past.now:
                held = self._past.state.tickets.get(ticket)
                if held is None or held.status is not Status.PARKED:
                    guest.back_at = None
                elif held.service in self._desk(counter).counter.services:
                    guest.back_at = None
                    return self._past.ask(c.Unpark, counter=counter, ticket=ticket)
        return False

    def _attend(self, counter: str) -> None:
        ticket = self._desk(counter).in_hand
        if ticket is None:
            self._later(5, partial(self._next, counter))
            return
        customer = self._guests[ticket].customer if ticket in self._guests else None
        if customer is not None and customer.no_show:
            self._later(30, partial(self._press, c.Recall, counter))
            self._later(self._chance.uniform(50, 90), partial(self._give_up, counter, ticket))
            return
        walk_s = customer.walk_s if customer is not None else 10.0
        self._later(walk_s, partial(self._press, c.Start, counter))
        self._later(walk_s + (customer.service_s if customer is not None else 180.0), partial(self._finish, counter, ticket))

    def _press(self, kind: type[c.Command], counter: str) -> None:
        self._past.ask(kind, counter=counter)

    def _give_up(self, counter: str, ticket: str) -> None:
        """Nobody came: a few places back for some, who may come after all; not there for good for the others."""
        guest = self._guests[ticket]
        is_late = self._chance.random() < 0.35
        guest.customer = replace(guest.customer, no_show=not is_late)
        self._past.ask(c.Skip if is_late else c.NoShow, counter=counter)
        self._later(self._chance.uniform(3, 8), partial(self._next, counter))

    def _finish(self, counter: str, ticket: str) -> None:
        guest = self._guests.get(ticket)
        detour = guest.customer.detour if guest is not None else Detour.NONE
        if guest is not None:
            guest.customer = replace(guest.customer, detour=Detour.NONE)
        if guest is not None and detour is Detour.PARK:
            self._park(counter, guest)
        elif guest is not None and detour is Detour.TRANSFER and len(self._past.state.queues) > 1:
            self._past.ask(c.Transfer, ticket=ticket, to_service=guest.customer.transfer_to)
            self._wake(guest.customer.transfer_to)
        else:
            self._complete(counter, ticket)
        self._later(self._chance.uniform(4, 25), partial(self._next, counter))

    def _park(self, counter: str, guest: _Guest) -> None:
        branch = self._past.state.branch
        reasons = (branch.park_reasons if branch is not None else ()) or _REASONS
        self._past.ask(c.Park, counter=counter, reason=self._chance.choice(reasons))
        guest.back_at = Instant(int(self._past.now + guest.customer.away_s * SECOND_US))
        self._plan(guest.back_at, partial(self._wake, guest.customer.service))

    def _complete(self, counter: str, ticket: str) -> None:
        branch = self._past.state.branch
        outcomes = (branch.outcomes if branch is not None else ()) or _OUTCOMES
        outcome = self._chance.choices(outcomes, [16, *[1] * (len(outcomes) - 1)])[0]
        self._past.ask(c.Complete, counter=counter, outcome=outcome)
        if self._chance.random() < 0.14:
            stars = self._chance.choices(range(1, 6), _STARS)[0]
            self._later(self._chance.uniform(20, 300), partial(self._past.ask, c.Rate, ticket=ticket, stars=stars))

    def _go_home(self) -> None:
        for counter in self._staff:
            desk = self._desk(counter)
            if desk.in_hand is not None:
                self._complete(counter, desk.in_hand)
            if desk.state is not CounterState.CLOSED:
                self._past.ask(c.CloseCounter, counter=counter)
