"""Reports as a page shows them: figures in words, and charts."""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from sqlalchemy import Row

from cloud.offices.charts import Point, bars, columns
from cloud.offices.reports import Report, ReportRow
from cloud.pages import OFFICE_LANGUAGES, language_of
from cloud.people.rights import Who
from foleni.words.catalogue import Words, msgid, pick, words

_NOTHING = "\N{EN DASH}"
_CHANNELS = {
    "kiosk": msgid("kiosk"), "staff": msgid("reception"), "app": msgid("app"), "ussd": msgid("USSD"),
    "appointment": msgid("appointment"), "api": msgid("other programs"),
}  # fmt: skip


def report_values(request: Request, who: Who, by_branch: Report, by_day: Report, offices: Sequence[Row[Any]]) -> dict[str, Any]:
    """What `offices/reports.html` shows."""
    language = language_of(request, OFFICE_LANGUAGES, who.language)
    say = words("cloud.offices", language)
    mirrored = say.right_to_left
    names = {office.id: pick(json.loads(office.name), language, "en") for office in offices}
    asked = {key: value for key, value in request.query_params.items() if value and key in {"from", "to", "branch"}}
    query = urlencode(asked)
    return {
        "period": by_day.period,
        "total": shown(say, by_day.total),
        "rows": [shown(say, row, names.get(row.name, row.name)) for row in by_branch.rows],
        "choices": sorted(names.items(), key=lambda one: one[1]),
        "per_day": columns(
            [_day_point(say, row, row.tickets) for row in by_day.rows], say("Tickets a day"), mirrored=mirrored
        ),
        "waits": columns(
            [_day_point(say, row, None if row.mean_wait_s is None else row.mean_wait_s / 60) for row in by_day.rows],
            say("Mean wait in minutes, day by day"), mirrored=mirrored,
        ),
        "channels": bars(_channel_points(say, by_day.total), say("Tickets by channel"), mirrored=mirrored),
        "file_branches": f"/office/reports/file/branches?{query}",
        "file_days": f"/office/reports/file/days?{query}",
    }  # fmt: skip


def shown(say: Words, row: ReportRow, name: str = "") -> dict[str, str]:
    """A row in words."""
    return {
        "name": name,
        "tickets": str(row.tickets),
        "served": str(row.served),
        "wait": minutes(say, row.mean_wait_s),
        "no_show": _NOTHING if row.no_show_rate is None else f"{row.no_show_rate * 100:.1f} %",
        "channels": " · ".join(f"{_channel(say, name)} {count}" for name, count in row.channels.items()),
    }


def minutes(say: Words, seconds: int | None) -> str:
    return _NOTHING if seconds is None else say("{minutes} min", minutes=f"{seconds / 60:.1f}")


def _day_point(say: Words, row: ReportRow, value: float | None) -> Point:
    told = say.n("{count} ticket", "{count} tickets", row.tickets)
    return Point(row.name[5:], value, f"{row.name}: {told}, {minutes(say, row.mean_wait_s)}")


def _channel_points(say: Words, row: ReportRow) -> list[Point]:
    counts = sorted(row.channels.items(), key=lambda one: -one[1])
    return [Point(_channel(say, name), count, f"{count} · {100 * count / row.tickets:.0f} %") for name, count in counts]


def _channel(say: Words, name: str) -> str:
    return say(_CHANNELS[name]) if name in _CHANNELS else name
