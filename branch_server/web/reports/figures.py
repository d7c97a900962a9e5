"""The figures of a report, counted from its days. Shares are between 0 and 1, times whole seconds; None where there is nothing
to count.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import date
from itertools import accumulate
from operator import mul
from typing import Any, TypeVar

from branch_server.web.reports import packs
from branch_server.web.reports.desks import DeskTime
from branch_server.web.reports.packs import Cell, Day
from branch_server.web.reports.query import Query
from foleni.times import SECOND_US

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Figures = dict[str, Any]
_K = TypeVar("_K", bound=Hashable)
_Alike = tuple[str, str, str, str, int, int]
"""Service, counter, person, channel, hour, weekday."""

_OF_HOURS: dict[str, tuple[tuple[str, ...], Callable[[tuple[int, int]], tuple[int, ...]]]] = {
    "summary": ((), lambda _hour: ()),
    "hours": (("hour",), lambda hour: hour[1:]),
    "weekdays": (("weekday",), lambda hour: hour[:1]),
    "heatmap": (("weekday", "hour"), lambda hour: hour),
}
"""Parts that are put together of the hours of the week, by what tells their rows apart."""
_OF_CELLS = {"services": ("service", 0), "counters": ("counter", 1), "staff": ("staff", 2), "channels": ("channel", 3)}
"""Parts that are put together of the cells themselves: what tells their rows apart, and its place in a cell's key."""


class Tally:
    """Tickets that are counted together. `waits` and `times` say how many there were of each number of seconds."""

    __slots__ = ("counts", "times", "waits")

    def __init__(self, cell: Cell | None = None) -> None:
        self.counts = cell or Cell()
        self.waits = Counter(packs.seconds_of(cell.waits) if cell is not None else ())
        self.times = Counter(packs.seconds_of(cell.times) if cell is not None else ())

    def add(self, other: "Tally") -> None:
        self.counts = Cell(self.counts.counts + other.counts.counts)
        self.waits.update(other.waits)
        self.times.update(other.times)


def report(query: Query, days: Iterable[Day]) -> dict[str, Any]:
    """`{part: [row…]}`, the summary as one row; each row has what tells it apart and its figures."""
    alike, by_day, desks = dict[_Alike, Cell](), dict[tuple[str], Cell](), dict[tuple[str, str], DeskTime]()
    for day in days:
        weekday = date.fromisoformat(day.day).weekday()
        for key, cell in day.cells.items():
            if _is_asked(query, key):
                _add(alike, (*key, weekday), cell)
                if "days" in query.parts:
                    _add(by_day, (day.day,), cell)
        _add_desks(desks, day.desks, query)
    made = _parts(query, alike)
    if "days" in query.parts:
        made["days"] = _listed(("day",), {key: Tally(cell) for key, cell in by_day.items()}, query.target_s)
    _put_desks(made, desks, query)
    if "summary" in made:
        made["summary"] = made["summary"][0] if made["summary"] else figures_of(Tally(), query.target_s)
        made["summary"] |= _desk_figures(desks.values()) if query.channel is None else {}
    return made


def figures_of(tally: Tally, target_s: int) -> Figures:
    """The figures of tickets that are counted together."""
    issued, served, no_show, cancelled, expired, active, ratings, stars = map(tally.counts.count, range(packs.COUNTS))
    abandoned = cancelled + expired
    wait, within = _spread(tally.waits, target_s)
    service, _ = _spread(tally.times, 0)
    return {
        "issued": issued, "served": served, "no_show": no_show, "cancelled": cancelled, "expired": expired,
        "abandoned": abandoned, "active": active,
        "wait_mean_s": wait[0], "wait_p50_s": wait[1], "wait_p90_s": wait[2], "within_target": within,
        "service_mean_s": service[0], "service_p50_s": service[1], "service_p90_s": service[2],
        "no_show_rate": _share(no_show, served + no_show), "abandonment": _share(abandoned, issued),
        "ratings": ratings, "stars": round(stars / ratings, 2) if ratings else None,
    }  # fmt: skip


def _is_asked(query: Query, key: packs.Key) -> bool:
    service, counter, staff, channel, _hour = key
    return (
        (query.services is None or service in query.services)
        and (query.counter is None or counter == query.counter)
        and (query.staff is None or staff == query.staff)
        and (query.channel is None or channel == query.channel)
    )


