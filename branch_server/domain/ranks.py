"""Where a ticket stands: its rank, fixed when it joins. The smaller goes first; ties go by ticket id."""

from branch_server.domain.state import Queue
from branch_server.domain.tickets import Ticket
from foleni.times import MINUTE_US, Instant

EARLY_US = 10 * MINUTE_US
"""An appointment is not called by its slot alone earlier than so long before it."""


def rank_at(arrived_at: Instant, credit_min: int, slot: Instant | None = None) -> Instant:
    """The arrival less the credit; with an appointment never before ten minutes ahead of its slot."""
    credited = arrived_at - credit_min * MINUTE_US
    return Instant(credited if slot is None else max(credited, slot - EARLY_US))


def rank_with(ticket: Ticket, credit_min: int) -> Instant | None:
    """The rank that a ticket has with another credit; what a skip or a transfer cost it stays."""
    if ticket.rank_at is None:
        return None
    joined_so = rank_at(_arrived_at(ticket), credit_min, ticket.appointment)
    return Instant(ticket.rank_at + joined_so - rank_of_joining(ticket))


def rank_of_joining(ticket: Ticket) -> Instant:
    """The rank that a ticket has before anybody skips it; one that was called before it arrived, has arrived by that."""
    return rank_at(_arrived_at(ticket), ticket.credit_min, ticket.appointment)


def _arrived_at(ticket: Ticket) -> Instant:
    if ticket.appointment is None:
        return ticket.joined_at
    return ticket.checked_in_at or ticket.called_at or ticket.joined_at


def rank_after_skip(queue: Queue, ticket: Ticket, places: int) -> Instant:
    """The rank right behind the next `places` tickets of the queue, or behind the last where fewer wait."""
    own = ticket.rank_at if ticket.rank_at is not None else rank_of_joining(ticket)
    if not queue.waiting:
        return own
    last_rank, last_ticket = queue.waiting[min(places, len(queue.waiting)) - 1]
    behind = last_rank if last_ticket < ticket.id else last_rank + 1
    return Instant(max(own, behind))
