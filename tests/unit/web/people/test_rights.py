"""The rights matrix: everybody against everything."""

from itertools import product
from typing import Any, get_args

import pytest

from branch_server.domain.refusals import Refused
from branch_server.domain.state import Desk, Queue, State
from branch_server.domain.tickets import Ticket
from branch_server.web.people import rights
from branch_server.web.people.person import Person, Role, Scope
from branch_server.web.people.rights import Action
from foleni.ids import CounterId, ServiceId, TicketId
from foleni.messages import commands as c
from foleni.messages.replies import Code
from foleni.messages.setup import Counter, Service, Staff
from foleni.times import Instant

OWN, FOREIGN = "01900000-0000-7000-8000-000000000001", "01900000-0000-7000-8000-000000000002"
KINDS: dict[str, type[c.Command]] = {kind.model_fields["type"].default: kind for kind in get_args(get_args(c.AnyCommand)[0])}
COMMANDS = list(KINDS)

TICKETS = {"join", "cancel", "check_in", "add_note", "set_priority", "rate", "transfer"}
DESK = {
    "call_next", "call_ticket", "unpark", "recall", "start", "complete", "skip", "no_show", "park", "undo", "open_counter",
    "close_counter", "break_counter",
}  # fmt: skip
SERVICES = {"open_service", "pause_service", "close_service"}
STAFF = {"save_staff", "remove_staff"}
HOUSE = {"raise_alert", "clear_alert"}
SEEING = {"see_queue", "see_own_figures", "print_ticket"}
MANAGING = {"see_reports", "plan_shifts", "manage_staff", "see_devices"}

EVERYTHING = set(COMMANDS) | set(Action)
MAY = {
    "admin": EVERYTHING - HOUSE,
    "manager": TICKETS | DESK | SERVICES | STAFF | {"announce"} | SEEING | MANAGING,
    "staff": TICKETS | DESK | SEEING,
    "read": {"see_queue", "see_devices"},
    "tickets": TICKETS,
    "counters": DESK,
    "services": SERVICES,
    "reports": {"see_reports"},
    "metrics": {"see_metrics"},
    "nothing": set(),
}
"""Written out once more, so that a right which slips into the one table is seen here."""

SERVICE = frozenset({"cash"})
PEOPLE = {
    "admin": Person("ada", "Ada", Role.ADMIN),
    "manager": Person("max", "Max", Role.MANAGER, SERVICE),
    "staff": Person("eve", "Eve", Role.STAFF, SERVICE),
    **{str(scope): Person("token:1", "T", Role.INTEGRATION, None, frozenset({scope})) for scope in Scope},
    "nothing": Person("token:2", "T", Role.INTEGRATION),
}


@pytest.mark.parametrize(("who", "action"), list(product(MAY, sorted(EVERYTHING))))
def test_everybody_may_exactly_what_the_matrix_says(who: str, action: str) -> None:
    assert rights.may(PEOPLE[who], action) is (action in MAY[who])


@pytest.mark.parametrize(("who", "command"), list(product(MAY, COMMANDS)))
def test_a_command_about_ones_own_services_is_refused_exactly_where_the_matrix_says(who: str, command: str) -> None:
    is_for_all = command == "announce" and who == "manager"  # a notice is the whole branch's, not one service's
    assert is_allowed(PEOPLE[who], about(command, own=True)) is (command in MAY[who] and not is_for_all)


@pytest.mark.parametrize(("who", "command"), list(product(("manager", "staff"), COMMANDS)))
def test_nothing_is_done_to_the_services_of_others(who: str, command: str) -> None:
    assert not is_allowed(PEOPLE[who], about(command, own=False))


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - HOUSE))
def test_an_administrator_reaches_every_service(command: str) -> None:
    assert is_allowed(PEOPLE["admin"], about(command, own=False))


def test_whoever_has_no_list_of_services_has_them_all() -> None:
    everywhere = Person("max", "Max", Role.MANAGER)
    assert is_allowed(everywhere, about("pause_service", own=False))
    assert is_allowed(everywhere, c.Announce(id=OWN, text={"en": "Hello"}))
    assert not is_allowed(PEOPLE["manager"], c.Announce(id=OWN, text={"en": "Hello"}))


def test_staff_leave_a_colleagues_counter_alone_and_a_manager_does_not() -> None:
    state = branch()
    state.desks["c1"].staff = "ben"
    assert not is_allowed(PEOPLE["staff"], c.Complete(id=OWN, counter="c1"), state)
    assert is_allowed(PEOPLE["manager"], c.Complete(id=OWN, counter="c1"), state)
    state.desks["c1"].staff = "eve"
    assert is_allowed(PEOPLE["staff"], c.Complete(id=OWN, counter="c1"), state)


def test_a_ticket_is_not_handed_on_out_of_a_colleagues_hand() -> None:
    state = branch()
    state.desks["c1"].staff, state.desks["c1"].in_hand = "ben", TicketId(OWN)
    state.tickets[OWN] = ticket(OWN, "cash", counter="c1")
    handing = c.Transfer(id=OWN, ticket=OWN, to_service="cards")
    assert not is_allowed(PEOPLE["staff"], handing, state)
    assert is_allowed(PEOPLE["manager"], handing, state)