def _parts(query: Query, alike: dict[_Alike, Cell]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    hours = _hours_of_week(alike) if any(part in _OF_HOURS for part in query.parts) else {}
    for part in [part for part in _OF_HOURS if part in query.parts]:
        names, group_of = _OF_HOURS[part]
        grouped: dict[tuple[int, ...], Tally] = {}
        for hour, tally in hours.items():
            grouped.setdefault(group_of(hour), Tally()).add(tally)
        made[part] = _listed(names, grouped, query.target_s)
    for part in [part for part in _OF_CELLS if part in query.parts]:
        name, place = _OF_CELLS[part]
        cells: dict[tuple[str], Cell] = {}
        for key, cell in alike.items():
            if subject := key[place]:
                _add(cells, (str(subject),), cell)
        made[part] = _listed((name,), {group: Tally(cell) for group, cell in cells.items()}, query.target_s)
    return made


def _hours_of_week(alike: dict[_Alike, Cell]) -> dict[tuple[int, int], Tally]:
    cells: dict[tuple[int, int], Cell] = {}
    for (*_, hour, weekday), cell in alike.items():
        _add(cells, (weekday, hour), cell)
    return {key: Tally(cell) for key, cell in cells.items()}


def _add(cells: dict[_K, Cell], key: _K, cell: Cell) -> None:
    known = cells.get(key)
    if known is None:
        cells[key] = Cell(cell.counts, cell.waits, cell.times)
    else:
        known.add(cell)


def _listed(names: tuple[str, ...], tallies: Mapping[Any, Tally], target_s: int) -> list[dict[str, Any]]:
    return [
        {name: WEEKDAYS[part] if name == "weekday" else part for name, part in zip(names, key, strict=True)}
        | figures_of(tallies[key], target_s)
        for key in sorted(tallies)
    ]


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _spread(counted: Counter[int], target: int) -> tuple[tuple[int | None, int | None, int | None], float | None]:
    """Mean, p50 and p90 by nearest rank (the smallest value that so many percent of all do not exceed), and the share of
    values that are at most `target`.
    """
    size = counted.total()
    if not size:
        return (None, None, None), None
    values = sorted(counted)
    numbers = [counted[value] for value in values]
    seen = list(accumulate(numbers))
    p50, p90 = (values[bisect_left(seen, -(-size * percent // 100))] for percent in (50, 90))
    last = bisect_right(values, target)
    mean = round(sum(map(mul, values, numbers)) / size)
    return (mean, p50, p90), _share(seen[last - 1] if last else 0, size)


def _add_desks(desks: dict[tuple[str, str], DeskTime], more: dict[tuple[str, str], DeskTime], query: Query) -> None:
    for (counter, staff), time in more.items():
        if query.counters is not None and counter not in query.counters:
            continue
        if (query.counter or counter) != counter or (query.staff or staff) != staff:
            continue
        known = desks.setdefault((counter, staff), DeskTime())
        known.open_us += time.open_us
        known.busy_us += time.busy_us
        known.break_us += time.break_us


def _put_desks(made: dict[str, Any], desks: dict[tuple[str, str], DeskTime], query: Query) -> None:
    """Open, idle and break time beside the figures of counters and people; it has no channel."""
    for part, name, place in (("counters", "counter", 0), ("staff", "staff", 1)):
        if part not in made or query.channel is not None:
            continue
        rows = {row[name]: row for row in made[part]}
        for subject in {key[place] for key in desks if key[place]} - set(rows):
            rows[subject] = {name: subject} | figures_of(Tally(), query.target_s)
        made[part] = [
            rows[subject] | _desk_figures(time for key, time in desks.items() if key[place] == subject)
            for subject in sorted(rows)
        ]


def _desk_figures(times: Iterable[DeskTime]) -> dict[str, Any]:
    listed = list(times)
    open_us, busy_us = sum(time.open_us for time in listed), sum(time.busy_us for time in listed)
    idle_us = sum(max(0, time.open_us - time.busy_us) for time in listed)
    return {
        "open_s": open_us // SECOND_US, "busy_s": busy_us // SECOND_US, "idle_s": idle_us // SECOND_US,
        "break_s": sum(time.break_us for time in listed) // SECOND_US, "idle_share": _share(idle_us, open_us),
    }  # fmt: skip
