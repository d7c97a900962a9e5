"""Reports over branches: what was asked for, and the answer."""

from datetime import date, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field, StringConstraints
from sqlalchemy import Connection, Row

from cloud.offices.figures import Figures, by, rows_of, total
from cloud.offices.standing import branch_for, branches_of
from cloud.people.rights import Action, Who, may_somewhere
from cloud.site import Site
from foleni.ids import Slug
from foleni.messages.base import Message
from foleni.times import to_datetime
from foleni.web.errors import WebError

MOST_DAYS = 366
_USUAL_DAYS = 30
Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class Asked(Message):
    """Which days (the branches' business days; the last thirty where left out), and of which branches."""

    first: Day | None = Field(None, alias="from")
    last: Day | None = Field(None, alias="to")
    organization: Slug | None = None
    branch: Slug | None = None


class Period(Message):
    """`first` and `last` are included."""

    first: str
    last: str

    @property
    def days(self) -> list[str]:
        first = date.fromisoformat(self.first)
        count = (date.fromisoformat(self.last) - first).days + 1
        return [(first + timedelta(days=day)).isoformat() for day in range(count)]


class ReportRow(Message):
    """`name` is a branch's id or a day. Waits in seconds, the rate from 0 to 1; None where there is nothing to tell."""

    name: str
    tickets: int
    served: int
    no_shows: int
    cancelled: int
    mean_wait_s: int | None
    no_show_rate: float | None
    channels: dict[str, int]


class Report(Message):
    period: Period
    rows: tuple[ReportRow, ...]
    total: ReportRow


def read(c: Connection, site: Site, who: Who, asked: Asked, column: str) -> Report:
    """The report by `branch` or by `day`. Raises `WebError` for days that are none, and for branches that are not theirs."""
    offices = offices_of(c, who, asked)
    zone = offices[0].time_zone if len(offices) == 1 else "UTC"
    period = period_of(asked, to_datetime(site.now()).astimezone(ZoneInfo(zone)).date())
    rows = rows_of(c, [office.id for office in offices], period.first, period.last)
    found = by(column, rows)
    names = [office.id for office in offices] if column == "branch" else period.days
    return Report(
        period=period, rows=tuple(_row(name, found.get(name, Figures())) for name in names), total=_row("", total(rows))
    )


def offices_of(c: Connection, who: Who, asked: Asked) -> list[Row[Any]]:
    """The branches of the report: the one that is named, or those where the asker may see reports."""
    if asked.branch is not None:
        return [branch_for(c, who, Action.SEE_REPORTS, asked.branch)]
    mine = branches_of(c, who, Action.SEE_REPORTS)
    mine = [row for row in mine if asked.organization in {None, row.organization}]
    if not mine and not may_somewhere(who, Action.SEE_REPORTS):
        raise WebError(403, "not_allowed", "You may not do this here.")
    return mine


def period_of(asked: Asked, today: date) -> Period:
    try:
        last = date.fromisoformat(asked.last) if asked.last else today
        first = date.fromisoformat(asked.first) if asked.first else last - timedelta(days=_USUAL_DAYS - 1)
    except ValueError:
        raise WebError(422, "invalid", "A day is written like 2026-11-21.") from None
    if first > last or (last - first).days >= MOST_DAYS:
        raise WebError(422, "invalid", f"Give a first and a last day, at most {MOST_DAYS} days.")
    return Period(first=first.isoformat(), last=last.isoformat())


def _row(name: str, figures: Figures) -> ReportRow:
    return ReportRow(
        name=name, tickets=figures.tickets, served=figures.served, no_shows=figures.no_shows, cancelled=figures.cancelled,
        mean_wait_s=figures.mean_wait_s, no_show_rate=figures.no_show_rate, channels=dict(sorted(figures.channels.items())),
    )  # fmt: skip
