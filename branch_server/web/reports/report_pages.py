"""`/reports` and `/reports/live`: the pages, and the report that the first of them is filled with."""

from datetime import date, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, Response, StreamingResponse

from branch_server.web import pages
from branch_server.web.base.places import frame_of
from branch_server.web.people import rights
from branch_server.web.people.current import person_for_page, signed_in
from branch_server.web.people.person import Person
from branch_server.web.people.rights import Action
from branch_server.web.reports import exports
from branch_server.web.reports.access import SiteHere, Want, Wanted, of_request, query_for
from branch_server.web.reports.asking import Workers
from branch_server.web.reports.charts import ON_PAGE
from branch_server.web.reports.layout import Names
from branch_server.web.reports.live import Live
from branch_server.web.reports.routes import made
from branch_server.web.reports.view import View
from branch_server.web.site import Site
from foleni.words.catalogue import Words, words

Visitor = Annotated[Person, Depends(person_for_page)]
SignedIn = Annotated[Person, Depends(signed_in)]
_ROOM = "branch_server.web.reports"
_BASE = "branch_server.web.base"
_FILTERS = ("service", "counter", "staff", "channel")


def words_of(language: str) -> Words:
    return words(_ROOM, language, _BASE)


def page_router(workers: Workers, live: Live) -> APIRouter:
    """The pages' routes; none of them is for integrations."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/reports", response_class=HTMLResponse)
    async def _history(request: Request, site: SiteHere, person: Visitor) -> HTMLResponse:
        rights.check(person, Action.SEE_REPORTS)
        language = pages.language_of(request, chosen=person.language)
        t = words_of(language)
        values = _form(site, person, of_request(request), t)
        return pages.page(request, "reports/history.html", language, **frame_of(person, t, "reports"), **values)

    @routes.get("/reports/figures", response_class=HTMLResponse)
    async def _figures(request: Request, site: SiteHere, person: SignedIn, want: Want) -> HTMLResponse:
        language = pages.language_of(request, chosen=person.language)
        t = words_of(language)
        report = await made(workers, site, query_for(site, person, want))
        view = View(report, Names(site.follower.state, t), t, ON_PAGE)
        return pages.page(request, "reports/figures.html", language, view=view, asked=_asked(report, want, language))

    @routes.get("/reports/live", response_class=HTMLResponse)
    async def _live(request: Request, site: SiteHere, person: Visitor) -> HTMLResponse:
        rights.check(person, Action.SEE_REPORTS)
        language = pages.language_of(request, chosen=person.language)
        picture = live.picture(site.follower.state, person.services)
        zone = site.follower.state.branch.time_zone if site.follower.state.branch is not None else "UTC"
        start = {"picture": picture, "zone": zone}
        return pages.page(request, "reports/live.html", language, **frame_of(person, words_of(language), "live"), start=start)

    @routes.get("/reports/export/tickets.csv")
    async def _tickets(site: SiteHere, person: SignedIn, want: Want) -> StreamingResponse:
        return exports.tickets(workers, site, person, query_for(site, person, want, ()))

    @routes.get("/reports/export/{name}")
    async def _export(request: Request, site: SiteHere, person: SignedIn, want: Want, name: str) -> Response:
        maker = exports.maker_of(name)
        report = await made(workers, site, query_for(site, person, want))
        t = words_of(pages.language_of(request, chosen=person.language))
        return await maker(exports.Export(request, site, person, workers, report, t))

    return routes


def _form(site: Site, person: Person, wanted: Wanted, t: Words) -> dict[str, Any]:
    """What the form above a report shows."""
    state = site.follower.state
    today = state.day or date.today().isoformat()  # noqa: DTZ011 - a branch that has no day yet has no zone either
    first, last = wanted.first or _back(today, 6), wanted.last or today
    chosen = {name: getattr(wanted, name) or "" for name in _FILTERS}
    return {
        "first": first, "last": last, "today": today, "chosen": chosen, "compare": wanted.compare or "",
        "choices": Names(state, t).choices(person), "presets": _presets(today, t),
    }  # fmt: skip


def _presets(today: str, say: Words) -> list[tuple[str, str, str]]:
    """Words, first day, last day."""
    return [
        (say("Today"), today, today),
        (say("7 days"), _back(today, 6), today),
        (say("30 days"), _back(today, 29), today),
        (say("This month"), f"{today[:7]}-01", today),
        (say("This year"), f"{today[:4]}-01-01", today),
    ]


def _back(day: str, days: int) -> str:
    return (date.fromisoformat(day) - timedelta(days=days)).isoformat()


def _asked(report: dict[str, Any], wanted: Wanted, language: str) -> str:
    """The report's own address, for its exports."""
    fields = {"from": report["from"], "to": report["to"], "compare": wanted.compare, "lang": language}
    fields |= {name: getattr(wanted, name) for name in _FILTERS}
    return urlencode({name: value for name, value in fields.items() if value})
