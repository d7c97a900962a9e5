"""What the engine adds to opening hours and to taking back: a tick is enough, a restart changes nothing, reports follow."""

import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest

from branch_server.adapters.db.journal import SqlJournal
from foleni.messages import commands as c
from foleni.messages.setup import Branch, Hours
from foleni.times import from_wire
from tests.unit.engine.bench import Bench, join
from tests.unit.engine.conftest import Opening

HOURS = Hours(week={"fri": ("08:00-12:00", "13:00-17:00")})
OPEN = Branch(id="main", name={"en": "Main"}, remote_issuer="R", hours=HOURS)


def _id(number: int) -> str:
    return str(UUID(int=500 + number))


def _press(bench: Bench, number: int, kind: type[c.CounterCommand]) -> None:
    reply = bench.ask(kind(id=_id(number), type=kind.model_fields["type"].default, counter="c1"))
    assert reply["ok"], reply


def _state(bench: Bench) -> str:
    return str(bench.engine.view.services.services[0].state)


def test_services_open_and_close_by_the_tick_alone(new_journal: Opening) -> None:
    bench = Bench(new_journal())
    bench.ask(c.SaveBranch(id=_id(1), branch=OPEN))
    assert _state(bench) == "open"
    for hours, expected in ((3, "closed"), (1, "open"), (4, "closed")):
        for _ in range(hours * 60):
            bench.watch.passes(60)
            bench.turn()
        assert _state(bench) == expected
    assert bench.types()[-3:] == ["service_closed", "service_opened", "service_closed"]
    assert bench.log()[-1].actor == "branch-server"


def test_a_box_that_was_off_opens_and_closes_once_for_all(new_journal: Opening) -> None:
    bench = Bench(new_journal())
    bench.ask(c.SaveBranch(id=_id(1), branch=OPEN))
    bench.watch.wall = from_wire("2026-11-28T09:00:00Z")
    bench.restart()
    told = bench.types()
    assert _state(bench) == "closed"
    assert told.count("service_closed") == 1
    bench.turn()
    assert bench.types() == told


def test_ticks_between_the_hours_write_nothing(new_journal: Opening) -> None:
    bench = Bench(new_journal())
    bench.ask(c.SaveBranch(id=_id(1), branch=OPEN))
    before, appends = len(bench.log()), bench.journal.appends
    for _ in range(100):
        bench.watch.passes(60)
        bench.turn()
    assert (len(bench.log()), bench.journal.appends) == (before, appends)


@pytest.mark.parametrize("restarts", [False, True])
def test_the_table_of_tickets_is_as_before_an_act_that_was_taken_back(migrated: Path, tmp_path: Path, restarts: bool) -> None:
    folder = tmp_path / "branch"
    folder.mkdir()
    (folder / "branch.db").write_bytes((migrated / "branch.db").read_bytes())
    journal = SqlJournal(folder)
    bench = Bench(journal)
    bench.ask(join(1))
    _press(bench, 1, c.CallNext)
    _press(bench, 2, c.Start)
    before = _row(folder)
    bench.watch.passes(30)
    _press(bench, 3, c.Complete)
    assert _row(folder) != before
    if restarts:
        bench.restart()
    _press(bench, 4, c.Undo)
    assert _row(folder) == before
    journal.close()


def _row(folder: Path) -> object:
    with closing(sqlite3.connect(folder / "branch.db")) as database:
        return database.execute("SELECT * FROM tickets").fetchall()
