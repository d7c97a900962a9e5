"""A report as page and paper show it: words, pictures and tables, ready to be put in their places."""

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from branch_server.web.reports import charts, saying
from branch_server.web.reports.changes import LEAST, is_better
from branch_server.web.reports.charts import Frame, Palette, Point
from branch_server.web.reports.figures import WEEKDAYS
from branch_server.web.reports.layout import Names, Table, tables_of
from foleni.words.catalogue import Words, msgid

_MANY_DAYS = 45
"""More days than columns have room for."""
_CARDS = (
    ("issued", msgid("Tickets"), "number"),
    ("served", msgid("Served"), "number"),
    ("wait_p50_s", msgid("Median wait"), "seconds"),
    ("within_target", msgid("Within target"), "share"),
    ("service_mean_s", msgid("Mean service"), "seconds"),
    ("no_show_rate", msgid("No-shows"), "share"),
    ("abandonment", msgid("Abandoned"), "share"),
    ("stars", msgid("Stars"), "stars"),
    ("idle_share", msgid("Idle at counters"), "share"),
)


@dataclass(frozen=True, slots=True)
class Card:
    """One big figure. `change` compares it, `tone` says whether that is good: a chip's class."""

    label: str
    value: str
    hint: str = ""
    change: str = ""
    tone: str = "grey"


@dataclass(frozen=True, slots=True)
class Picture:
    title: str
    hint: str
    svg: Markup
    table: Table | None = None


