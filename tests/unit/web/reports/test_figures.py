"""The figures of a report are those that one counts by hand from the log."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from branch_server.adapters.db.reading import LogReader
from branch_server.web.reports import figures
from branch_server.web.reports.query import PARTS, Period, Query, query_of
from branch_server.web.reports.reading import FILE_NAME, past
from branch_server.web.reports.rows import FIELDS, Place, tickets
from tests.unit.web.reports.playing import FIRST_DAY, ZONE, Counted, counted, play, spread

TARGET_S = 600
DAYS = [date.fromordinal(FIRST_DAY.toordinal() + number).isoformat() for number in range(-1, 7)]


@pytest.fixture(scope="module", params=[1, 2, 3])
def data(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A branch with some odd days, the last of them today."""
    with TemporaryDirectory() as folder:
        yield play(Path(folder), request.param)


@cache
def _known(data: Path) -> tuple[list[Counted], str, int]:
    """Its tickets, its today, and its now."""
    reader = LogReader(data)
    log = list(reader.read(0, 10**9))
    reader.close()
    return counted(log), log[-1].day, log[-1].steady


def _report(data: Path, **changes: Any) -> dict[str, Any]:
    _, today, now = _known(data)
    query = replace(Query(Period(DAYS[0], DAYS[-1]), today, now, ZONE, TARGET_S), **changes)
    with past(data, ZONE) as known:
        return figures.report(query, known.days(query.period, query.today, query.now))


def _by_hand(chosen: list[Counted]) -> dict[str, Any]:
    """The figures of some tickets, counted one by one."""
    waits = [ticket.wait_s for ticket in chosen if ticket.wait_s is not None]
    times = [ticket.service_s for ticket in chosen if ticket.service_s is not None]
    stars = [ticket.stars for ticket in chosen if ticket.stars is not None]
    count = {
        status: sum(ticket.status == status for ticket in chosen) for status in ("completed", "no_show", "cancelled", "expired")
    }
    seen, gone = count["completed"] + count["no_show"], count["cancelled"] + count["expired"]
    wait, service = spread(waits), spread(times)
    return {
        "issued": len(chosen), "served": count["completed"], "no_show": count["no_show"], "cancelled": count["cancelled"],
        "expired": count["expired"], "abandoned": gone, "active": len(chosen) - seen - gone,
        "wait_mean_s": wait[0], "wait_p50_s": wait[1], "wait_p90_s": wait[2],
        "within_target": round(sum(wait <= TARGET_S for wait in waits) / len(waits), 4) if waits else None,
        "service_mean_s": service[0], "service_p50_s": service[1], "service_p90_s": service[2],
        "no_show_rate": round(count["no_show"] / seen, 4) if seen else None,
        "abandonment": round(gone / len(chosen), 4) if chosen else None,
        "ratings": len(stars), "stars": round(sum(stars) / len(stars), 2) if stars else None,
    }  # fmt: skip


def _figures(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in _by_hand([])}


def test_a_played_branch_has_seen_everything(data: Path) -> None:
    found, _, _ = _known(data)
    assert {ticket.status for ticket in found} >= {"completed", "no_show", "cancelled", "expired"}
    assert any(ticket.parked for ticket in found)
    assert any(ticket.arrived_at != ticket.joined_at for ticket in found)


def test_every_part_is_what_one_counts_by_hand(data: Path) -> None:
    found, _, _ = _known(data)
    report = _report(data)
    weekday = {ticket.day: figures.WEEKDAYS[date.fromisoformat(ticket.day).weekday()] for ticket in found}
    keys: dict[str, Callable[[Counted], tuple[Any, ...]]] = {
        "days": lambda ticket: (ticket.day,), "hours": lambda ticket: (ticket.hour,),
        "weekdays": lambda ticket: (weekday[ticket.day],), "heatmap": lambda ticket: (weekday[ticket.day], ticket.hour),
        "services": lambda ticket: (ticket.service,), "channels": lambda ticket: (ticket.channel,),
        "counters": lambda ticket: (ticket.counter,), "staff": lambda ticket: (ticket.staff,),
    }  # fmt: skip
    assert _figures(report["summary"]) == _by_hand(found)
    for part, key_of in keys.items():
        groups: dict[Any, list[Counted]] = {}
        for ticket in found:
            groups.setdefault(key_of(ticket), []).append(ticket)
        expected = {key: _by_hand(group) for key, group in groups.items() if key != (None,)}
        told = {tuple(list(row.values())[: len(key_of(found[0]))]): _figures(row) for row in report[part] if row["issued"]}
        assert told == expected, part


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ends=st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS)).map(sorted),
    services=st.none() | st.lists(st.sampled_from(["cash", "cards", "gone"]), unique=True, max_size=2).map(tuple),
    counter=st.none() | st.sampled_from(["c1", "c2", "c9"]),
    staff=st.none() | st.sampled_from(["eve", "ben"]),
    channel=st.none() | st.sampled_from(["kiosk", "app", "api"]),
)
def test_filters_leave_exactly_what_they_name(
    data: Path, ends: list[str], services: tuple[str, ...] | None, counter: str | None, staff: str | None, channel: str | None
) -> None:
    found, _, _ = _known(data)
    chosen = [
        ticket
        for ticket in found
        if ends[0] <= ticket.day <= ends[1]
        and (services is None or ticket.service in services)
        and counter in {None, ticket.counter}
        and staff in {None, ticket.staff}
        and channel in {None, ticket.channel}
    ]
    asked = {"services": services, "counter": counter, "staff": staff, "channel": channel}
    report = _report(data, period=Period(*ends), parts=("summary", "days"), **asked)
    assert _figures(report["summary"]) == _by_hand(chosen)
    assert sum(row["issued"] for row in report["days"]) == len(chosen)


