"""A database that cannot be trusted: one clear line that names it, and nothing is written upon it."""

import os
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from tests.support.chaos import ChaosBranch, join, press
from tests.support.chaos_refusal import contents, refusal_of
from tests.support.waiting import until

_PAGE_BYTES = 4096
_HUGE_BYTES = 80 * 1024 * 1024
_NEWER = "9999"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a branch that was used and ended in good order."""
    folder = tmp_path_factory.mktemp("sound")
    with ChaosBranch(folder) as branch, branch.party("desk-1") as desk:
        for command in (press("open_counter"), *(join() for _ in range(60)), *(press("call_next") for _ in range(20))):
            desk.insist(command)
        assert branch.stop() == 0
    return folder / "data"


@pytest.fixture(scope="module")
def torn(sound: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of that branch, cut off when its latest 20 tickets stood in the write-ahead log only."""
    folder = tmp_path_factory.mktemp("torn")
    with _copy_of(sound, folder) as branch, branch.party("kiosk-1") as kiosk, _reader_of(branch) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM events").fetchone()
        for _ in range(20):
            kiosk.insist(join())
        broker = branch.broker_pid
        branch.kill()
        until(lambda: broker is None or not psutil.pid_exists(broker))
        shutil.copytree(branch.data, folder / "copy")
    assert (folder / "copy" / "branch.db-wal").stat().st_size > 0
    return folder / "copy"


def _overwritten_header(path: Path) -> None:
    _write(path, 0, bytes(range(256)))


def _random_pages(seed: int) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        chance = random.Random(seed)
        pages = path.stat().st_size // _PAGE_BYTES
        for page in chance.sample(range(1, pages), 2):
            _write(path, page * _PAGE_BYTES, chance.randbytes(_PAGE_BYTES))

    damage.__name__ = f"random_pages_{seed}"
    return damage


def _zeroed_page(path: Path) -> None:
    _write(path, 2 * _PAGE_BYTES, bytes(_PAGE_BYTES))


def _cut_in_half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _cut_by_a_byte(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def _emptied(path: Path) -> None:
    os.truncate(path, 0)


def _garbage(path: Path) -> None:
    path.write_bytes(random.Random(7).randbytes(50_000))


def _short_garbage(path: Path) -> None:
    path.write_bytes(b"hello\n")


def _huge_garbage(path: Path) -> None:
    path.write_bytes(random.Random(8).randbytes(_PAGE_BYTES))
    os.truncate(path, _HUGE_BYTES)


def _missing_event(path: Path) -> None:
    _execute(path, "DELETE FROM events WHERE seq = (SELECT max(seq) - 5 FROM events)")


def _unreadable_event(path: Path) -> None:
    _execute(path, "UPDATE events SET data = 'no json' WHERE seq = (SELECT max(seq) - 5 FROM events)")


def _unreadable_snapshot(path: Path) -> None:
    _execute(path, "UPDATE snapshots SET state = substr(state, 1, 50)")


_DAMAGES: list[Callable[[Path], None]] = [
    _overwritten_header, _random_pages(1), _random_pages(2), _zeroed_page, _cut_in_half, _cut_by_a_byte,
    _emptied, _garbage, _short_garbage, _huge_garbage, _missing_event, _unreadable_event, _unreadable_snapshot,
]  # fmt: skip


def _name(damage: Callable[[Path], None]) -> str:
    return damage.__name__.strip("_")


@pytest.mark.variants(3)
@pytest.mark.parametrize("damage", _DAMAGES, ids=_name)
def test_a_damaged_database_is_named_and_left_as_it_is(tmp_path: Path, sound: Path, damage: Callable[[Path], None]) -> None:
    branch = _copy_of(sound, tmp_path)
    database = branch.data / "branch.db"
    damage(database)
    before = database.read_bytes()
    said = refusal_of(branch)
    assert database.read_bytes() == before
    assert str(database) in said


def test_a_database_of_a_newer_program_is_refused_and_left_as_it_is(tmp_path: Path, sound: Path) -> None:
    branch = _copy_of(sound, tmp_path)
    _execute(branch.data / "branch.db", f"UPDATE alembic_version SET version_num = '{_NEWER}'")
    before = contents(branch.data)
    said = refusal_of(branch)
    assert contents(branch.data) == before
    assert "newer program" in said
    assert str(branch.data) in said


def test_a_write_ahead_log_that_is_gone_is_noticed_where_its_index_is_still_there(tmp_path: Path, torn: Path) -> None:
    branch = _copy_of(torn, tmp_path)
    (branch.data / "branch.db-wal").unlink()
    before = (branch.data / "branch.db").read_bytes()
    said = refusal_of(branch)
    assert (branch.data / "branch.db").read_bytes() == before
    assert str(branch.data / "branch.db") in said


def test_a_write_ahead_log_that_outlived_the_process_is_read(tmp_path: Path, torn: Path) -> None:
    with _copy_of(torn, tmp_path) as branch, branch.party("kiosk-1") as kiosk:
        reply = kiosk.insist(join())
        assert reply is not None
        assert reply["result"]["number"] == "A081"


def test_a_damaged_database_with_a_write_ahead_log_is_refused_and_both_are_left_as_they_are(tmp_path: Path, torn: Path) -> None:
    branch = _copy_of(torn, tmp_path)
    _write(branch.data / "branch.db", _PAGE_BYTES, random.Random(9).randbytes(8 * _PAGE_BYTES))
    logs = [branch.data / "branch.db", branch.data / "branch.db-wal"]
    before = [path.read_bytes() for path in logs]
    said = refusal_of(branch)
    assert [path.read_bytes() for path in logs] == before
    assert str(logs[0]) in said


def _reader_of(branch: ChaosBranch) -> closing[sqlite3.Connection]:
    """While it reads, the write-ahead log is not folded into the database."""
    return closing(sqlite3.connect(branch.data / "branch.db", isolation_level=None))


def _copy_of(data: Path, folder: Path) -> ChaosBranch:
    branch = ChaosBranch(folder)
    shutil.copytree(data, branch.data)
    return branch


def _write(path: Path, at: int, what: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(what)


def _execute(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(statement)
