"""From the log back to the state: snapshots, old events with missing fields, new ones with fields that nobody knows."""

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest

from branch_server.adapters.db.connections import FILE_NAME
from branch_server.adapters.db.journal import SqlJournal
from branch_server.domain.events import DayOpened, Recorded, TicketCalled, TicketCompleted, TicketJoined
from branch_server.domain.state import State
from branch_server.engine.codec import dump_event, dump_state, load_event, load_state
from branch_server.engine.journal import Answer, Batch, DamagedError, MemoryJournal, Snapshot, StorageError
from branch_server.engine.recovery import recover
from foleni.messages import commands as c
from foleni.times import DAY_US
from tests.unit.engine.bench import KIOSK, MORNING, SETUP, Bench, Crash, Watch, close_day, join, reply_of
from tests.unit.engine.conftest import Opening

DAY_S = 86_400


class CountingJournal(MemoryJournal):
    """Counts the events that are read at a start."""

    rows = 0

    def load(self) -> tuple[Snapshot | None, Iterable[Recorded]]:
        snapshot, events = super().load()
        counted = list(events)
        self.rows += len(counted)
        return snapshot, counted


def test_a_start_reads_a_snapshot_and_one_day_however_long_the_history_is() -> None:
    journal = CountingJournal()
    bench = Bench(journal)
    for number in range(200):
        bench.ask(join(number))
        if number % 10 == 9:
            bench.watch.passes(DAY_S)
            bench.turn()
    bench.turn(*((join(number), KIOSK) for number in range(300, 303)))
    journal.rows = 0
    state = recover(journal)
    assert journal.rows == 3
    assert state == bench.engine._state
    assert len(bench.log()) > 400


def test_each_roll_over_writes_a_snapshot_of_the_state_right_after_it(new_journal: Opening) -> None:
    bench = Bench(new_journal())
    bench.ask(join(1))
    bench.watch.passes(DAY_S)
    bench.ask(join(2))
    snapshot, events = bench.journal.load()
    assert snapshot is not None
    assert isinstance(bench.log()[snapshot.seq - 1].event, DayOpened)
    assert load_state(snapshot.state).seq == snapshot.seq
    assert [recorded.event.type for recorded in events] == ["ticket_joined"]


def test_folding_from_the_start_gives_the_state_of_the_snapshots(new_journal: Opening) -> None:
    bench = Bench(new_journal())
    for number in range(12):
        bench.ask(join(number))
        bench.watch.passes(7 * 3600)
        bench.turn()
    whole = MemoryJournal()
    whole.append(Batch(events=list(bench.log())))
    assert recover(whole) == recover(bench.journal) == bench.engine._state


def test_the_same_branch_goes_on_after_a_restart(new_journal: Opening) -> None:
    bench = Bench(new_journal())
    bench.ask(join(1))
    before = bench.engine.view
    bench.restart()
    assert bench.engine.view.board == before.board
    assert bench.ask(join(2))["result"]["number"] == "A002"


def test_a_crash_after_the_commit_gives_the_kept_answer_and_no_second_ticket(new_journal: Opening) -> None:
    bench = Bench(new_journal())
    bench.journal.fault = "crash after"
    with pytest.raises(Crash):
        bench.turn((join(1), KIOSK))
    bench.restart()
    reply = bench.ask(join(1), KIOSK)
    assert reply["result"]["number"] == "A001"
    assert bench.types().count("ticket_joined") == 1
    assert bench.ask(join(1), KIOSK) == reply


def test_a_crash_before_the_commit_leaves_nothing(new_journal: Opening) -> None:
    bench = Bench(new_journal())
    before = list(bench.log())
    bench.journal.fault = "crash before"
    with pytest.raises(Crash):
        bench.turn((join(1), KIOSK), (join(2), KIOSK))
    bench.restart()
    assert list(bench.log()) == before
    assert bench.ask(join(2), KIOSK)["result"]["number"] == "A001"


