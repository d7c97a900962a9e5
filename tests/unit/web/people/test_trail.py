"""The audit log is read page by page out of two databases: nothing twice, nothing left out, in the order of time."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, insert
from sqlalchemy.pool import NullPool

from branch_server.adapters.db import tables as branch_tables
from branch_server.web.people.trail import Line, Place, Trail, Wanted, place_of
from branch_server.web.people.walk import MOST_LOOKED_AT
from branch_server.web.store.tables import audit
from branch_server.web.store.tables_all import metadata
from foleni.times import HOUR_US, SECOND_US

EVERYTHING = Wanted()
START = 1_800_000_000_000_000
TICKET = "01900000-0000-7000-8000-000000000001"


class Logs:
    """Both databases, filled by hand; each thing happens a second after the one before."""

    def __init__(self, folder: Path) -> None:
        self.web = create_engine(f"sqlite:///{folder}/web.db", poolclass=NullPool)
        self.branch = create_engine(f"sqlite:///{folder}/branch.db", poolclass=NullPool)
        metadata.create_all(self.web)
        branch_tables.metadata.create_all(self.branch)
        self.trail = Trail(self.web, self.branch)
        self.seq = 0
        self.at = START

    def event(self, kind: str = "ticket_called", actor: str = "pad-1", command: str | None = None, **data: Any) -> None:
        self.seq, self.at = self.seq + 1, self.at + SECOND_US
        row = {"seq": self.seq, "id": f"e{self.seq}", "type": kind, "at": self.at, "steady": self.at, "day": "2027-01-15"}
        put(self.branch, branch_tables.events, {**row, "actor": actor, "command": command, "data": json.dumps(data)})

    def line(self, who: str = "eve", action: str = "call_next", **more: Any) -> None:
        self.at += SECOND_US
        row = {
            "at": self.at,
            "who": who,
            "role": "staff",
            "address": "10.0.0.5",
            "action": action,
            "subject": "",
            "outcome": "ok",
        }
        put(self.web, audit, {**row, **more})

    def ticket(self, number: str = "A001", name: str = TICKET) -> None:
        put(self.branch, branch_tables.tickets, {
            "id": name, "day": "2027-01-15", "number": number, "service": "cash", "channel": "kiosk", "priority": "normal",
            "status": "waiting", "device": "kiosk-1", "offline": False, "joined_at": self.at, "skips": 0,
        })  # fmt: skip

    def pages(self, wanted: Wanted = EVERYTHING, most: int = 7) -> Iterator[list[Line]]:
        before: Place | None = Place()
        while before is not None:
            found = self.trail.page(wanted, before, most)
            yield found.lines
            before = place_of(str(found.onward)) if found.onward is not None else None

    def all(self, wanted: Wanted = EVERYTHING, most: int = 7) -> list[Line]:
        return [line for page in self.pages(wanted, most) for line in page]


def put(engine: Engine, table: Any, row: dict[str, Any]) -> None:
    with engine.begin() as connection:
        connection.execute(insert(table), row)


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    return Logs(tmp_path)


def test_an_empty_log_has_one_empty_page(logs: Logs) -> None:
    assert list(logs.pages()) == [[]]


@pytest.mark.parametrize("most", [1, 2, 7, 100])
def test_both_logs_come_in_one_order_whatever_the_length_of_a_page(logs: Logs, most: int) -> None:
    for n in range(20):
        logs.event(number=f"A{n:03}")
        if n % 3 == 0:
            logs.line(detail=f"{n}")
    found = logs.all(most=most)
    assert [line.at for line in found] == sorted((line.at for line in found), reverse=True)
    assert len(found) == len({(line.n, line.seq) for line in found}) == 27


def test_what_was_asked_through_the_web_side_is_one_line_with_its_tickets(logs: Logs) -> None:
    logs.event("ticket_completed", "eve", "c-1", number="A001", counter="c1")
    logs.event("ticket_called", "eve", "c-1", number="A002", counter="c1")
    logs.line(command="c-1", seq=2, subject="c1")
    assert [(line.action, line.who, line.numbers) for line in logs.all()] == [("call_next", "eve", ("A001", "A002"))]


def test_a_refused_command_about_a_ticket_names_it(logs: Logs) -> None:
    logs.ticket("A042")
    logs.line(action="cancel", subject=TICKET, outcome="not_allowed", command="c-2")
    assert [(line.outcome, line.numbers) for line in logs.all()] == [("not_allowed", ("A042",))]


def test_a_press_at_a_device_and_what_the_house_does_are_lines_too(logs: Logs) -> None:
    logs.event("ticket_called", "pad-1", "c-3", number="A001", counter="c1")
    logs.event("service_saved", "branch-server", None, service={"id": "cash", "prefix": "A"})
    assert [(line.who, line.subject) for line in logs.all()] == [("branch-server", "cash"), ("pad-1", "c1")]


def test_the_log_is_narrowed_by_who_what_outcome_and_time(logs: Logs) -> None:
    for _ in range(5):
        logs.event(actor="pad-1", number="A001")
        logs.event("staff_saved", "branch-server")
        logs.line("eve", "sign_in", outcome="wrong_pin")
        logs.line("max", "call_next")
    assert {line.who for line in logs.all(Wanted(who="max"))} == {"max"}
    assert len(logs.all(Wanted(who="pad-1"))) == 5
    assert {line.action for line in logs.all(Wanted(about="signing"))} == {"sign_in"}
    assert {line.action for line in logs.all(Wanted(about="people"))} == {"staff_saved"}
    assert {line.outcome for line in logs.all(Wanted(outcome="refused"))} == {"wrong_pin"}
    assert {line.outcome for line in logs.all(Wanted(outcome="ok"))} == {"ok"}
    middle = START + 10 * SECOND_US
    early, late = logs.all(Wanted(until=middle)), logs.all(Wanted(since=middle))
    assert len(early) + len(late) == 20
    assert max(line.at for line in early) < middle <= min(line.at for line in late)
    assert logs.all(Wanted(about="nonsense")) == logs.all()


def test_a_tickets_whole_story_is_found_by_its_number(logs: Logs) -> None:
    logs.ticket("A007")
    logs.event("ticket_joined", "kiosk-1", "c-4", ticket=TICKET, number="A007", service="cash")
    logs.event("ticket_called", "eve", "c-5", ticket=TICKET, number="A007", counter="c1")
    logs.line(command="c-5", seq=2, subject="c1")
    logs.event("ticket_joined", "kiosk-1", "c-6", ticket="other", number="A008", service="cash")
    found = logs.all(Wanted(number="A007"))
    assert [(line.who, line.action) for line in found] == [("eve", "call_next"), ("kiosk-1", "ticket_joined")]
    assert logs.all(Wanted(number="Z999")) == []
    assert logs.all(Wanted(number="A007", until=START)) == []


def test_a_search_in_a_long_log_stops_says_so_and_goes_on(logs: Logs) -> None:
    logs.event(actor="kiosk-9", number="A001")
    row = {"id": "e", "type": "ticket_called", "at": START, "steady": START, "day": "d", "actor": "pad-1", "command": None}
    rows = [{**row, "seq": n, "steady": START + n, "data": "{}"} for n in range(2, MOST_LOOKED_AT + 2)]
    with logs.branch.begin() as connection:
        connection.execute(insert(branch_tables.events), rows)
    first = logs.trail.page(Wanted(who="kiosk-9"), Place(), 50)
    assert (first.lines, first.cut) == ([], True)
    assert first.onward is not None
    second = logs.trail.page(Wanted(who="kiosk-9"), first.onward, 50)
    assert [line.who for line in second.lines] == ["kiosk-9"]
    assert (second.onward, second.cut) == (None, False)


def test_a_time_long_ago_is_found_without_reading_all_that_came_after(logs: Logs) -> None:
    row = {"id": "e", "type": "ticket_called", "day": "d", "actor": "pad-1", "command": None, "data": "{}"}
    rows = [{**row, "seq": n, "at": START + n * HOUR_US, "steady": START + n * HOUR_US} for n in range(1, 3000)]
    with logs.branch.begin() as connection:
        connection.execute(insert(branch_tables.events), rows)
    found = logs.all(Wanted(since=START + 10 * HOUR_US, until=START + 13 * HOUR_US))
    assert [line.seq for line in found] == [12, 11, 10]
