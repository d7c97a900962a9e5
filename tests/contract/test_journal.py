"""What every journal keeps: the one in memory and the one on SQLite."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from branch_server.adapters.db.connections import FILE_NAME
from branch_server.adapters.db.journal import KEPT_SNAPSHOTS, SqlJournal
from branch_server.domain.events import Announced, Recorded
from branch_server.domain.tickets import Status, Ticket
from branch_server.engine.codec import dump_state
from branch_server.engine.journal import Answer, Batch, DamagedError, Journal, MemoryJournal, Snapshot, StorageError
from branch_server.engine.recovery import recover
from foleni.ids import ServiceId, TicketId
from foleni.times import Instant

ALL = 1_000_000


@pytest.fixture(params=["memory", "sqlite"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
    journal: Journal = MemoryJournal() if request.param == "memory" else SqlJournal(tmp_path)
    yield journal
    journal.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a journal of three events, closed."""
    journal = SqlJournal(tmp_path)
    journal.append(Batch(events=[_event(seq) for seq in (1, 2, 3)]))
    journal.close()
    return tmp_path


def _event(seq: int, text: str = "hello") -> Recorded:
    event = Announced({"en": text})
    return Recorded(seq, f"id-{seq}", Instant(seq * 10), Instant(seq * 10 + 1), "2026-11-20", "desk", f"command-{seq}", event)


def _answer(command: str, payload: bytes = b"{}", sender: str = "desk") -> Answer:
    return Answer(command, sender, payload)


def _ticket(status: Status = Status.WAITING, number: str = "A001", name: str = "t1") -> Ticket:
    return Ticket(
        id=TicketId(name), number=number, service=ServiceId("cash"), channel="kiosk", priority="normal", credit_min=0,
        day="2026-11-20", joined_at=Instant(5), rank_at=Instant(5), status=status,
    )  # fmt: skip


def _recover_in(folder: Path) -> None:
    with closing(SqlJournal(folder)) as journal:
        recover(journal)