def test_packed_days_tell_the_same_as_fresh_ones(data: Path) -> None:
    first = _report(data)
    assert _report(data) == first
    (data / FILE_NAME).unlink()
    assert _report(data) == first


def test_a_damaged_file_of_packed_days_is_begun_anew(data: Path) -> None:
    first = _report(data)
    for name in (f"{FILE_NAME}-wal", f"{FILE_NAME}-shm"):
        (data / name).unlink(missing_ok=True)
    (data / FILE_NAME).write_bytes(b"this is no database" * 300)
    assert _report(data) == first


def test_single_tickets_are_those_of_the_log_and_pages_join_without_a_seam(data: Path) -> None:
    found, today, now = _known(data)
    query = Query(Period(DAYS[0], DAYS[-1]), today, now, ZONE, TARGET_S)
    with past(data, ZONE) as known:
        whole = list(tickets(known, query))
        behind = whole[len(whole) // 3]
        rest = list(tickets(known, query, Place(behind["day"], behind["ticket"])))
    assert rest == whole[len(whole) // 3 + 1 :]
    told = sorted((row["day"], row["service"], row["status"], row["wait_s"] or -1, row["service_s"] or -1) for row in whole)
    assert told == sorted((t.day, t.service, t.status, t.wait_s or -1, t.service_s or -1) for t in found)
    assert tuple(whole[0]) == FIELDS
    assert not {"phone", "name"} & set(FIELDS)


def test_a_query_comes_back_from_json_as_it_was() -> None:
    query = Query(Period("2026-01-01", "2026-01-31"), "2026-11-21", 1, ZONE, 900, ("cash",), None, "c1", None, "app",
                  Period("2025-01-01", "2025-01-31"), PARTS)  # fmt: skip
    assert query_of(query.to_json()) == query


def test_a_paper_that_is_handed_in_late_counts_on_its_day(data: Path) -> None:
    _report(data)
    with closing(sqlite3.connect(data / "branch.db")) as branch:
        columns = [row[1] for row in branch.execute("PRAGMA table_info(tickets)") if row[1] not in {"id", "number"}]
        names = ", ".join(columns)
        branch.execute(
            f"INSERT INTO tickets (id, number, {names}) SELECT 'late', 'AX99', {names} FROM tickets WHERE day = ? LIMIT 1",
            (DAYS[1],),
        )
        had = branch.execute("SELECT count(*) FROM tickets WHERE day = ?", (DAYS[1],)).fetchone()[0]
        branch.commit()
        try:
            assert _report(data, period=Period(DAYS[1], DAYS[1]))["summary"]["issued"] == had
        finally:
            branch.execute("DELETE FROM tickets WHERE id = 'late'")
            branch.commit()


def test_a_time_zone_that_is_changed_changes_the_hours(data: Path) -> None:
    here = {row["hour"]: row["issued"] for row in _report(data)["hours"]}
    query = Query(Period(DAYS[0], DAYS[-1]), *_known(data)[1:], "Asia/Kolkata", TARGET_S, parts=("hours",))
    with past(data, "Asia/Kolkata") as known:
        there = {
            row["hour"]: row["issued"]
            for row in figures.report(query, known.days(query.period, query.today, query.now))["hours"]
        }
    assert sum(here.values()) == sum(there.values())
    assert here != there
    assert {row["hour"]: row["issued"] for row in _report(data)["hours"]} == here
