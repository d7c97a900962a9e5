"""Finding a ticket of the day by what a customer can say: a number, a phone number, a name."""

from branch_server.domain.state import State
from branch_server.domain.tickets import ACTIVE, Status, Ticket
from branch_server.web.people.person import Person

MOST_FOUND = 12
_LEAST_DIGITS = 4
_LEAST_LETTERS = 2
MOST_AHEAD = 5


def found(state: State, person: Person, words: str) -> list[Ticket]:
    """The tickets that fit, those that are still in the building first, and the newest first among them."""
    wanted = words.strip().casefold()
    if not wanted:
        return []
    fitting = [ticket for ticket in state.tickets.values() if person.touches(ticket.service) and _fits(ticket, wanted)]
    fitting.sort(key=lambda ticket: (ticket.number.casefold() != wanted, ticket.status not in ACTIVE, -ticket.joined_at))
    return fitting[:MOST_FOUND]


def ahead_of(state: State, ticket: Ticket) -> tuple[int, list[Ticket]]:
    """How many go before a waiting ticket in its service, and the first of them."""
    queue = state.queues.get(ticket.service)
    if queue is None or ticket.status is not Status.WAITING or ticket.rank_at is None:
        return 0, []
    count = queue.ahead_of(ticket.rank_at, ticket.id)
    return count, [state.tickets[other] for _, other in queue.waiting[: min(count, MOST_AHEAD)]]


def _fits(ticket: Ticket, wanted: str) -> bool:
    if ticket.number.casefold().startswith(wanted) or ticket.number[1:] == wanted:
        return True
    digits = "".join(letter for letter in wanted if letter.isdigit())
    if len(digits) >= _LEAST_DIGITS and ticket.phone is not None and digits.lstrip("0") in ticket.phone:
        return True
    return len(wanted) >= _LEAST_LETTERS and ticket.name is not None and wanted in ticket.name.casefold()