def _change(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection, connection:
        connection.execute(statement)


def test_a_new_journal_is_empty(journal: Journal) -> None:
    snapshot, events = journal.load()
    assert (snapshot, list(events), list(journal.read(0, ALL)), journal.cursor("sync")) == (None, [], [], 0)
    assert journal.answers(["command-1"]) == {}


def test_events_are_read_as_they_were_appended(journal: Journal) -> None:
    events = [_event(seq, text) for seq, text in ((1, "plain"), (2, "naïve “quotes” ☃"), (3, ""))]
    journal.append(Batch(events=events[:2]))
    journal.append(Batch(events=events[2:]))
    assert list(journal.read(0, ALL)) == list(journal.load()[1]) == events


@pytest.mark.parametrize(
    ("after", "limit", "seqs"), [(0, 2, [1, 2]), (2, 2, [3, 4]), (4, 9, [5]), (5, 9, []), (99, 9, []), (0, 0, [])]
)
def test_a_reader_reads_on_behind_a_number(journal: Journal, after: int, limit: int, seqs: list[int]) -> None:
    journal.append(Batch(events=[_event(seq) for seq in range(1, 6)]))
    assert [recorded.seq for recorded in journal.read(after, limit)] == seqs


def test_a_long_log_is_loaded_whole(journal: Journal) -> None:
    journal.append(Batch(events=[_event(seq) for seq in range(1, 1202)]))
    assert [recorded.seq for recorded in journal.load()[1]] == list(range(1, 1202))


def test_answers_are_found_by_command(journal: Journal) -> None:
    journal.append(Batch(answers=[_answer("a", b'{"n":1}'), _answer("b", b'{"n":"\xc3\xa9"}', "kiosk-1")]))
    assert journal.answers(["a", "b", "c"]) == {
        "a": _answer("a", b'{"n":1}'),
        "b": _answer("b", b'{"n":"\xc3\xa9"}', "kiosk-1"),
    }


@pytest.mark.parametrize("count", [2, 3, 4, 5, 15, 16, 63, 64, 150, 256])
def test_a_batch_of_any_size_is_kept_in_its_order(journal: Journal, count: int) -> None:
    names = [f"c{number}" for number in range(count)]
    answers = [_answer(name, name.encode()) for name in names]
    tickets = {name: _ticket(number=f"A{number:03}", name=name) for number, name in enumerate(names)}
    events = [_event(number + 1, name) for number, name in enumerate(names)]
    journal.append(Batch(events=events, answers=[_answer("c0", b"earlier"), *answers], tickets=tickets))
    assert journal.read(0, ALL) == events
    assert journal.answers([*names, "unknown"]) == {answer.command: answer for answer in answers}
    called = {name: _ticket(Status.CALLED, tickets[name].number, name) for name in names}
    journal.append(Batch(tickets=called))
    if isinstance(journal, MemoryJournal):
        assert journal.tickets == called


def test_an_answer_takes_the_place_of_the_one_before(journal: Journal) -> None:
    for payload in (b"1", b"2", b"2"):
        journal.append(Batch(answers=[_answer("a", payload)]))
    assert journal.answers({"a"})["a"].payload == b"2"


def test_a_cursor_takes_the_place_of_the_one_before_and_readers_have_their_own(journal: Journal) -> None:
    journal.append(Batch(cursors={"sync": 3, "mail": 1}))
    journal.append(Batch(cursors={"sync": 7}))
    assert [journal.cursor(reader) for reader in ("sync", "mail", "nobody")] == [7, 1, 0]


def test_a_ticket_takes_the_place_of_the_one_before(journal: Journal) -> None:
    for status in (Status.WAITING, Status.CALLED, Status.COMPLETED):
        journal.append(Batch(events=[], tickets={"t1": _ticket(status)}))
    if isinstance(journal, MemoryJournal):
        assert journal.tickets["t1"].status is Status.COMPLETED


def test_loading_begins_behind_the_last_snapshot(journal: Journal) -> None:
    journal.append(
        Batch(events=[_event(1), _event(2)], snapshots=[Snapshot(1, "2026-11-19", "{}"), Snapshot(2, "2026-11-20", "{}")])
    )
    journal.append(Batch(events=[_event(3)]))
    snapshot, events = journal.load()
    assert snapshot == Snapshot(2, "2026-11-20", "{}")
    assert [recorded.seq for recorded in events] == [3]


def test_a_snapshot_of_the_state_comes_back_whole(journal: Journal) -> None:
    journal.append(Batch(events=[_event(1)]))
    state = recover(journal)
    journal.append(Batch(snapshots=[Snapshot(1, "", dump_state(state))], events=[_event(2)]))
    assert recover(journal).notice == {"en": "hello"}


def test_tidying_changes_nothing(journal: Journal) -> None:
    journal.append(Batch(events=[_event(1)], answers=[_answer("a")]))
    journal.tidy()
    assert len(journal.read(0, ALL)) == len(journal.answers(["a"])) == 1


def test_others_may_read_while_one_writes(journal: Journal) -> None:
    """A reader sees whole batches only, and never goes back."""
    seen: list[int] = []
    faults: list[Exception] = []
    over = threading.Event()

    def read() -> None:
        try:
            while not over.is_set():
                seen.append(len(journal.read(0, ALL)))
                journal.cursor("sync")
        except Exception as error:  # noqa: BLE001
            faults.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    for batch in range(30):
        journal.append(Batch(events=[_event(batch * 3 + n) for n in (1, 2, 3)], cursors={"sync": batch}))
    over.set()
    thread.join()
    assert faults == []
    assert seen == sorted(seen)
    assert all(count % 3 == 0 for count in seen)


def test_what_was_appended_is_there_when_the_folder_is_opened_again(tmp_path: Path) -> None:
    journal = SqlJournal(tmp_path)
    journal.append(Batch(events=[_event(1)], answers=[_answer("a")], cursors={"sync": 1}, snapshots=[Snapshot(1, "d", "{}")]))
    journal.close()
    journal = SqlJournal(tmp_path)
    assert list(journal.read(0, ALL)) == [_event(1)]
    assert (journal.cursor("sync"), set(journal.answers(["a"]))) == (1, {"a"})
    journal.close()


def test_a_batch_is_kept_whole_or_not_at_all(tmp_path: Path) -> None:
    journal = SqlJournal(tmp_path)
    journal.append(Batch(events=[_event(1)]))
    with pytest.raises(StorageError):
        journal.append(
            Batch(events=[_event(2), _event(1)], answers=[_answer("a")], cursors={"sync": 9}, tickets={"t1": _ticket()})
        )
    assert [recorded.seq for recorded in journal.read(0, ALL)] == [1]
    assert (journal.cursor("sync"), journal.answers(["a"])) == (0, {})
    journal.append(Batch(events=[_event(2)]))
    assert [recorded.seq for recorded in journal.read(0, ALL)] == [1, 2]
    journal.close()


def test_a_number_that_comes_twice_in_a_day_is_never_stored(tmp_path: Path) -> None:
    journal = SqlJournal(tmp_path)
    journal.append(Batch(events=[_event(1)], tickets={"t1": _ticket()}))
    with pytest.raises(StorageError):
        journal.append(Batch(events=[_event(2)], tickets={"t2": _ticket(name="t2")}))
    journal.close()


def test_the_tickets_of_the_reports_are_those_of_the_events(tmp_path: Path) -> None:
    journal = SqlJournal(tmp_path)
    for status in (Status.WAITING, Status.CALLED):
        journal.append(Batch(tickets={"t1": _ticket(status)}, cursors={"x": 1}))
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        assert connection.execute("SELECT id, status, number FROM tickets").fetchall() == [("t1", "called", "A001")]
    journal.close()


def test_a_folder_is_opened_once(tmp_path: Path) -> None:
    journal = SqlJournal(tmp_path)
    with pytest.raises(StorageError, match="another branch server"):
        SqlJournal(tmp_path)
    journal.append(Batch(events=[_event(1)]))
    journal.close()
    SqlJournal(tmp_path).close()


def test_answers_are_forgotten_with_the_snapshots_of_long_ago(tmp_path: Path) -> None:
    journal = SqlJournal(tmp_path)
    for seq in range(1, KEPT_SNAPSHOTS + 3):
        journal.append(Batch(events=[_event(seq)], answers=[_answer(f"a{seq}")]))
        journal.append(Batch(snapshots=[Snapshot(seq, "d", "{}")], cursors={"x": seq}))
    kept = set(journal.answers([f"a{seq}" for seq in range(1, KEPT_SNAPSHOTS + 3)]))
    assert {"a1", "a2", "a3"} & kept == set()
    assert {f"a{seq}" for seq in range(4, KEPT_SNAPSHOTS + 3)} == kept
    journal.close()


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM events WHERE seq = 2",
        "DELETE FROM events WHERE seq = 1",
        "UPDATE events SET data = '{' WHERE seq = 2",
        "UPDATE events SET data = '{\"text\": 7}' WHERE seq = 2",
        "UPDATE events SET type = 'nothing_known' WHERE seq = 2",
        "INSERT INTO snapshots (seq, day, answers_until, state) VALUES (1, 'd', 0, 'no state')",
        "INSERT INTO snapshots (seq, day, answers_until, state) VALUES (1, 'd', 0, '{\"seq\": \"x\"}')",
        "INSERT INTO snapshots (seq, day, answers_until, state) VALUES (1, 'd', 0, '{\"seq\": 0}')",
        "UPDATE alembic_version SET version_num = '9999'",
    ],
)
def test_what_cannot_be_trusted_is_not_built_upon(folder: Path, damage: str) -> None:
    _change(folder, damage)
    with pytest.raises(DamagedError):
        _recover_in(folder)


def test_a_file_that_is_no_database_is_damaged_and_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"no database at all" * 500)
    with pytest.raises(DamagedError):
        SqlJournal(tmp_path)
    assert (tmp_path / FILE_NAME).read_bytes() == b"no database at all" * 500


def test_secrets_are_kept_apart_from_the_log(tmp_path: Path) -> None:
    journal = SqlJournal(tmp_path)
    assert journal.secrets("") == {}
    journal.keep_secret("key", "one")
    journal.keep_secret("key", "two")
    journal.append(Batch(secrets={"password:pad_1": "three", "passwords": "four"}))
    assert (journal.secrets("password:"), list(journal.read(0, ALL))) == ({"password:pad_1": "three"}, [])
    journal.forget_secrets("password:")
    assert journal.secrets("") == {"key": "two", "passwords": "four"}
    journal.close()
