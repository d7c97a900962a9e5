"""How long backups are kept."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from branch_server.keeping.naming import BackupName
from branch_server.keeping.retention import DAYS, MONTHS, WEEKS, superfluous

FIRST = datetime(2026, 1, 1, 2, 30, tzinfo=UTC)
HOURS = st.lists(st.integers(min_value=0, max_value=3 * 365 * 24), min_size=1, max_size=60, unique=True)


def backup(hours: int) -> BackupName:
    return BackupName(f"{FIRST + timedelta(hours=hours):%Y%m%dT%H%M%SZ}", 1000 + hours, "main-street", "0123abcd")


def test_a_year_of_nights_leaves_seven_days_four_weeks_and_twelve_months() -> None:
    kept: list[BackupName] = []
    for night in range(400):
        kept.append(backup(24 * night))
        gone = superfluous(kept, kept[-1])
        kept = [one for one in kept if one not in gone]
    assert [one.made.date() for one in kept[-7:]] == [(FIRST + timedelta(days=400 - n)).date() for n in range(7, 0, -1)]
    assert len({(one.made.year, one.made.month) for one in kept}) == 12
    assert len(kept) <= DAYS + WEEKS + MONTHS


def test_all_backups_of_a_day_are_kept_while_it_is_among_the_last_seven() -> None:
    many = [backup(hour) for hour in range(24)]
    assert superfluous(many, many[-1]) == []


def test_a_long_pause_empties_nothing() -> None:
    before = [backup(24 * night) for night in range(7)]
    after = backup(24 * 900)
    assert superfluous([*before, after], after) == [before[0]], "the eighth day, which is no month's last"


@given(HOURS, st.integers(min_value=0, max_value=3 * 365 * 24))
def test_the_one_just_written_and_the_newest_stay_whatever_the_clock_says(hours: list[int], now: int) -> None:
    backups = [backup(hour) for hour in hours]
    written = backup(now)
    gone = superfluous(backups, written)
    assert written not in gone
    assert max([*backups, written]) not in gone
    assert len(set(gone)) == len(gone)


@given(HOURS)
def test_what_stays_is_bounded_and_clearing_twice_changes_nothing(hours: list[int]) -> None:
    backups = sorted(backup(hour) for hour in hours)
    gone = superfluous(backups, backups[-1])
    kept = [one for one in backups if one not in gone]
    days = {one.made.date() for one in kept}
    assert len(days) <= DAYS + WEEKS + MONTHS
    assert superfluous(kept, kept[-1]) == []
