"""What is going on now, in figures: one picture of the hall for those who lead it."""

import time
from collections import Counter
from collections.abc import Iterable
from typing import Any

from branch_server.domain.state import CounterState, Desk, Queue, State
from branch_server.domain.tickets import IN_HAND, Status, Ticket
from branch_server.engine.codec import compact
from branch_server.web.pages import CONSOLE_LANGUAGES
from branch_server.web.reports.alert_words import alert_text
from branch_server.web.site import Site
from foleni.times import to_wire
from foleni.words.catalogue import words

REDRAWN_S = 0.5
"""Figures of a whole day are counted anew at most this often, however many screens follow them."""
_ROOM = "branch_server.web.reports"
_GONE = (Status.CANCELLED, Status.EXPIRED)


class Live:
    """Pictures of now. On the event loop's thread only."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._drawn: dict[str, tuple[float, int, bytes]] = {}
        self._behind = False

    def name(self, services: frozenset[str] | None) -> str:
        """The name of the picture that people with these services share."""
        return "live" if services is None else f"live:{','.join(sorted(services))}"

    def draw(self, services: frozenset[str] | None) -> bytes:
        """The picture as JSON; one that is still fresh is given again."""
        name, seq, now = self.name(services), self._site.follower.state.seq, time.monotonic()
        at, drawn_seq, picture = self._drawn.get(name, (0.0, -1, b""))
        if seq != drawn_seq and now - at >= REDRAWN_S:
            picture = compact(self.picture(self._site.follower.state, services))
            self._drawn[name] = now, seq, picture
        elif seq != drawn_seq:
            self._behind = True
        return picture

    def tick(self) -> None:
        """Draws what was not drawn because it was too soon."""
        if self._behind:
            self._behind = False
            self._site.hub.changed()

    def picture(self, state: State, services: frozenset[str] | None) -> dict[str, Any]:
        """The figures of today, of these services only (None is all). Texts come in every language of the consoles."""
        queues = [queue for name, queue in state.queues.items() if services is None or name in services]
        desks = [desk for desk in state.desks.values() if services is None or services & set(desk.counter.services)]
        mine = {queue.service.id for queue in queues}
        tickets = [ticket for ticket in state.tickets.values() if ticket.service in mine and ticket.day == state.day]
        by_service: Counter[tuple[str, Status]] = Counter((ticket.service, ticket.status) for ticket in tickets)
        by_counter = Counter((ticket.counter, ticket.status) for ticket in tickets)
        rows = [_service(state, queue, by_service) for queue in queues]
        return {
            "day": state.day,
            "target_min": state.branch.wait_target_min if state.branch is not None else 15,
            "totals": _totals(rows, tickets, desks),
            "services": rows,
            "counters": [_counter(state, desk, by_counter) for desk in desks],
            "alerts": [_alert(alert, message) for alert, message in sorted(state.alerts.items())],
        }


def waits_since(ticket: Ticket) -> int:
    """When a ticket's wait began: with an appointment, when its customer came."""
    return ticket.checked_in_at or ticket.joined_at if ticket.appointment is not None else ticket.joined_at


def longest_of(state: State, queue: Queue) -> int | None:
    """Since when the one waits who waits longest; None where nobody does."""
    return min((waits_since(state.tickets[ticket]) for _, ticket in queue.waiting), default=None)


def _service(state: State, queue: Queue, counted: Counter[tuple[str, Status]]) -> dict[str, Any]:
    service = queue.service
    longest = longest_of(state, queue)
    return {
        "service": service.id, "name": service.name, "state": queue.state, "waiting": queue.length,
        "waits_since": to_wire(longest) if longest is not None else None,
        "issued": sum(count for (name, _), count in counted.items() if name == service.id),
        "served": counted[service.id, Status.COMPLETED], "no_show": counted[service.id, Status.NO_SHOW],
        "abandoned": sum(counted[service.id, status] for status in _GONE),
        "parked": counted[service.id, Status.PARKED],
    }  # fmt: skip


def _counter(state: State, desk: Desk, counted: Counter[tuple[Any, Status]]) -> dict[str, Any]:
    hand = state.hand(desk)
    staff = state.staff.get(desk.staff or "")
    counter = desk.counter
    return {
        "counter": counter.id, "label": counter.label, "state": desk.state, "staff": staff.name if staff is not None else None,
        "in_hand": hand.number if hand is not None else None,
        "called_at": to_wire(hand.called_at) if hand is not None and hand.called_at is not None else None,
        "served": counted[counter.id, Status.COMPLETED], "no_show": counted[counter.id, Status.NO_SHOW],
    }  # fmt: skip


def _totals(rows: Iterable[dict[str, Any]], tickets: Iterable[Ticket], desks: list[Desk]) -> dict[str, Any]:
    listed = list(rows)
    waits = [row["waits_since"] for row in listed if row["waits_since"] is not None]
    sums = {
        name: sum(row[name] for row in listed) for name in ("waiting", "issued", "served", "no_show", "abandoned", "parked")
    }
    return sums | {
        "waits_since": min(waits, default=None),
        "in_hand": sum(ticket.status in IN_HAND for ticket in tickets),
        "staffed": sum(desk.state is CounterState.OPEN for desk in desks),
        "counters": len(desks),
    }


def _alert(alert: str, message: str) -> dict[str, Any]:
    texts = {language: alert_text(alert, message, words(_ROOM, language)) for language in CONSOLE_LANGUAGES}
    return {"alert": alert, "message": message, "text": texts}
