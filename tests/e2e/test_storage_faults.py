"""Storage that takes no writes: nothing is half done, nothing answered is lost, and it goes on when storage is back."""

import contextlib
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.chaos import ChaosBranch, Party, code_of, join, numbers_of
from tests.support.chaos_disks import Disk, failing_disk, kinds_of_full_disk, read_only, small_disk
from tests.support.chaos_ledger import Ledger
from tests.support.chaos_refusal import contents, refusal_of
from tests.support.client import Json
from tests.support.waiting import until

_MOST_JOINS = 2000
_FULL_FOR_S = 1.5


@pytest.fixture(params=kinds_of_full_disk())
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    """Every way to run out of room that works here."""
    with small_disk(tmp_path, request.param) as disk:
        yield disk


@pytest.mark.variants(1)
def test_a_full_disk_refuses_what_it_cannot_keep_and_goes_on_when_there_is_room(tmp_path: Path, disk: Disk) -> None:
    with ChaosBranch(tmp_path, data=disk.data) as branch, branch.party("kiosk-1") as kiosk:
        before = _joined(kiosk, 5)
        disk.fill(branch)
        kept, refused = _join_until_refused(kiosk, 3)
        ledger = Ledger(branch.data).check()
        assert {command["id"] for command in refused}.isdisjoint(ledger.answers)
        disk.free(branch)
        after = [kiosk.insist(command) for command in refused]
        assert all(reply is not None and reply["ok"] for reply in after)
        again = [kiosk.insist(command) for command in before]
        _check_numbers(branch, kiosk, len(before) + len(kept) + len(refused))
        assert numbers_of([reply for reply in again if reply]) == [f"A{number:03d}" for number in range(1, 6)]


@pytest.mark.variants(1)
def test_a_first_start_on_a_full_disk_says_so_and_sets_up_when_there_is_room(tmp_path: Path, disk: Disk) -> None:
    branch = ChaosBranch(tmp_path, data=disk.data)
    disk.fill()
    assert str(disk.data) in refusal_of(branch, disk.prefix)
    disk.free()
    with branch, branch.party("kiosk-1") as kiosk:
        assert numbers_of(_replies(kiosk, _joined(kiosk, 1))) == ["A001"]


@pytest.mark.variants(1)
def test_a_start_on_a_full_disk_says_so_and_loses_nothing(tmp_path: Path, disk: Disk) -> None:
    branch = ChaosBranch(tmp_path, data=disk.data)
    with branch, branch.party("kiosk-1") as kiosk:
        _joined(kiosk, 3)
    disk.fill()
    assert str(disk.data) in refusal_of(branch, disk.prefix)
    disk.free()
    with branch, branch.party("kiosk-1") as kiosk:
        assert numbers_of(_replies(kiosk, _joined(kiosk, 1))) == ["A004"]
        _check_numbers(branch, kiosk, 4)


@pytest.mark.variants(1)
def test_a_broker_that_dies_while_the_disk_is_full_is_back_when_there_is_room(tmp_path: Path, disk: Disk) -> None:
    with ChaosBranch(tmp_path, data=disk.data) as branch, branch.party("kiosk-1") as kiosk:
        _joined(kiosk, 1)
        disk.fill(branch)
        branch.signal_broker(signal.SIGKILL)
        until(lambda: not kiosk.is_connected)
        with contextlib.suppress(AssertionError):
            until(lambda: kiosk.is_connected, _FULL_FOR_S)
        disk.free(branch)
        assert branch.is_running
        until(lambda: kiosk.is_connected)
        assert numbers_of(_replies(kiosk, _joined(kiosk, 1))) == ["A002"]


def test_a_read_only_data_folder_is_named_at_the_start_and_left_as_it_is(tmp_path: Path) -> None:
    branch = ChaosBranch(tmp_path).start()
    assert branch.stop() == 0
    before = contents(branch.data)
    with read_only(branch.data):
        said = refusal_of(branch)
    assert str(branch.data) in said
    assert "damaged" not in said
    assert contents(branch.data) == before


