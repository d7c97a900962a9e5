"""What is refused at the start stays as it is, byte by byte, and is named."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from branch_server.adapters.db.checking import check_at_start, check_whole, guarding
from branch_server.adapters.db.connections import FILE_NAME
from branch_server.adapters.db.journal import SqlJournal
from branch_server.domain.events import Announced, Recorded
from branch_server.engine.journal import Batch, DamagedError, StorageError
from branch_server.engine.recovery import recover
from foleni.times import Instant


@pytest.fixture
def torn(tmp_path: Path) -> Path:
    """The folder of a journal of three events whose process was cut off: all of them stand in the write-ahead log."""
    live, folder = tmp_path / "live", tmp_path / "torn # 100%"
    journal = SqlJournal(live)
    journal.append(Batch(events=[_event(seq) for seq in (1, 2, 3)]))
    shutil.copytree(live, folder)
    journal.close()
    assert (folder / f"{FILE_NAME}-wal").stat().st_size > 0
    return folder


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """The folder of a journal of three events that was closed."""
    folder = tmp_path / "closed"
    with closing(SqlJournal(folder)) as journal:
        journal.append(Batch(events=[_event(seq) for seq in (1, 2, 3)]))
    return folder


def _event(seq: int) -> Recorded:
    return Recorded(seq, f"id-{seq}", Instant(seq), Instant(seq), "2026-11-20", "desk", f"c-{seq}", Announced({"en": "hello"}))


def _contents(folder: Path) -> dict[str, bytes]:
    """The database and its log; the index beside them is a cache."""
    return {path.name: path.read_bytes() for path in folder.glob(f"{FILE_NAME}*") if not path.name.endswith("-shm")}


def _change(folder: Path, statement: str) -> None:
    """In the write-ahead log only, while an onlooker keeps it from being folded into the database."""
    with (
        closing(sqlite3.connect(f"{(folder / FILE_NAME).as_uri()}?mode=ro", uri=True)) as onlooker,
        closing(sqlite3.connect(folder / FILE_NAME)) as writer,
    ):
        onlooker.execute("SELECT count(*) FROM events").fetchall()
        with writer:
            writer.execute(statement)


def _open(folder: Path) -> None:
    with guarding(folder), closing(SqlJournal(folder)) as journal:
        recover(journal)


def test_a_sound_folder_and_a_new_one_pass(torn: Path, closed: Path, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    assert all(check_at_start(folder) for folder in (torn, closed, tmp_path / "new", tmp_path / "nowhere"))
    _open(torn)
    _open(tmp_path / "new")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("DELETE FROM events WHERE seq = 2", "is damaged (the log has a gap: event 3 follows event 1)"),
        ("UPDATE events SET data = '{' WHERE seq = 2", "is damaged ("),
        ("UPDATE alembic_version SET version_num = '9999'", "is of a newer program"),
    ],
)
def test_a_log_that_does_not_fit_is_named_and_not_folded_into_the_database(torn: Path, damage: str, words: str) -> None:
    _change(torn, damage)
    before = _contents(torn)
    assert check_at_start(torn)
    with pytest.raises(DamagedError) as refusal:
        _open(torn)
    assert _contents(torn) == before
    assert f"the database {torn / FILE_NAME} {words}" in str(refusal.value)
    assert str(refusal.value).count(str(torn / FILE_NAME)) == 1


def test_a_log_that_fits_is_folded_in_as_ever(torn: Path) -> None:
    _open(torn)
    with closing(SqlJournal(torn)) as journal:
        assert recover(journal).seq == 3
    assert set(_contents(torn)) == {FILE_NAME}


@pytest.mark.parametrize("is_missing", [True, False])
@pytest.mark.parametrize("left", ["accounts", "log"])
def test_an_empty_journal_beside_what_a_branch_left_is_refused(tmp_path: Path, left: str, is_missing: bool) -> None:
    trace = tmp_path / "devices" / "kiosk-1.toml" if left == "accounts" else tmp_path / f"{FILE_NAME}-wal"
    trace.parent.mkdir(exist_ok=True)
    trace.write_text("something")
    if not is_missing:
        (tmp_path / FILE_NAME).touch()
    before = _contents(tmp_path)
    with pytest.raises(DamagedError, match="is missing although" if is_missing else "is empty although"):
        check_at_start(tmp_path)
    assert _contents(tmp_path) == before


def test_an_empty_journal_of_a_first_start_that_was_cut_off_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).touch()
    (tmp_path / "devices").mkdir()
    assert check_at_start(tmp_path)


def test_a_log_that_is_gone_is_noticed_by_its_index(torn: Path) -> None:
    (torn / f"{FILE_NAME}-wal").unlink()
    before = _contents(torn)
    with pytest.raises(DamagedError, match="recent tickets are missing"):
        check_at_start(torn)
    assert _contents(torn) == before


def test_findings_are_told_on_one_line(closed: Path) -> None:
    with (closed / FILE_NAME).open("r+b") as file:
        file.seek(2 * 4096)
        file.write(bytes(4096))
    with pytest.raises(DamagedError) as refusal:
        check_at_start(closed)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("name", [".", FILE_NAME])
def test_what_may_not_be_written_is_no_damage(closed: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may write everything, so the kernel's answer is given here."""
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, rights: path != closed / name and real(path, rights))
    with pytest.raises(StorageError, match="cannot be written: permission denied"):
        check_at_start(closed)


def test_a_database_that_somebody_holds_is_no_damage(closed: Path) -> None:
    with closing(sqlite3.connect(closed / FILE_NAME, isolation_level=None)) as holder:
        holder.execute("PRAGMA locking_mode=EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StorageError, match="cannot be read: database is locked"):
            check_whole(closed)


def test_a_new_database_and_its_log_are_for_us_alone(tmp_path: Path) -> None:
    with closing(SqlJournal(tmp_path)) as journal:
        journal.append(Batch(events=[_event(1)]))
        assert {path.stat().st_mode & 0o777 for path in tmp_path.glob(f"{FILE_NAME}*")} == {0o600}