def test_while_storage_fails_everything_is_unavailable_and_nothing_is_kept(new_journal: Opening) -> None:
    bench = Bench(new_journal())
    view, before = bench.engine.view, list(bench.log())
    for _ in range(3):
        bench.journal.fault = "refuse"
        assert bench.ask(join(1), KIOSK)["error"]["code"] == "unavailable"
        bench.is_back()
    assert (bench.engine.view, list(bench.log())) == (view, before)
    assert bench.ask(join(1), KIOSK)["result"]["number"] == "A001"


def test_storage_that_failed_is_not_asked_at_every_turn(new_journal: Opening) -> None:
    bench = Bench(new_journal())
    bench.journal.fault = "refuse"
    bench.ask(join(1))
    bench.journal.fault = "refuse"
    bench.ask(join(1))
    appends = bench.journal.appends
    assert bench.ask(join(1))["error"]["code"] == "unavailable"
    assert bench.journal.appends == appends


def test_a_batch_that_storage_took_and_complained_about_has_the_effect_of_once(new_journal: Opening) -> None:
    bench = Bench(new_journal())
    bench.journal.fault = "complain"
    assert bench.ask(join(1), KIOSK)["result"]["number"] == "A001"
    bench.is_back()
    assert bench.ask(join(1), KIOSK)["result"]["number"] == "A001"
    assert bench.types().count("ticket_joined") == 1
    assert bench.ask(join(2), KIOSK)["result"]["number"] == "A002"
    assert bench.engine.view.seq == bench.log()[-1].seq


def test_a_refusal_is_kept_too(new_journal: Opening) -> None:
    bench = Bench(new_journal())
    call = c.CallNext(id=close_day(7).id, counter="c1")
    assert bench.ask(call)["error"]["code"] == "nothing_waiting"
    bench.ask(join(1))
    bench.restart()
    assert bench.ask(call)["error"]["code"] == "nothing_waiting"


def test_a_batch_is_one_transaction_and_each_command_sees_the_one_before(new_journal: Opening) -> None:
    bench = Bench(new_journal())
    appends = bench.journal.appends
    answers = bench.turn(*((join(number), KIOSK) for number in range(5)), (join(0), KIOSK))
    assert bench.journal.appends == appends + 1
    numbers = [reply_of(answer)["result"]["number"] for answer in answers]
    assert numbers == ["A001", "A002", "A003", "A004", "A005", "A001"]


def test_paper_handed_in_after_the_day_has_ended_makes_no_second_ticket_of_the_same_command() -> None:
    bench = Bench()
    printed_at = bench.now()
    bench.ask(join(1), KIOSK)
    bench.watch.passes(DAY_S)
    bench.ask(join(1, number="AX01", joined_at=printed_at), KIOSK)
    assert bench.types().count("ticket_joined") == 1


def test_a_listener_that_fails_does_not_take_back_what_was_answered() -> None:
    bench = Bench()

    def fail(_committed: object) -> None:
        raise RuntimeError

    bench.engine.subscribe(fail)
    answers = bench.turn((join(1), KIOSK))
    assert [reply_of(answer)["ok"] for answer in answers] == [True]


def test_an_answer_that_cannot_be_handed_over_stops_nobody() -> None:
    bench = Bench()
    heard: list[Answer] = []

    def fail(_answer: Answer) -> None:
        raise RuntimeError

    bench.engine.submit(join(1), KIOSK, fail)
    bench.engine.submit(join(2), KIOSK, heard.append)
    bench.engine._turn(bench.engine._taken())
    assert reply_of(heard[0])["result"]["number"] == "A002"


def test_a_command_that_comes_too_late_is_void() -> None:
    bench = Bench()
    heard: list[Answer] = []
    bench.engine.submit(join(1), KIOSK, heard.append, deadline=0.0)
    bench.engine._turn(bench.engine._taken())
    assert reply_of(heard[0])["error"]["code"] == "unavailable"
    assert "ticket_joined" not in bench.types()


def test_the_engine_answers_on_its_thread_and_finishes_what_was_asked_before_it_stops(new_journal: Opening) -> None:
    bench = Bench(new_journal())
    bench.engine.start()
    futures = [bench.engine.ask(join(number), KIOSK) for number in range(20)]
    bench.engine.stop()
    replies = [future.result(30) for future in futures]
    assert sorted((reply.result or {})["number"] for reply in replies) == [f"A{number:03d}" for number in range(1, 21)]
    assert bench.engine.view.seq == bench.log()[-1].seq