def test_staff_open_a_counter_in_their_own_name_only() -> None:
    assert is_allowed(PEOPLE["staff"], c.OpenCounter(id=OWN, counter="c1", staff="eve"))
    assert not is_allowed(PEOPLE["staff"], c.OpenCounter(id=OWN, counter="c1", staff="ben"))
    assert is_allowed(PEOPLE["manager"], c.OpenCounter(id=OWN, counter="c1", staff="eve"))


@pytest.mark.parametrize(
    ("staff", "allowed"),
    [
        (Staff(id="eve", name="Eve", services=("cash",)), True),
        (Staff(id="new", name="New", services=("cash",)), True),
        (Staff(id="eve", name="Eve", services=("cash", "cards")), False),
        (Staff(id="eve", name="Eve", services=()), False),
        (Staff(id="eve", name="Eve", role="manager", services=("cash",)), False),
        (Staff(id="eve", name="Eve", role="admin"), False),
        (Staff(id="ben", name="Ben", services=("cash",)), False),
        (Staff(id="ada", name="Ada", services=("cash",)), False),
        (Staff(id="max", name="Max", role="admin"), False),
    ],
)
def test_a_manager_looks_after_staff_of_his_own_services_and_makes_nobody_greater(staff: Staff, allowed: bool) -> None:
    assert is_allowed(PEOPLE["manager"], c.SaveStaff(id=OWN, staff=staff)) is allowed


def test_the_last_administrator_stays() -> None:
    state = branch()
    alone = [c.RemoveStaff(id=OWN, staff="ada"), c.SaveStaff(id=OWN, staff=Staff(id="ada", name="Ada", role="manager"))]
    alone.append(c.SaveStaff(id=OWN, staff=Staff(id="ada", name="Ada", role="admin", active=False)))
    assert not any(is_allowed(PEOPLE["admin"], command, state) for command in alone)
    state.staff["zoe"] = Staff(id="zoe", name="Zoe", role="admin", active=False)
    assert not any(is_allowed(PEOPLE["admin"], command, state) for command in alone)
    state.staff["zoe"] = Staff(id="zoe", name="Zoe", role="admin")
    assert all(is_allowed(PEOPLE["admin"], command, state) for command in alone)


def test_what_is_not_there_is_the_engines_to_refuse() -> None:
    unknown = "01900000-0000-7000-8000-00000000ffff"
    assert is_allowed(PEOPLE["staff"], c.Cancel(id=OWN, ticket=unknown))
    assert is_allowed(PEOPLE["staff"], c.CallNext(id=OWN, counter="c99"))


def branch() -> State:
    """Cash is served at c1, cards at c2; one ticket waits for each."""
    state = State()
    for place, service in enumerate(("cash", "cards")):
        state.queues[service] = Queue(Service(id=service, prefix="AB"[place], name={"en": service}))
        counter = Counter(id=f"c{place + 1}", label=str(place + 1), services=(service,))
        state.desks[counter.id] = Desk(counter)
    state.tickets = {OWN: ticket(OWN, "cash"), FOREIGN: ticket(FOREIGN, "cards")}
    people = [
        Staff(id="ada", name="Ada", role="admin"), Staff(id="max", name="Max", role="manager", services=("cash",)),
        Staff(id="eve", name="Eve", services=("cash",)), Staff(id="ben", name="Ben", services=("cards",)),
    ]  # fmt: skip
    state.staff = {staff.id: staff for staff in people}
    return state


def ticket(name: str, service: str, counter: str | None = None) -> Ticket:
    at = Instant(0)
    held = CounterId(counter) if counter is not None else None
    return Ticket(
        id=TicketId(name), number="A001", service=ServiceId(service), channel="staff", priority="normal", credit_min=0,
        day="2026-11-20", joined_at=at, rank_at=at, counter=held,
    )  # fmt: skip


def is_allowed(person: Person, command: c.Command, state: State | None = None) -> bool:
    try:
        rights.check_command(person, command, state or branch())
    except Refused as refused:
        return refused.code is not Code.NOT_ALLOWED
    return True


def about(command: str, *, own: bool) -> c.Command:
    """A command of this type about the cash service, its counter and its ticket; or about those of cards."""
    service, counter, subject, staff = ("cash", "c1", OWN, "eve") if own else ("cards", "c2", FOREIGN, "ben")
    described: dict[str, dict[str, Any]] = {
        "branch": {"id": "main", "name": "Main"}, "priority": {"id": "vip", "name": "VIP", "credit_min": 1},
        "service": {"id": service, "prefix": "A", "name": "X"}, "counter": {"id": counter, "label": "1", "services": [service]},
        "device": {"id": "d", "kind": "display"}, "staff": {"id": staff, "name": "S", "services": [service]},
        "template": {"id": "t"},
    }  # fmt: skip
    fields: dict[str, Any] = {
        "id": OWN, "type": command, "service": service, "counter": counter, "ticket": subject, "staff": staff,
        "channel": "staff", "text": {"en": "x"} if command == "announce" else "x", "priority": "normal", "stars": 5,
        "to_service": "cash", "alert": "a", "message": "x", "device": "d", "template": "t",
    }  # fmt: skip
    if command == "open_counter":
        fields["staff"] = None
    if command.startswith("save_"):
        fields[command.removeprefix("save_")] = described[command.removeprefix("save_")]
    kind = KINDS[command]
    return kind.model_validate({name: value for name, value in fields.items() if name in kind.model_fields})
