"""Reports over branches in the API, as JSON or as a table for a spreadsheet."""

import csv
import io
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from cloud.offices.reports import Asked, Report, read
from cloud.people.current import Who, signed_in
from cloud.site import Site, site_of

_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}
router = APIRouter(
    prefix="/api/v1/reports",
    tags=["reports"],
    responses={401: {"description": "not signed in"}, 403: {"description": "not allowed"}, 404: {"description": "unknown"}},
)
_COLUMNS = ("tickets", "served", "no_shows", "cancelled", "mean_wait_s", "no_show_rate")
_RISKY = ("=", "+", "-", "@", "\t", "\r")

TheSite = Annotated[Site, Depends(site_of)]
Someone = Annotated[Who, Depends(signed_in)]


class AskedAs(Asked):
    format: Literal["json", "csv"] = "json"


@router.get("/branches", summary="Branches compared", response_model=Report, responses=_CSV)
async def _branches(who: Someone, site: TheSite, asked: Annotated[AskedAs, Query()]) -> Report | Response:
    report = await site.database.run(lambda c: read(c, site, who, asked, "branch"))
    return report if asked.format == "json" else as_csv(report, "branch")


@router.get("/days", summary="Day by day, of one branch or of all together", response_model=Report, responses=_CSV)
async def _days(who: Someone, site: TheSite, asked: Annotated[AskedAs, Query()]) -> Report | Response:
    report = await site.database.run(lambda c: read(c, site, who, asked, "day"))
    return report if asked.format == "json" else as_csv(report, "day")


def as_csv(report: Report, first: str) -> Response:
    """The rows as a file; a cell that a spreadsheet would take for a formula begins with an apostrophe."""
    channels = sorted(report.total.channels)
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow([first, *_COLUMNS, *(f"channel_{channel}" for channel in channels)])
    for row in report.rows:
        name = f"'{row.name}" if row.name.startswith(_RISKY) else row.name
        figures = ["" if (one := getattr(row, column)) is None else one for column in _COLUMNS]
        table.writerow([name, *figures, *(row.channels.get(channel, 0) for channel in channels)])
    name = f"foleni-{first}s-{report.period.first}-{report.period.last}.csv"
    return Response(text.getvalue(), media_type="text/csv", headers={"Content-Disposition": f'attachment; filename="{name}"'})
