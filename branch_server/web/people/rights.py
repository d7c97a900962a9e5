"""Who may do what: the one table that pages, API and tests go by. Pure."""

from enum import StrEnum

from branch_server.domain.refusals import Refused
from branch_server.domain.state import State
from branch_server.web.people.person import Person, Role, Scope
from foleni.messages import commands as c
from foleni.messages.replies import Code
from foleni.messages.setup import Staff


class Action(StrEnum):
    """What can be done that is no command to the queue."""

    SEE_QUEUE = "see_queue"
    SEE_OWN_FIGURES = "see_own_figures"
    SEE_DEVICES = "see_devices"
    SEE_REPORTS = "see_reports"
    PLAN_SHIFTS = "plan_shifts"
    PRINT_TICKET = "print_ticket"
    MANAGE_STAFF = "manage_staff"
    MANAGE_SETUP = "manage_setup"
    MANAGE_DEVICES = "manage_devices"
    MANAGE_UPDATES = "manage_updates"
    MANAGE_TOKENS = "manage_tokens"
    MANAGE_HOOKS = "manage_hooks"
    SEE_AUDIT = "see_audit"
    MOVE_SETUP = "move_setup"
    """Export and import of the whole setup."""
    MANAGE_BACKUPS = "manage_backups"
    SEE_METRICS = "see_metrics"


AT_TICKETS = frozenset({"join", "cancel", "check_in", "transfer", "add_note", "set_priority", "rate"})
AT_COUNTERS = frozenset({
    "call_next", "call_ticket", "recall", "start", "complete", "skip", "no_show", "park", "unpark", "undo", "open_counter",
    "close_counter", "break_counter",
})  # fmt: skip
AT_SERVICES = frozenset({"open_service", "pause_service", "close_service"})
IN_HALL = frozenset({"announce"})
OF_DAY = frozenset({"close_day"})
OF_HOUSE = frozenset({"raise_alert", "clear_alert", "begin_term"})
"""The house's own: nobody asks for these."""
OF_STAFF = frozenset({"save_staff", "remove_staff"})

_QUEUE = AT_TICKETS | AT_COUNTERS | {Action.SEE_QUEUE, Action.SEE_OWN_FIGURES, Action.PRINT_TICKET}
_MANAGED = AT_SERVICES | IN_HALL | OF_STAFF | {
    Action.SEE_REPORTS, Action.PLAN_SHIFTS, Action.MANAGE_STAFF, Action.SEE_DEVICES,
}  # fmt: skip
_SCOPED: dict[Scope, frozenset[str]] = {
    Scope.READ: frozenset({Action.SEE_QUEUE, Action.SEE_DEVICES}),
    Scope.TICKETS: AT_TICKETS,
    Scope.COUNTERS: AT_COUNTERS,
    Scope.SERVICES: AT_SERVICES,
    Scope.REPORTS: frozenset({Action.SEE_REPORTS}),
    Scope.METRICS: frozenset({Action.SEE_METRICS}),
}


def may(person: Person, action: str) -> bool:
    """Whether somebody may do `action` (a command's type, or an `Action`) at all; for whose services is another question."""
    match person.role:
        case Role.ADMIN:
            return action not in OF_HOUSE
        case Role.MANAGER:
            return action in _QUEUE or action in _MANAGED
        case Role.STAFF:
            return action in _QUEUE
        case _:
            return any(action in _SCOPED[scope] for scope in person.scopes)


def check(person: Person, action: str) -> None:
    """Raises `Refused` with `not_allowed` where somebody may not do it."""
    if not may(person, action):
        raise Refused(Code.NOT_ALLOWED, f"{person.name} may not {action.replace('_', ' ')} here.")


def check_command(person: Person, command: c.Command, state: State) -> None:
    """Refuses what a person may not ask. What does not exist is let through: the engine has the better answer."""
    check(person, command.type)
    if isinstance(command, c.SaveStaff | c.RemoveStaff):
        _check_last_admin(command, state)
    if person.role is Role.ADMIN:
        return
    strange = next((service for service in _services_of(command, state) if not person.touches(service)), None)
    if strange is not None:
        raise Refused(Code.NOT_ALLOWED, f"{strange} is not a service of {person.name}.")
    if isinstance(command, c.CounterCommand):
        _check_counter(person, command, state)
    if isinstance(command, c.Transfer):
        _check_hand(person, command, state)
    if isinstance(command, c.SaveStaff | c.RemoveStaff):
        _check_staff(person, command, state)
    if isinstance(command, c.Announce) and not person.touches_all():
        raise Refused(Code.NOT_ALLOWED, "A notice is for the whole branch.")


