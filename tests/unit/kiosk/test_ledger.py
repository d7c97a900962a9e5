"""The ledger: one contract for both twins, and what SQLite does on top of it."""

import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foleni.messages.replies import JoinResult
from foleni.times import DAY_US, SECOND_US, Instant, from_wire
from kiosk.ledger.entries import (
    Entry,
    Handing,
    Step,
    StepError,
    answered,
    found,
    handed_in,
    on_paper,
    refused,
    turned_away,
    withdrawn,
)  # fmt: skip
from kiosk.ledger.ledger import Counts, Ledger, LedgerError, MemoryLedger, number_of
from kiosk.ledger.sqlite import SqliteLedger

NOON = from_wire("2026-11-20T10:00:00Z")
TODAY, TOMORROW = "2026-11-20", "2026-11-21"
RESULT = JoinResult(
    ticket="t-1", number="A042", service="cash", joined_at="2026-11-20T10:00:00Z", position=13, ahead=12, wait_p50_s=1080,
    wait_p90_s=1800, url="/t/abc",
)  # fmt: skip


@pytest.fixture(params=["memory", "sqlite"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    made: Ledger = MemoryLedger() if request.param == "memory" else SqliteLedger(tmp_path / "tickets.db")
    yield made
    made.close()


def asked(name: str = "1", at: int = NOON) -> Entry:
    return Entry(name, "cash", Instant(at), "priority", "fr", "+250788123456")


def numbered(ledger: Ledger, name: str, series: str = "AX", day: str = TODAY) -> str:
    ledger.add(asked(name))
    return str(ledger.give_number(name, series, day, NOON).number)


def test_what_goes_in_comes_out_whole(ledger: Ledger) -> None:
    ledger.add(asked())
    ledger.change("1", lambda entry: answered(entry, RESULT, NOON))
    assert ledger.last() == replace(
        asked(), step=Step.NUMBERED, number="A042", given_at=NOON, ticket="t-1", ahead=12, wait_p50_s=1080, wait_p90_s=1800,
        url="/t/abc",
    )  # fmt: skip


def test_the_same_id_is_one_entry(ledger: Ledger) -> None:
    ledger.add(asked())
    ledger.change("1", lambda entry: refused(entry, "service_closed"))
    ledger.add(asked())
    assert ledger.unfinished() == []


def test_an_unknown_id_is_an_error(ledger: Ledger) -> None:
    with pytest.raises(KeyError):
        ledger.change("1", handed_in)


def test_a_step_that_does_not_follow_changes_nothing(ledger: Ledger) -> None:
    ledger.add(asked())
    with pytest.raises(StepError):
        ledger.change("1", lambda entry: on_paper(entry, Step.PRINTING))
    assert [entry.step for entry in ledger.unfinished()] == [Step.ASKED]


def test_a_ticket_that_may_be_on_paper_is_never_printed_again(ledger: Ledger) -> None:
    numbered(ledger, "1")
    for step in (Step.PRINTING, Step.UNSURE):
        ledger.change("1", lambda entry, step=step: on_paper(entry, step))  # type: ignore[misc]
        with pytest.raises(StepError):
            ledger.change("1", lambda entry: on_paper(entry, Step.PRINTING))


def test_a_number_is_given_once_to_a_ticket(ledger: Ledger) -> None:
    numbered(ledger, "1")
    with pytest.raises(StepError):
        ledger.give_number("1", "AX", TODAY, NOON)
    assert numbered(ledger, "2") == "AX02", "what was not given is not used up"


def test_numbers_count_up_for_each_series_and_day(ledger: Ledger) -> None:
    assert [numbered(ledger, name) for name in "123"] == ["AX01", "AX02", "AX03"]
    assert numbered(ledger, "4", "BX") == "BX01"
    for name in "1234":
        ledger.change(name, handed_in)
    assert numbered(ledger, "5", day=TOMORROW) == "AX01"
    assert numbered(ledger, "6", "BX", day=TOMORROW) == "BX01"


def test_a_new_day_counts_on_while_tickets_wait_that_the_server_may_take_for_its_own(ledger: Ledger) -> None:
    for name in "12":
        numbered(ledger, name)
    numbered(ledger, "3", "BX")
    assert numbered(ledger, "4", day=TOMORROW) == "AX03"
    for name in "1234":
        ledger.change(name, handed_in)
    assert numbered(ledger, "5", "BX", day=TOMORROW) == "BX02"
    ledger.change("5", handed_in)
    assert numbered(ledger, "6", day="2026-11-22") == "AX01"


def test_a_clock_that_steps_back_repeats_no_number(ledger: Ledger) -> None:
    numbered(ledger, "1")
    ledger.change("1", handed_in)
    numbered(ledger, "2", day=TOMORROW)
    assert [numbered(ledger, name, day=TODAY) for name in "34"] == ["AX02", "AX03"]


def test_a_clock_that_steps_back_repeats_no_number_of_the_earlier_day_either(ledger: Ledger) -> None:
    for name in "12":
        numbered(ledger, name, "BX")
        ledger.change(name, handed_in)
    numbered(ledger, "3", "AX", TOMORROW)
    assert [numbered(ledger, name, "BX", TODAY) for name in "45"] == ["BX03", "BX04"]


def test_numbers_have_two_digits_or_more() -> None:
    assert [number_of("AX", count) for count in (1, 99, 100, 1000)] == ["AX01", "AX99", "AX100", "AX1000"]


def test_series_of_a_day_far_ahead_go_on_in_the_day_that_the_server_says(ledger: Ledger) -> None:
    numbered(ledger, "1")
    ledger.change("1", handed_in)
    for name in "234":
        numbered(ledger, name, day="2031-01-01")
    ledger.trust_day(TODAY)
    assert numbered(ledger, "5") == "AX04"
    for name in "2345":
        ledger.change(name, handed_in)
    assert numbered(ledger, "6", day=TOMORROW) == "AX01"


def test_a_day_that_may_be_the_next_one_is_kept_though_the_server_is_not_there_yet(ledger: Ledger) -> None:
    numbered(ledger, "1", day=TOMORROW)
    ledger.trust_day(TODAY)
    assert numbered(ledger, "2", day=TOMORROW) == "AX02"


def test_what_must_be_handed_in_waits_in_its_order(ledger: Ledger) -> None:
    ledger.add(asked("0"))
    for name in "123":
        numbered(ledger, name)
    ledger.change("0", lambda entry: withdrawn(entry, "cancel-0"))
    assert [entry.id for entry in ledger.waiting()] == ["0", "1", "2", "3"]
    ledger.change("2", handed_in)
    ledger.change("1", lambda entry: turned_away(entry, "service_closed"))
    ledger.change("0", lambda entry: found(entry, "t-0"))
    assert [(entry.id, entry.ticket, entry.cancel) for entry in ledger.waiting()] == [
        ("0", "t-0", "cancel-0"),
        ("3", None, None),
    ]
    assert [entry.id for entry in ledger.waiting(1)] == ["0"]
    assert ledger.counts() == Counts(waiting=2, refused=1)


def test_a_phone_number_is_kept_no_longer_than_it_is_needed(ledger: Ledger) -> None:
    for name in "12":
        numbered(ledger, name)
    ledger.add(asked("3"))
    ends = [
        ledger.change("1", handed_in),
        ledger.change("2", lambda entry: turned_away(entry, "invalid")),
        ledger.change("3", lambda entry: refused(entry, "service_full")),
    ]
    assert [entry.phone for entry in ends] == [None, None, None]


def test_what_was_in_the_middle_of_something_is_found_again(ledger: Ledger) -> None:
    for name in "1234":
        numbered(ledger, name)
    for name in "234":
        ledger.change(name, lambda entry: on_paper(entry, Step.PRINTING))
    ledger.change("3", lambda entry: on_paper(entry, Step.PRINTED))
    ledger.change("4", lambda entry: on_paper(entry, Step.UNSURE))
    ledger.add(asked("5"))
    assert [(entry.id, entry.step) for entry in ledger.unfinished()] == [
        ("1", Step.NUMBERED), ("2", Step.PRINTING), ("5", Step.ASKED),
    ]  # fmt: skip


def test_old_tickets_are_forgotten_but_not_what_waits(ledger: Ledger) -> None:
    for name, at in (("1", 0), ("2", 0), ("3", DAY_US)):
        ledger.add(asked(name, NOON + at))
        ledger.give_number(name, "AX", TODAY, NOON)
        ledger.change(name, lambda entry: on_paper(entry, Step.FAILED))
    for name in "13":
        ledger.change(name, handed_in)
    ledger.prune(Instant(NOON + SECOND_US))
    assert [entry.id for entry in ledger.waiting()] == ["2"]
    assert ledger.last() is not None
    with pytest.raises(KeyError):
        ledger.change("1", handed_in)


def test_something_is_kept_under_a_name(ledger: Ledger) -> None:
    assert ledger.kept("config") is None
    ledger.keep("config", b"1")
    ledger.keep("config", b"2")
    assert ledger.kept("config") == b"2"


def test_many_threads_get_different_numbers(ledger: Ledger) -> None:
    got: list[str] = []
    threads = [
        threading.Thread(target=lambda place=place: got.extend(numbered(ledger, f"{place}-{n}") for n in range(5)))
        for place in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == [number_of("AX", count) for count in range(1, 21)]


def test_a_ledger_outlives_its_process(tmp_path: Path) -> None:
    with SqliteLedger(tmp_path / "tickets.db") as ledger:
        numbered(ledger, "1")
    with SqliteLedger(tmp_path / "tickets.db") as ledger:
        assert numbered(ledger, "2") == "AX02"
        assert [entry.handing for entry in ledger.waiting()] == [Handing.WAITING] * 2


def test_a_folder_that_comes_back_is_used_again(tmp_path: Path) -> None:
    ledger = SqliteLedger(tmp_path / "gone" / "tickets.db")
    with pytest.raises(LedgerError):
        ledger.check()
    (tmp_path / "gone").mkdir()
    ledger.check()
    assert numbered(ledger, "1") == "AX01"
    ledger.close()


def test_a_damaged_file_is_an_error_and_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "tickets.db"
    path.write_bytes(b"this is no database" * 100)
    ledger = SqliteLedger(path)
    for use in (ledger.check, ledger.unfinished, lambda: ledger.add(asked())):
        with pytest.raises(LedgerError):
            use()
    assert path.read_bytes().startswith(b"this is no database")


def test_a_ledger_of_a_newer_version_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "tickets.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(LedgerError, match="newer"):
        SqliteLedger(path).check()


def test_a_second_kiosk_on_the_same_data_finds_it_locked(tmp_path: Path) -> None:
    path = tmp_path / "tickets.db"
    with SqliteLedger(path) as first:
        first.check()
        with pytest.raises(LedgerError, match="locked"):
            SqliteLedger(path).check()


def test_a_full_disk_gives_no_number_and_loses_none(tmp_path: Path) -> None:
    path = tmp_path / "tickets.db"
    with SqliteLedger(path) as ledger:
        ledger.add(asked("1"))
        full = ledger._open()
        full.execute(f"PRAGMA max_page_count = {full.execute('PRAGMA page_count').fetchone()[0]}")
        stored = 0
        with pytest.raises(LedgerError, match="full"):  # noqa: PT012 - how many fit is the disk's business
            for stored in range(1000):
                ledger.add(asked(f"more-{stored}", NOON))
        assert len(ledger.unfinished()) == stored + 1
        assert ledger.give_number("1", "AX", TODAY, NOON).number == "AX01"


@given(
    st.lists(
        st.tuples(st.sampled_from(["2026-11-19", TODAY, TOMORROW, "2031-01-01"]), st.sampled_from(["AX", "BX"])), max_size=30
    )
)
def test_both_twins_give_the_same_numbers_whatever_the_clock_does(steps: list[tuple[str, str]]) -> None:
    memory, sqlite = MemoryLedger(), SqliteLedger(Path(":memory:"))
    for place, (day, series) in enumerate(steps):
        if place % 7 == 6:
            memory.trust_day(day)
            sqlite.trust_day(day)
        assert numbered(memory, str(place), series, day) == numbered(sqlite, str(place), series, day)
    sqlite.close()