class View:
    """The parts of a report in the words of `t`."""

    def __init__(
        self, report: dict[str, Any], name_of: Names, t: Words, palette: Palette, wide_mm: float | None = None
    ) -> None:
        self._wide_mm = wide_mm
        self._report, self._name_of, self._say, self._palette = report, name_of, t, palette
        self._language = t.language
        self.tables = {table.part: table for table in tables_of(report, name_of, t)}
        self.is_empty = not report["summary"]["issued"] and not report["summary"].get("open_s")

    @property
    def period(self) -> str:
        return self._period(self._report)

    @property
    def compared(self) -> str:
        """The other period, or nothing."""
        return self._period(self._report["before"]) if "before" in self._report else ""

    def cards(self) -> list[Card]:
        summary = self._report["summary"]
        return [self._card(name, label, kind) for name, label, kind in _CARDS if name in summary]

    def pictures(self) -> list[Picture]:
        made = [self._days(), self._hours(), self._waits(), self._heat()]
        return [picture for picture in made if picture is not None]

    def written(self, kind: str, value: object) -> str:
        """A value in words; figures keep their order among letters that run the other way."""
        text = saying.formatted(kind, value, self._language)
        return f"\u2066{text}\u2069" if self._say.right_to_left and isinstance(value, int | float) else text

    def _period(self, given: dict[str, Any]) -> str:
        first, last = (saying.day(given[end], self._language, "long") for end in ("from", "to"))
        return first if given["from"] == given["to"] else self._say("{first} to {last}", first=first, last=last)

    def _card(self, name: str, label: str, kind: str) -> Card:
        summary = self._report["summary"]
        change, tone = self._change(name)
        return Card(self._say(label), self.written(kind, summary[name]), self._hint(name, summary), change, tone)

    def _hint(self, name: str, summary: dict[str, Any]) -> str:
        say, written = self._say, self.written
        match name:
            case "wait_p50_s":
                mean, most = (written("seconds", summary[figure]) for figure in ("wait_mean_s", "wait_p90_s"))
                return say("mean {mean}, 90 % at most {most}", mean=mean, most=most)
            case "service_mean_s":
                median, most = (written("seconds", summary[figure]) for figure in ("service_p50_s", "service_p90_s"))
                return say("median {median}, 90 % at most {most}", median=median, most=most)
            case "within_target":
                return say("waited at most {limit} min", limit=self._report["target_s"] // 60)
            case "stars":
                return say.n("{count} rating", "{count} ratings", summary["ratings"])
            case "idle_share":
                idle, opened = (written("long", summary[figure]) for figure in ("idle_s", "open_s"))
                return say("{idle} of {open}", idle=idle, open=opened)
        return self._gone(summary) if name == "abandonment" else ""

    def _gone(self, summary: dict[str, Any]) -> str:
        gone = {name: self._number(summary[name]) for name in ("cancelled", "expired")}
        return self._say("{cancelled} withdrawn, {expired} left at the end of the day", **gone)

    def _change(self, name: str) -> tuple[str, str]:
        changed = self._report.get("change", {}).get(name)
        if changed is None:
            return "", "grey"
        if abs(changed) < LEAST:
            return self._say("as before"), "grey"
        share = self.written("share", abs(changed))
        text = (
            self._say("{share} more than before", share=share)
            if changed > 0
            else self._say("{share} less than before", share=share)
        )
        better = is_better(name, changed)
        return text, "grey" if better is None else "" if better else "red"

    def _frame(self, title: str, about: str, **more: Any) -> Frame:
        return Frame(title, about, self._palette, self._number, mirrored=self._say.right_to_left, wide_mm=self._wide_mm, **more)

    def _number(self, value: float) -> str:
        return saying.number(value, self._language)

    def _days(self) -> Picture | None:
        rows = self._report.get("days", [])
        if len(rows) < 2:
            return None
        title, hint = self._say("Tickets by day"), self._say("Dark: served. Light: taken.")
        points = [
            Point(saying.short_day(row["day"], self._language), row["served"], self._said("day", row), beyond=row["issued"])
            for row in rows
        ]
        drawn = (charts.lines if len(rows) > _MANY_DAYS else charts.columns)(points, self._frame(title, hint))
        return Picture(title, hint, drawn, self.tables["days"])

    def _hours(self) -> Picture | None:
        rows = self._report.get("hours", [])
        title, hint = (
            self._say("Tickets by hour"),
            self._say("By the hour at which the ticket was taken. Dark: served. Light: taken."),
        )
        points = [
            Point(saying.hour(row["hour"]), row["served"], self._said("hour", row), beyond=row["issued"])
            for row in _every_hour(rows)
        ]
        return Picture(title, hint, charts.columns(points, self._frame(title, hint)), self.tables["hours"]) if rows else None

    def _waits(self) -> Picture | None:
        rows = self._report.get("hours", [])
        if not any(row["wait_p50_s"] is not None for row in rows):
            return None
        target = self._report["target_s"] / 60
        title = self._say("Waits by hour, in minutes")
        hint = self._say(
            "Dark: half of the people waited less. Light: nine of ten did. Dashed: the target, {minutes} min.",
            minutes=self._number(target),
        )
        points = [
            Point(
                saying.hour(row["hour"]),
                _minutes(row["wait_p50_s"]),
                self._said("hour", row),
                beyond=_minutes(row["wait_p90_s"]),
            )
            for row in _every_hour(rows)
        ]
        return Picture(title, hint, charts.columns(points, self._frame(title, hint, target=target)))

    def _heat(self) -> Picture | None:
        fields = {(row["weekday"], row["hour"]): row for row in self._report.get("heatmap", [])}
        if not fields:
            return None
        hours = range(min(hour for _, hour in fields), max(hour for _, hour in fields) + 1)
        rows = [
            (saying.weekday(day, self._language), [self._field(day, hour, fields.get((day, hour))) for hour in hours])
            for day in WEEKDAYS
            if any(known == day for known, _ in fields)
        ]
        title, hint = self._say("Tickets by weekday and hour"), self._say("The darker, the more tickets were taken.")
        return Picture(title, hint, charts.heat(rows, self._frame(title, hint)), self.tables.get("weekdays"))

    def _field(self, day: str, hour: int, row: dict[str, Any] | None) -> Point:
        issued = row["issued"] if row is not None else None
        said = f"{saying.weekday(day, self._language)} {saying.hour(hour)}: {self._number(issued or 0)}"
        return Point(f"{hour:02d}", issued, said)

    def _said(self, kind: str, row: dict[str, Any]) -> str:
        """A point in words, for whoever points at it."""
        return self._say(
            "{when}: {issued} tickets, {served} served, median wait {wait}",
            when=self.written(kind, row[kind]), issued=self._number(row["issued"]), served=self._number(row["served"]),
            wait=self.written("seconds", row["wait_p50_s"]),
        )  # fmt: skip


def _every_hour(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with the hours between them in which nobody came."""
    if not rows:
        return []
    known = {row["hour"]: row for row in rows}
    nothing = {"issued": 0, "served": 0, "wait_p50_s": None, "wait_p90_s": None}
    return [known.get(hour, {"hour": hour, **nothing}) for hour in range(min(known), max(known) + 1)]


def _minutes(seconds: int | None) -> float | None:
    return seconds / 60 if seconds is not None else None
