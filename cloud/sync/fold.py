"""The fold: what each event of a branch makes of our picture. Pure, and it cannot fail: what it does not understand changes
nothing. Events come in their order and each once; whoever calls sees to that.
"""

from collections.abc import Callable, Iterable

from cloud.queues.status import REMOTE, Status
from cloud.sync.fold_setup import SETUP_FOLDS
from cloud.sync.picture import Fact, Note, Picture, Service, Ticket
from cloud.sync.reading import instant, text, whole

Fold = Callable[[Picture, Fact], None]


def fold(picture: Picture, facts: Iterable[Fact]) -> Picture:
    """The same picture, with these facts in it."""
    for fact in facts:
        known = _FOLDS.get(fact.type) or SETUP_FOLDS.get(fact.type)
        if known is not None:
            known(picture, fact)
    return picture


def _ticket(picture: Picture, fact: Fact) -> Ticket | None:
    """The ticket of an event, which counts as touched."""
    ticket = picture.tickets.get(text(fact.data, "ticket") or "")
    if ticket is not None and ticket.ticket is not None:
        picture.changes.tickets.add(ticket.ticket)
    return ticket


def _joined(picture: Picture, fact: Fact) -> None:
    ticket_id, service = text(fact.data, "ticket"), text(fact.data, "service")
    if not ticket_id or not service:
        return
    command = text(fact.data, "command") or fact.command
    ticket = picture.tickets.get(ticket_id) or picture.joins.pop(command or "", None)
    if ticket is None:
        ticket = Ticket(ticket_id, ticket_id, command, None, service, Status.WAITING, "kiosk", "", fact.at, None)
    else:
        picture.changes.linked.append(ticket.id)
    picture.tickets[ticket_id] = ticket
    picture.changes.tickets.add(ticket_id)
    _take_in(ticket, ticket_id, service, picture, fact)
    known = picture.services.get(service)
    if known is not None and ticket.day == picture.day:
        known.issued += 1
        picture.changes.services.add(service)


def _take_in(ticket: Ticket, ticket_id: str, service: str, picture: Picture, fact: Fact) -> None:
    data, number = fact.data, text(fact.data, "number")
    if not ticket.provisional or ticket.number in {None, number}:
        ticket.number, ticket.provisional = number, False
    joined_at = instant(data, "joined_at") or fact.at
    ticket.ticket, ticket.service, ticket.status, ticket.refusal = ticket_id, service, Status.WAITING, None
    ticket.channel, ticket.priority = text(data, "channel") or ticket.channel, text(data, "priority") or ticket.priority
    ticket.day = text(data, "day") or picture.day or fact.day
    ticket.joined_at, ticket.ended_at = joined_at, None
    ticket.rank_at = instant(data, "rank_at") if "rank_at" in data else joined_at
    ticket.appointment = instant(data, "appointment") or ticket.appointment
    ticket.checked_in_at = None if ticket.channel in REMOTE else joined_at
    ticket.language = text(data, "language") or ticket.language
    ticket.phone, ticket.name = text(data, "phone") or ticket.phone, text(data, "name") or ticket.name


def _called(picture: Picture, fact: Fact) -> None:
    ticket = _ticket(picture, fact)
    if ticket is None:
        return
    _leave_hand(picture, ticket)
    ticket.status, ticket.called_at, ticket.started_at = Status.CALLED, fact.at, None
    ticket.calls = whole(fact.data, "call") or 1
    _into_hand(picture, ticket, text(fact.data, "counter"))
    picture.changes.notes.append(Note("called", ticket.id, fact.seq, fact.wall))


def _recalled(picture: Picture, fact: Fact) -> None:
    ticket = _ticket(picture, fact)
    if ticket is not None:
        ticket.calls = whole(fact.data, "call") or ticket.calls + 1


def _started(picture: Picture, fact: Fact) -> None:
    ticket = _ticket(picture, fact)
    if ticket is not None:
        ticket.status, ticket.started_at = Status.SERVING, fact.at


def _ending(status: Status) -> Fold:
    def ended(picture: Picture, fact: Fact) -> None:
        ticket = _ticket(picture, fact)
        if ticket is None:
            return
        _leave_hand(picture, ticket)
        ticket.status, ticket.ended_at = status, fact.at
        ticket.cancel_wanted = False
        if status is Status.COMPLETED:
            ticket.outcome = text(fact.data, "outcome")

    return ended


def _back(picture: Picture, fact: Fact, ticket: Ticket) -> None:
    """Among those who wait. When it was called stays known, for the case that this is taken back."""
    _leave_hand(picture, ticket)
    ticket.status, ticket.counter, ticket.ended_at, ticket.outcome = Status.WAITING, None, None, None
    if "rank_at" in fact.data:
        ticket.rank_at = instant(fact.data, "rank_at")


def _skipped(picture: Picture, fact: Fact) -> None:
    ticket = _ticket(picture, fact)
    if ticket is None:
        return
    _back(picture, fact, ticket)
    ticket.skips = whole(fact.data, "skips") or ticket.skips + 1
    picture.changes.notes.append(Note("skipped", ticket.id, fact.seq, fact.wall))


