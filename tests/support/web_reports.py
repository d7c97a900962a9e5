"""A branch with a past: some days that were played by the engine's own rules, and the web side over them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from branch_server.adapters.setup.file import read_setup
from branch_server.history.__main__ import write
from foleni.times import Instant, of_datetime
from tests.support.web import SETUP, WebBranch

RULES = "[branch.alerts]\nwait_min = 20\nfor_min = 5\n\n"
DAYS = 8


@contextmanager
def branch_with_past(directory: Path, rules: str = RULES) -> Iterator[WebBranch]:
    """It was at work on the days up to yesterday; today nobody has come yet."""
    setup = SETUP.replace("[[priority]]", f"{rules}[[priority]]", 1)
    branch = WebBranch(directory, setup)
    write(branch.data, read_setup(branch.setup), DAYS, 5, yesterday(), lambda _line: None)
    with branch:
        yield branch


def today() -> date:
    """The business day: it begins at 04:00 in Kigali, where it is two hours later than in UTC."""
    return (datetime.now(UTC) - timedelta(hours=2)).date()


def yesterday() -> Instant:
    """The end of the business day before today's."""
    return of_datetime(datetime.combine(today(), time(1), UTC))
