"""How long backups are kept: a rule that counts days which have any, so that no clock and no pause empties a place."""

from collections.abc import Callable, Sequence
from datetime import datetime

from branch_server.keeping.naming import BackupName

DAYS, WEEKS, MONTHS = 7, 4, 12


def superfluous(backups: Sequence[BackupName], newest: BackupName) -> list[BackupName]:
    """Those that may go: not of the last seven days that have any, not the newest of a week (of four) or a month (of twelve),
    and never `newest`, which has just been written and read back.
    """
    behind = sorted(set(backups) | {newest}, reverse=True)
    days = _periods(behind, lambda made: made.date(), DAYS)
    kept = {newest} | {one for one in behind if one.made.date() in days}
    kept |= _last_of_each(behind, lambda made: made.isocalendar()[:2], WEEKS)
    kept |= _last_of_each(behind, lambda made: (made.year, made.month), MONTHS)
    return [one for one in behind if one not in kept]


def _periods(behind: Sequence[BackupName], period: Callable[[datetime], object], most: int) -> set[object]:
    return set(list(dict.fromkeys(period(one.made) for one in behind))[:most])


def _last_of_each(behind: Sequence[BackupName], period: Callable[[datetime], object], most: int) -> set[BackupName]:
    last: dict[object, BackupName] = {}
    for one in behind:
        last.setdefault(period(one.made), one)
    return set(list(last.values())[:most])