def test_a_setup_is_applied_whole_or_not_at_all(new_journal: Opening) -> None:
    bench = Bench(new_journal())
    before = list(bench.log())
    assert bench.engine.set_up([*SETUP[1:2], c.RemoveCounter(id=join(900).id, counter="c9")]) == ["There is no counter c9."]
    assert list(bench.log()) == before


def _called(**changes: object) -> str:
    fields = {
        "ticket": "t", "number": "A001", "service": "cash", "counter": "c1", "counter_label": "1", "call": 1,
        "why": {"rule": "fifo", "reason": "first"},
    }  # fmt: skip
    return json.dumps(fields | changes)


def test_a_field_that_an_old_event_lacks_takes_its_default() -> None:
    event = load_event("ticket_called", _called())
    assert isinstance(event, TicketCalled)
    assert (event.shares, event.why.heads) == ({}, ())
    completed = load_event("ticket_completed", '{"ticket":"t","number":"A001","service":"cash","counter":"c1"}')
    assert completed == TicketCompleted("t", "A001", "cash", "c1")  # type: ignore[arg-type]


def test_a_field_that_a_newer_event_has_is_ignored() -> None:
    assert load_event("ticket_called", _called(colour="red")) == load_event("ticket_called", _called())


def test_a_setting_that_a_newer_program_wrote_into_an_event_is_ignored() -> None:
    service = {"id": "cash", "prefix": "A", "name": {"en": "Cash"}, "colour": "red"}
    assert load_event("service_saved", json.dumps({"service": service})).type == "service_saved"


def test_a_snapshot_of_an_older_or_newer_program_is_read() -> None:
    fields = json.loads(dump_state(State(seq=7)))
    del fields["alerts"]
    assert load_state(json.dumps(fields | {"weather": "fine"})) == State(seq=7)


def test_stored_events_with_other_fields_are_folded(tmp_path: Path) -> None:
    bench = Bench(SqlJournal(tmp_path))
    bench.ask(join(1), KIOSK)
    bench.journal.close()
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection, connection:
        (data,) = connection.execute("SELECT data FROM events WHERE type = 'ticket_joined'").fetchone()
        fields = json.loads(data)
        for optional in ("checked_in", "offline", "language", "phone", "name", "appointment"):
            del fields[optional]
        changed = json.dumps(fields | {"weather": {"rain": True}})
        connection.execute("UPDATE events SET data = ? WHERE type = 'ticket_joined'", (changed,))
    journal = SqlJournal(tmp_path)
    (ticket,) = recover(journal).tickets.values()
    assert (ticket.number, ticket.phone, ticket.offline) == ("A001", None, False)
    journal.close()


def test_a_gap_or_an_event_that_does_not_fit_is_damage() -> None:
    bench = Bench()
    bench.ask(join(1))
    log = list(bench.log())
    for broken in (log[1:], log[:2] + log[3:], [log[0], *log[2:]], [*log[:-1], log[-1], log[-1]]):
        journal = MemoryJournal()
        journal.append(Batch(events=broken))
        with pytest.raises(DamagedError):
            recover(journal)


def test_an_engine_does_not_start_on_a_journal_that_fails() -> None:
    class Gone(MemoryJournal):
        def load(self) -> tuple[Snapshot | None, Iterable[Recorded]]:
            raise StorageError("gone")

    with pytest.raises(StorageError):
        Bench(Gone())


def test_events_keep_the_wall_clock_beside_steady_time() -> None:
    bench = Bench(watch=Watch(wall=MORNING))
    bench.watch.set_by(-3600)
    bench.ask(join(1))
    last = bench.log()[-1]
    assert (last.at, last.steady >= MORNING) == (MORNING - DAY_US // 24, True)
    assert isinstance(last.event, TicketJoined)
    assert load_event(last.event.type, dump_event(last.event)) == last.event