def test_a_read_only_folder_for_a_new_branch_is_named_at_the_start(tmp_path: Path) -> None:
    branch = ChaosBranch(tmp_path)
    branch.data.mkdir()
    with read_only(branch.data):
        assert str(branch.data) in refusal_of(branch)
    with branch, branch.party("kiosk-1") as kiosk:
        _joined(kiosk, 1)


def test_a_disk_that_becomes_read_only_refuses_commands_and_keeps_what_was_answered(tmp_path: Path) -> None:
    with failing_disk(tmp_path) as (data, failure):
        with ChaosBranch(tmp_path, data=data) as branch, branch.party("kiosk-1") as kiosk:
            _joined(kiosk, 3)
            failure.strike(branch)
            commands = [join() for _ in range(3)]
            assert {code_of(kiosk.ask(command)) for command in commands} == {"unavailable"}
            assert branch.is_running
        ledger = Ledger(data).check()
        assert [ticket["number"] for ticket in ledger.tickets.values()] == ["A001", "A002", "A003"]


def test_what_was_answered_is_answered_the_same_while_storage_takes_no_writes(tmp_path: Path) -> None:
    with (
        failing_disk(tmp_path) as (data, failure),
        ChaosBranch(tmp_path, data=data) as branch,
        branch.party("kiosk-1") as kiosk,
    ):
        command = _joined(kiosk, 1)[0]
        answer = kiosk.replies(command["id"])[0]
        failure.strike(branch)
        assert code_of(kiosk.ask(join())) == "unavailable"
        assert kiosk.ask(command) == answer


def test_a_foreign_program_that_holds_the_database_delays_commands_and_breaks_none(tmp_path: Path) -> None:
    with ChaosBranch(tmp_path) as branch, branch.party("kiosk-1") as kiosk:
        _joined(kiosk, 1)
        with closing(sqlite3.connect(branch.data / "branch.db", isolation_level=None)) as foreign:
            foreign.execute("BEGIN IMMEDIATE")
            command = join()
            assert code_of(kiosk.ask(command)) == "unavailable"
            foreign.execute("ROLLBACK")
        reply = kiosk.insist(command)
        assert reply is not None
        assert reply["result"]["number"] == "A002"
        _check_numbers(branch, kiosk, 2)


def test_a_data_folder_that_another_server_uses_is_refused_and_that_one_goes_on(tmp_path: Path) -> None:
    with ChaosBranch(tmp_path) as first, first.party("kiosk-1") as kiosk:
        (tmp_path / "second").mkdir()
        second = ChaosBranch(tmp_path / "second", data=first.data)
        said = refusal_of(second)
        assert str(first.data) in said
        assert "another branch server" in said
        assert numbers_of(_replies(kiosk, _joined(kiosk, 1))) == ["A001"]


def _joined(kiosk: Party, times: int) -> list[Json]:
    """Commands of joins that were all answered with a ticket."""
    commands = [join() for _ in range(times)]
    for command in commands:
        reply = kiosk.insist(command)
        assert reply is not None
        assert reply["ok"], reply
    return commands


def _replies(kiosk: Party, commands: list[Json]) -> list[Json]:
    return [kiosk.replies(command["id"])[-1] for command in commands]


def _join_until_refused(kiosk: Party, refusals: int) -> tuple[list[Json], list[Json]]:
    """Joins until so many were answered `unavailable`: those that were kept, and those that were not."""
    kept: list[Json] = []
    refused: list[Json] = []
    while len(refused) < refusals:
        command = join()
        reply = kiosk.ask(command)
        assert code_of(reply) in {None, "unavailable"}
        (kept if reply["ok"] else refused).append(command)
        assert len(kept) < _MOST_JOINS, "the disk never filled up"
    return kept, refused


def _check_numbers(branch: ChaosBranch, kiosk: Party, given: int) -> None:
    """The log is whole, and the numbers run from the first to the last without a gap."""
    ledger = Ledger(branch.data).check()
    ledger.check_answered(kiosk.payloads())
    assert sorted(ticket["number"] for ticket in ledger.tickets.values()) == [f"A{n:03d}" for n in range(1, given + 1)]