def _returned(picture: Picture, fact: Fact) -> None:
    ticket = _ticket(picture, fact)
    if ticket is not None:
        _back(picture, fact, ticket)
        ticket.calls, ticket.called_at = 0, None


def _restored(picture: Picture, fact: Fact) -> None:
    """In the hand again, as before the act that had made it `was`."""
    ticket = _ticket(picture, fact)
    if ticket is None:
        return
    if text(fact.data, "was") == Status.WAITING:
        ticket.skips = max(0, ticket.skips - 1)
    ticket.status = Status.CALLED if ticket.started_at is None else Status.SERVING
    ticket.ended_at = ticket.outcome = None
    _into_hand(picture, ticket, text(fact.data, "counter"))


def _parked(picture: Picture, fact: Fact) -> None:
    ticket = _ticket(picture, fact)
    if ticket is not None:
        _leave_hand(picture, ticket)
        ticket.status = Status.PARKED


def _transferred(picture: Picture, fact: Fact) -> None:
    ticket = _ticket(picture, fact)
    if ticket is not None:
        _back(picture, fact, ticket)
        ticket.service = text(fact.data, "service") or ticket.service
        ticket.calls, ticket.called_at, ticket.started_at = 0, None, None


def _renumbered(picture: Picture, fact: Fact) -> None:
    ticket = _ticket(picture, fact)
    if ticket is None:
        return
    ticket.number = text(fact.data, "number") or ticket.number
    ticket.provisional = False
    if instant(fact.data, "rank_at") is not None:
        _back(picture, fact, ticket)
        ticket.skips = ticket.calls = 0
        ticket.called_at = ticket.started_at = None


def _checked_in(picture: Picture, fact: Fact) -> None:
    ticket = _ticket(picture, fact)
    if ticket is not None:
        ticket.checked_in_at = fact.at
        if "rank_at" in fact.data:
            ticket.rank_at = instant(fact.data, "rank_at")


def _rated(picture: Picture, fact: Fact) -> None:
    ticket, stars = _ticket(picture, fact), whole(fact.data, "stars")
    if ticket is not None and stars is not None and 1 <= stars <= 5:
        ticket.stars = stars


def _priority(picture: Picture, fact: Fact) -> None:
    ticket = _ticket(picture, fact)
    if ticket is not None:
        ticket.priority = text(fact.data, "priority") or ticket.priority
        if "rank_at" in fact.data:
            ticket.rank_at = instant(fact.data, "rank_at")


def _into_hand(picture: Picture, ticket: Ticket, counter: str | None) -> None:
    ticket.counter = counter or ticket.counter
    known = picture.counters.get(ticket.counter or "")
    if known is not None:
        known.in_hand = ticket.ticket
        picture.changes.counters.add(known.id)


def _leave_hand(picture: Picture, ticket: Ticket) -> None:
    known = picture.counters.get(ticket.counter or "")
    if known is not None and known.in_hand == ticket.ticket:
        known.in_hand = None
        picture.changes.counters.add(known.id)


def _counter(state: str) -> Fold:
    def turned(picture: Picture, fact: Fact) -> None:
        counter = picture.counters.get(text(fact.data, "counter") or "")
        if counter is None:
            return
        counter.state = state
        if state != "break":
            counter.staff = text(fact.data, "staff") if state == "open" else None
        picture.changes.counters.add(counter.id)

    return turned


def _service(state: str) -> Fold:
    def turned(picture: Picture, fact: Fact) -> None:
        service: Service | None = picture.services.get(text(fact.data, "service") or "")
        if service is None:
            return
        service.state = state
        service.reopens_at, service.reason = instant(fact.data, "reopens_at"), text(fact.data, "reason")
        picture.changes.services.add(service.id)
        if state == "closed":
            picture.changes.notes.append(Note("closing", service.id, fact.seq, fact.wall))

    return turned


def _day_opened(picture: Picture, fact: Fact) -> None:
    """Numbers start again."""
    picture.day = text(fact.data, "opened") or fact.day or picture.day
    picture.changes.branch = True
    for service in picture.services.values():
        service.issued = 0
        picture.changes.services.add(service.id)


_FOLDS: dict[str, Fold] = {
    "ticket_joined": _joined,
    "ticket_called": _called,
    "ticket_recalled": _recalled,
    "ticket_started": _started,
    "ticket_completed": _ending(Status.COMPLETED),
    "ticket_no_show": _ending(Status.NO_SHOW),
    "ticket_cancelled": _ending(Status.CANCELLED),
    "ticket_expired": _ending(Status.EXPIRED),
    "ticket_skipped": _skipped,
    "ticket_returned": _returned,
    "ticket_restored": _restored,
    "ticket_parked": _parked,
    "ticket_transferred": _transferred,
    "ticket_renumbered": _renumbered,
    "ticket_checked_in": _checked_in,
    "ticket_rated": _rated,
    "priority_changed": _priority,
    "counter_opened": _counter("open"),
    "counter_closed": _counter("closed"),
    "counter_on_break": _counter("break"),
    "service_opened": _service("open"),
    "service_paused": _service("paused"),
    "service_closed": _service("closed"),
    "day_opened": _day_opened,
}