def _services_of(command: c.Command, state: State) -> list[str]:
    """The services that a command touches."""
    match command:
        case c.Join() | c.ServiceCommand():
            return [command.service]
        case c.TicketCommand() | c.CallTicket() | c.Unpark():
            ticket = state.tickets.get(command.ticket)
            return [ticket.service] if ticket is not None else []
        case c.SaveStaff():
            return list(command.staff.services)
        case _:
            return []


def _check_counter(person: Person, command: c.CounterCommand, state: State) -> None:
    desk = state.desks.get(command.counter)
    if desk is None:
        return
    if not any(person.touches(service) for service in desk.counter.services):
        raise Refused(Code.NOT_ALLOWED, f"Counter {desk.counter.label} serves no service of {person.name}.")
    if person.role is Role.STAFF and desk.staff not in {None, person.id}:
        name = state.staff[desk.staff].name if desk.staff in state.staff else desk.staff
        raise Refused(Code.NOT_ALLOWED, f"{name} sits at counter {desk.counter.label}.")
    if isinstance(command, c.OpenCounter) and person.role is Role.STAFF and command.staff not in {None, person.id}:
        raise Refused(Code.NOT_ALLOWED, "A counter is opened in one's own name.")


def _check_hand(person: Person, command: c.Transfer, state: State) -> None:
    """Nobody takes a ticket out of a colleague's hand."""
    ticket = state.tickets.get(command.ticket)
    desk = state.desks.get(ticket.counter) if ticket is not None and ticket.counter is not None else None
    if ticket is None or desk is None or desk.in_hand != ticket.id:
        return
    if person.role is Role.STAFF and desk.staff not in {None, person.id}:
        raise Refused(Code.NOT_ALLOWED, f"{ticket.number} is in hand at counter {desk.counter.label}.")


def check_staff(person: Person, staff: Staff) -> None:
    """Refuses to let somebody look after a colleague who is not theirs: a manager has those of role staff whose services are
    all his own.
    """
    if person.role is Role.ADMIN:
        return
    if staff.role != "staff":
        raise Refused(Code.NOT_ALLOWED, "Only an administrator looks after managers and administrators.")
    if not person.touches_all() and (not staff.services or not all(person.touches(s) for s in staff.services)):
        raise Refused(Code.NOT_ALLOWED, f"{staff.name} works for services that are not {person.name}'s.")


def looks_after(person: Person, staff: Staff) -> bool:
    """Whether a colleague is somebody's to look after."""
    try:
        check_staff(person, staff)
    except Refused:
        return False
    return may(person, Action.MANAGE_STAFF)


def _check_staff(person: Person, command: c.SaveStaff | c.RemoveStaff, state: State) -> None:
    """As the colleague is now, and as they would be."""
    known = state.staff.get(_subject(command))
    for staff in (known, command.staff if isinstance(command, c.SaveStaff) else None):
        if staff is not None:
            check_staff(person, staff)


def _check_last_admin(command: c.SaveStaff | c.RemoveStaff, state: State) -> None:
    """A branch without an administrator could never be changed again."""
    others = [staff for staff in state.staff.values() if staff.id != _subject(command)]
    known = state.staff.get(_subject(command))
    if known is None or not _is_admin(known) or any(_is_admin(staff) for staff in others):
        return
    if isinstance(command, c.RemoveStaff) or not _is_admin(command.staff):
        raise Refused(Code.NOT_ALLOWED, f"{known.name} is the only administrator. Name another one first.")


def _subject(command: c.SaveStaff | c.RemoveStaff) -> str:
    return command.staff.id if isinstance(command, c.SaveStaff) else command.staff


def _is_admin(staff: Staff) -> bool:
    return staff.role == "admin" and staff.active
