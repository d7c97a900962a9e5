"""A report to take away: CSV, XLSX, PDF. Each export is a line in the audit log."""

import base64
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request
from starlette.responses import Response, StreamingResponse

from branch_server.domain.refusals import Refused
from branch_server.web import pages
from branch_server.web.errors import WebError
from branch_server.web.people.person import Person
from branch_server.web.reports import saying
from branch_server.web.reports.asking import Workers
from branch_server.web.reports.charts import ON_PAPER
from branch_server.web.reports.layout import Names, Table, tables_of
from branch_server.web.reports.query import Query
from branch_server.web.reports.tables import table_of
from branch_server.web.reports.view import View
from branch_server.web.site import Site
from foleni.messages.replies import Code
from foleni.times import to_datetime
from foleni.words.catalogue import Words, pick

_CSV = "text/csv; charset=utf-8"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CHART_MM = 86.0
"""Two charts side by side on A4."""
PARTS = ("days", "hours", "weekdays", "services", "counters", "staff", "channels")


@dataclass(frozen=True, slots=True)
class Export:
    """One request to take a report away."""

    request: Request
    site: Site
    person: Person
    workers: Workers
    report: dict[str, Any]
    t: Words

    def names(self) -> Names:
        return Names(self.site.follower.state, self.t)

    def answer(self, made: bytes, kind: str, what: str, suffix: str) -> Response:
        """The file, after its line in the audit log."""
        name = file_name(self.site, what, self.report["from"], self.report["to"], suffix)
        note(self.site, self.person, name)
        return Response(made, media_type=kind, headers=_attached(name))


Maker = Callable[[Export], Awaitable[Response]]


def maker_of(name: str) -> Maker:
    """What makes the export of this name. Raises `WebError` 404."""
    part, _, suffix = name.rpartition(".")
    if name == "report.xlsx":
        return _workbook
    if name == "report.pdf":
        return _paper
    if suffix == "csv" and part in PARTS:
        return lambda export: _table(export, part)
    raise WebError(404, "not_found", "There is no such export.")


def tickets(workers: Workers, site: Site, person: Person, query: Query) -> StreamingResponse:
    """Every single ticket as CSV, as it is read; no phone number and no name."""
    name = file_name(site, "tickets", query.period.first, query.period.last, "csv")
    note(site, person, name)
    job = {"kind": "tickets_csv", "data": str(site.data), "query": query.to_json()}
    return StreamingResponse(workers.stream(job), media_type=_CSV, headers=_attached(name))


def note(site: Site, person: Person, name: str) -> None:
    site.store.audit.note(person, "export_report", name)


def file_name(site: Site, what: str, first: str, last: str, suffix: str) -> str:
    """`main-street-report-2026-11-01-2026-11-21.pdf`."""
    branch = site.follower.state.branch
    days = first if first == last else f"{first}-{last}"
    return f"{branch.id if branch is not None else 'branch'}-{what}-{days}.{suffix}"


def book_of(export: Export, tables: list[Table]) -> dict[str, Any]:
    """A workbook, as the worker is told it."""
    say, view = export.t, View(export.report, export.names(), export.t, ON_PAPER)
    summary = [[card.label, card.value, card.hint, card.change] for card in view.cards()]
    return {
        "right_to_left": say.right_to_left,
        "title": say("Report"),
        "about": [_branch_name(export), view.period, *([view.compared] if view.compared else []), _made(export)],
        "summary": {"name": say("Summary"), "rows": summary},
        "sheets": [_sheet(table, say.language) for table in tables],
    }


async def _table(export: Export, part: str) -> Response:
    table = next((table for table in tables_of(export.report, export.names(), export.t) if table.part == part), None)
    if table is None:
        raise Refused(Code.INVALID, f"This report has no table {part}.")
    made = table_of([column.name for column in table.columns], table.rows)
    return export.answer(made, _CSV, part, "csv")


async def _workbook(export: Export) -> Response:
    book = book_of(export, tables_of(export.report, export.names(), export.t))
    return export.answer(await export.workers.run({"kind": "workbook", "book": book}), _XLSX, "report", "xlsx")


async def _paper(export: Export) -> Response:
    t = export.t
    view = View(export.report, export.names(), t, ON_PAPER, _CHART_MM)
    drawn = pages.page(export.request, "reports/paper.html", t.language, view=view, made=_made(export))
    html = base64.b64encode(bytes(drawn.body)).decode()
    return export.answer(await export.workers.run({"kind": "paper", "page": html}), "application/pdf", "report", "pdf")


def _sheet(table: Table, language: str) -> dict[str, Any]:
    """Days, weekdays and hours in words: a chart's labels are read as they are."""
    first = table.columns[0].kind
    rows = [[saying.formatted(first, row[0], language) if first != "day" else row[0], *row[1:]] for row in table.rows]
    columns = [{"label": column.label, "kind": column.kind, "name": column.name} for column in table.columns]
    return {"name": table.title, "columns": columns, "rows": rows, "part": table.part}


def _branch_name(export: Export) -> str:
    branch = export.site.follower.state.branch
    return pick(branch.name, export.t.language, branch.languages[0]) if branch is not None else ""


def _made(export: Export) -> str:
    """When it was made, by the clock at the wall of the branch."""
    branch = export.site.follower.state.branch
    zone = ZoneInfo(branch.time_zone if branch is not None else "UTC")
    local: datetime = to_datetime(export.site.follower.now()).astimezone(zone)
    day = saying.day(local.date().isoformat(), export.t.language)
    say = export.t
    return say("Made on {day} at {time}", day=day, time=f"{local:%H:%M}")


def _attached(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
