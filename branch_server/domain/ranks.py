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
    """The rank that a ticket has with another credit; what a skip cost it stays."""
    if ticket.rank_at is None:
        return None
    shifted = ticket.rank_at + (ticket.credit_min - credit_min) * MINUTE_US
    return Instant(shifted if ticket.appointment is None else max(shifted, ticket.appointment - EARLY_US))


def rank_of_joining(ticket: Ticket) -> Instant:
    """The rank that a ticket had before anybody skipped it."""
    arrived_at = ticket.joined_at if ticket.appointment is None else ticket.checked_in_at or ticket.joined_at
    return rank_at(arrived_at, ticket.credit_min, ticket.appointment)


def rank_after_skip(queue: Queue, ticket: Ticket, places: int) -> Instant:
    """The rank right behind the next `places` tickets of the queue, or behind the last where fewer wait."""
    own = ticket.rank_at or ticket.joined_at
    if not queue.waiting:
        return own
    last_rank, last_ticket = queue.waiting[min(places, len(queue.waiting)) - 1]
    behind = last_rank if last_ticket < ticket.id else last_rank + 1
    return Instant(max(own, behind))
