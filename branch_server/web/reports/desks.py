"""How a business day went at the counters, folded from its events. Times are microseconds."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

TYPES = (
    "counter_opened", "counter_on_break", "counter_closed", "ticket_called", "ticket_completed", "ticket_skipped",
    "ticket_no_show", "ticket_parked", "ticket_transferred", "ticket_renumbered", "ticket_restored", "ticket_returned",
    "ticket_joined", "ticket_checked_in",
)  # fmt: skip
"""The events that tell it; of `ticket_joined` only those of customers who are not there yet."""
_ENDS = frozenset({
    "ticket_completed", "ticket_skipped", "ticket_no_show", "ticket_parked", "ticket_transferred", "ticket_returned",
})  # fmt: skip
_STATES = {"counter_opened": "open", "counter_on_break": "break", "counter_closed": "closed"}


class Happened(NamedTuple):
    """One event, as far as counters go."""

    type: str
    at: int
    counter: str | None
    ticket: str | None
    staff: str | None


@dataclass(slots=True)
class DeskTime:
    """How long one person had one counter open, had a ticket in hand there, and was on a break."""

    open_us: int = 0
    busy_us: int = 0
    break_us: int = 0


class Parked(NamedTuple):
    """A ticket's first call before it was parked, and how long it was in hand until then."""

    called_at: int
    in_hand_us: int


@dataclass(slots=True)
class DayStory:
    """`times` by counter and person. `arrived` is when the customers of appointments came, `parked` what came before a park."""

    times: dict[tuple[str, str], DeskTime] = field(default_factory=dict)
    arrived: dict[str, int] = field(default_factory=dict)
    parked: dict[str, Parked] = field(default_factory=dict)


@dataclass(slots=True)
class _Desk:
    counter: str
    state: str
    since: int
    staff: str = ""
    in_hand: str | None = None
    called_at: int = 0
    heard_at: int = 0


def fold(events: Iterable[Happened], until: int | None, later: Callable[[], Iterable[Happened]] = tuple) -> DayStory:
    """The story of a day whose counters are open until `until`, or, where that is None, until the last that was heard of them.

    A counter that nobody opened today (it was left open over night) counts from the first thing that was done at it. `later`
    are the events of the next day: a ticket that is in hand at the roll-over is still one of this day, and may be parked then.
    """
    folding = _Folding()
    for event in events:
        folding.take(event)
    story = folding.ended(until)
    if held := folding.held:
        for event in later():
            if event.ticket in held and event.type != "ticket_called":
                folding.take(event)
                held = folding.held & held
                if not held:
                    break
        story.times = folding.times_of_day
    return story


class _Folding:
    def __init__(self) -> None:
        self.story = DayStory()
        self._desks: dict[str, _Desk] = {}
        self._holder: dict[str, _Desk] = {}
        self._expected: set[str] = set()
        self.times_of_day: dict[tuple[str, str], DeskTime] = {}

    @property
    def held(self) -> set[str]:
        """The tickets that are in a hand."""
        return set(self._holder)

    def take(self, event: Happened) -> None:
        ticket = event.ticket or ""
        if event.type == "ticket_joined":
            self._expected.add(ticket)
        elif event.type == "ticket_checked_in":
            if ticket in self._expected:
                self.story.arrived[ticket] = event.at
        elif event.type == "ticket_renumbered":
            if (holder := self._holder.get(ticket)) is not None:
                self._let_go(holder, event)
        elif event.counter is not None:
            desk = self._desk(event, event.counter)
            if event.type in _STATES:
                self._to(desk, _STATES[event.type], event)
            elif event.type in _ENDS:
                self._let_go(desk, event)
            else:
                desk.in_hand, desk.called_at = ticket, event.at
                self._holder[ticket] = desk
            desk.heard_at = event.at

    def ended(self, until: int | None) -> DayStory:
        for desk in self._desks.values():
            at = until if until is not None else desk.heard_at
            self._count(desk, at)
            if desk.in_hand is not None:
                self._time_of(desk).busy_us += max(0, at - desk.called_at)
        self.times_of_day = {key: replace(spent) for key, spent in self.story.times.items()}
        return self.story

    def _desk(self, event: Happened, counter: str) -> _Desk:
        desk = self._desks.get(counter)
        if desk is None:
            state = _STATES.get(event.type, "open")
            desk = self._desks[counter] = _Desk(counter, state, event.at, event.staff or "")
        return desk

    def _to(self, desk: _Desk, state: str, event: Happened) -> None:
        self._count(desk, event.at)
        desk.state = state
        if state == "open":
            desk.staff = event.staff or ""

    def _let_go(self, desk: _Desk, event: Happened) -> None:
        ticket = event.ticket or ""
        self._holder.pop(ticket, None)
        if desk.in_hand != ticket:
            return
        in_hand_us = max(0, event.at - desk.called_at)
        self._time_of(desk).busy_us += in_hand_us
        if event.type == "ticket_parked":
            known = self.story.parked.get(ticket, Parked(desk.called_at, 0))
            self.story.parked[ticket] = Parked(known.called_at, known.in_hand_us + in_hand_us)
        desk.in_hand = None

    def _count(self, desk: _Desk, at: int) -> None:
        spent = max(0, at - desk.since)
        if desk.state == "open":
            self._time_of(desk).open_us += spent
        elif desk.state == "break":
            self._time_of(desk).break_us += spent
        desk.since = at

    def _time_of(self, desk: _Desk) -> DeskTime:
        return self.story.times.setdefault((desk.counter, desk.staff), DeskTime())
