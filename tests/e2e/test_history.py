"""A past that is made: by the rules, the same for the same seed, marked, and no hindrance to a real day."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from foleni.times import from_wire
from tests.e2e.hall import SETUP
from tests.support.branch import BranchProcess
from tests.support.client import Client

ROOT = Path(__file__).parents[2]
UNTIL = "2026-11-20T09:00:00Z"
GRACE = '\n[[staff]]\nid = "grace"\nname = "Grace"\nservices = ["cash"]\n'


def make(directory: Path, *more: str, setup: str = SETUP + GRACE, until: str = UNTIL) -> subprocess.CompletedProcess[str]:
    """A day and a morning in the folder `data`."""
    directory.mkdir(exist_ok=True)
    (directory / "setup.toml").write_text(setup, encoding="utf-8")
    command = [sys.executable, "-m", "branch_server.history", "--data", str(directory / "data")]
    command += ["--setup", str(directory / "setup.toml"), "--days", "1", "--until", until, *more]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=100)


def rows(directory: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(directory / "data/branch.db")) as database:
        return database.execute(query).fetchall()


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("past")
    made = make(directory)
    assert made.returncode == 0, made.stdout + made.stderr
    assert made.stdout.startswith("one-time code of grace: ")
    assert "on 2 days, all of them marked demo" in made.stdout
    return directory


def test_days_have_customers_waits_and_all_that_goes_wrong(past: Path) -> None:
    days = rows(past, "SELECT day, count(*), max(status = 'completed') FROM tickets GROUP BY day ORDER BY day")
    assert [day for day, _, _ in days] == ["2026-11-19", "2026-11-20"]
    assert all(tickets > 20 and completed for _, tickets, completed in days)
    assert {status for (status,) in rows(past, "SELECT DISTINCT status FROM tickets")} >= {"completed", "no_show", "cancelled"}
    assert {channel for (channel,) in rows(past, "SELECT DISTINCT channel FROM tickets")} >= {"kiosk", "staff", "app"}
    assert rows(past, "SELECT count(*) FROM tickets WHERE called_at < joined_at OR ended_at < called_at") == [(0,)]
    assert rows(past, "SELECT count(*) FROM tickets WHERE stars IS NOT NULL")[0][0] > 0


def test_every_ticket_and_event_is_marked_and_names_nobody(past: Path) -> None:
    assert rows(past, "SELECT DISTINCT device FROM tickets") == [("demo",)]
    assert {actor for (actor,) in rows(past, "SELECT DISTINCT actor FROM events")} == {"demo", "branch-server"}
    assert rows(past, "SELECT count(*) FROM tickets WHERE phone IS NOT NULL OR name IS NOT NULL") == [(0,)]
    assert {staff for (staff,) in rows(past, "SELECT DISTINCT staff FROM tickets")} == {"grace", None}


def test_at_the_end_people_wait_and_no_hand_holds_anything(past: Path) -> None:
    left = dict(rows(past, "SELECT status, count(*) FROM tickets WHERE day = '2026-11-20' GROUP BY status"))
    assert not left.keys() & {"called", "serving", "expired"}
    assert rows(past, "SELECT max(at) FROM events")[0][0] <= from_wire(UNTIL)


@pytest.mark.thorough
def test_the_same_seed_gives_the_same_days_and_another_one_others(past: Path, tmp_path: Path) -> None:
    same, other = tmp_path / "same", tmp_path / "other"
    make(same)
    make(other, "--seed", "2")
    story = "SELECT day, number, service, channel, status, joined_at / 1000, ended_at / 1000 FROM tickets ORDER BY day, number"
    assert rows(same, story) == rows(past, story)
    assert rows(other, story) != rows(past, story)


def test_a_server_goes_on_from_there(tmp_path: Path) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    assert make(tmp_path, until=f"{yesterday:%Y-%m-%dT%H:%M:%SZ}").returncode == 0
    with BranchProcess(tmp_path, SETUP + GRACE) as server:
        account = server.account("desk")
        with Client(server.port, "hall", "desk", account.password) as desk:
            joined = desk.ask({"type": "join", "service": "cash", "channel": "staff"})
    assert joined["result"]["number"] == "QA001"


def test_a_time_that_is_none_is_told_in_one_line(tmp_path: Path) -> None:
    made = make(tmp_path, until="tomorrow")
    assert (made.returncode, made.stderr) == (2, "")
    assert made.stdout.startswith("--until: ")
    assert made.stdout.count("\n") == 1


@pytest.mark.thorough
def test_what_is_there_already_keeps_its_past(past: Path) -> None:
    before = rows(past, "SELECT count(*) FROM events")
    again = make(past)
    assert again.returncode == 2
    assert "there is a branch in" in again.stdout
    assert rows(past, "SELECT count(*) FROM events") == before


@pytest.mark.thorough
def test_hours_and_closures_are_kept(tmp_path: Path) -> None:
    hours = '\n[branch.hours.week]\nthu = ["10:00-12:00"]\nfri = ["08:00-17:00"]\n[[branch.closures]]\nday = 2026-11-20\n'
    setup = SETUP.replace("\n[[priority]]", f"{hours}\n[[priority]]", 1)
    assert make(tmp_path, setup=setup).returncode == 0
    assert rows(tmp_path, "SELECT DISTINCT day FROM tickets") == [("2026-11-19",)]
    first, last = rows(tmp_path, "SELECT min(joined_at), max(joined_at) FROM tickets")[0]
    assert 0 < last - first < 2 * 3_600_000_000


@pytest.mark.thorough
def test_a_setup_that_cannot_be_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    made = make(tmp_path, setup=SETUP.replace('prefix = "QB"', 'prefix = "QA"'))
    assert made.returncode == 2
    assert "same prefix" in made.stdout
    assert make(tmp_path).returncode == 0
