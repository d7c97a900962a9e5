"""The first start, with `--setup`, is killed: afterwards the branch is whole, or it is not there yet; never half."""

import os
import random
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.chaos import CONSOLES, KIOSK_PASSWORD, KIOSKS, PIN_HOLDERS, ChaosBranch, broker_account, join
from tests.support.chaos_ledger import Ledger

KILLS = int(os.environ.get("FOLENI_KILLS", "4"))
_KILLS_OF_ONE_START = 3
_FIRST_START_S = 1.2
_TABLES = {"alembic_version", "events", "answers", "snapshots", "tickets", "cursors", "secrets"}


@pytest.fixture
def branch(tmp_path: Path) -> Iterator[ChaosBranch]:
    """Not started yet."""
    branch = ChaosBranch(tmp_path)
    yield branch
    branch.kill()


@pytest.mark.variants(2)
@pytest.mark.parametrize("place", ["after-table:1", "after-index:1", "after-table:5", "after-table:6"])
def test_a_migration_that_is_cut_off_leaves_nothing_behind(branch: ChaosBranch, place: str) -> None:
    branch.die_at(place).launch()
    branch.wait_for_death()
    assert _tables(branch) in (set(), _TABLES)
    branch.die_at(None).start()
    _check_whole(branch)


@pytest.mark.variants(2)
@pytest.mark.parametrize("place", ["before-secret:1", "before-commit:1", "in-commit:1", "after-commit:1"])
def test_a_setup_that_is_cut_off_is_applied_whole_by_the_next_start(branch: ChaosBranch, place: str) -> None:
    branch.die_at(place).launch()
    branch.wait_for_death()
    branch.die_at(None).start()
    _check_whole(branch)


@pytest.mark.parametrize("place", ["before-accounts:1", "after-accounts:1"])
def test_accounts_that_were_cut_off_are_made_by_the_next_start_as_the_setup_gives_them(branch: ChaosBranch, place: str) -> None:
    branch.die_at(place).launch()
    branch.wait_for_death()
    branch.die_at(None).start()
    _check_whole(branch)


@pytest.mark.parametrize(("place", "counts"), [("before-commit:1", False), ("after-commit:1", True)])
def test_a_one_time_code_that_counts_was_told(tmp_path: Path, place: str, counts: bool) -> None:
    """A code is told before the branch is made, so it is told again exactly where it did not come to count."""
    branch = ChaosBranch(tmp_path)
    branch.setup.write_text(branch.setup.read_text().replace('pin = "482913"\n', ""))
    branch.die_at(place).launch()
    branch.wait_for_death()
    assert branch.last_words.count("one-time code of ada") == 1
    with branch.die_at(None):
        assert branch.last_words.count("one-time code of ada") == (0 if counts else 1)


def test_a_first_start_killed_at_any_moment_ends_in_a_whole_branch(tmp_path: Path) -> None:
    chance = random.Random(44)
    for number in range(max(1, KILLS // _KILLS_OF_ONE_START)):
        folder = tmp_path / str(number)
        folder.mkdir()
        branch = ChaosBranch(folder)
        for _ in range(_KILLS_OF_ONE_START):
            branch.launch()
            threading.Event().wait(chance.uniform(0.3, _FIRST_START_S))
            branch.kill()
        with branch:
            _check_whole(branch)


def _tables(branch: ChaosBranch) -> set[str]:
    with closing(sqlite3.connect(branch.data / "branch.db")) as connection:
        return {str(row[0]) for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _check_whole(branch: ChaosBranch) -> None:
    """Everything that the setup file names is there, and a device can work with what the file gave it."""
    ledger = Ledger(branch.data).check()
    state = ledger.state
    assert state.branch is not None
    assert (set(state.queues), set(state.desks)) == ({"cash", "mess"}, set(CONSOLES.values()))
    assert set(state.devices) == {*KIOSKS, *CONSOLES}
    assert set(state.staff) == set(PIN_HOLDERS)
    assert {broker_account(branch, kiosk)["password"] for kiosk in KIOSKS} == {KIOSK_PASSWORD}
    kiosk = branch.party("kiosk-1")
    try:
        reply = kiosk.insist(join())
        assert reply is not None
        assert reply["result"]["number"] == "A001"
    finally:
        kiosk.disconnect()
    assert ledger.secrets >= {f"pin:{person}" for person in PIN_HOLDERS}, "a person's PIN is gone"
