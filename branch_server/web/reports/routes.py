"""`/api/v1/reports/…`: the history in figures."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi import Query as Asked

from branch_server.domain.refusals import Refused
from branch_server.web.people import rights
from branch_server.web.people.current import signed_in
from branch_server.web.people.person import Person
from branch_server.web.people.rights import Action
from branch_server.web.reports.access import SiteHere, Want, own_query, query_for
from branch_server.web.reports.asking import Workers
from branch_server.web.reports.changes import changes
from branch_server.web.reports.live import Live
from branch_server.web.reports.query import Query
from branch_server.web.reports.rows import MOST_ROWS
from branch_server.web.site import Site
from foleni.messages.replies import Code

SignedIn = Annotated[Person, Depends(signed_in)]
_LISTS = {
    "by-day": ("days", "The days, each with its figures."),
    "by-hour": ("hours", "The hours of the day at which tickets were taken, in the branch's time zone."),
    "by-weekday": ("weekdays", "The weekdays."),
    "heatmap": ("heatmap", "Weekdays and hours."),
    "services": ("services", "The services in which tickets ended."),
    "counters": ("counters", "Counters, with their open, busy, idle and break time."),
    "staff": ("staff", "Staff, with their open, busy, idle and break time."),
    "channels": ("channels", "The channels by which tickets were taken."),
}


async def made(workers: Workers, site: Site, query: Query) -> dict[str, Any]:
    """The parts of a query, with the period they are of."""
    body: dict[str, Any] = json.loads(await workers.run({"kind": "report", "data": str(site.data), "query": query.to_json()}))
    head = {"from": query.period.first, "to": query.period.last, "target_s": query.target_s}
    before = body.pop("before", None)
    if before is not None and query.compare is not None:
        head["before"] = {"from": query.compare.first, "to": query.compare.last, **before}
        if "summary" in body:
            head["change"] = changes(body["summary"], before["summary"])
    return head | body


def api_router(workers: Workers, live: Live) -> APIRouter:
    """The routes. Managers see their own services only."""
    routes = APIRouter(prefix="/api/v1/reports", tags=["reports"])
    _add_summary(routes, workers)
    for path, (part, about) in _LISTS.items():
        _add_list(routes, workers, path, part, about)
    _add_tickets(routes, workers)

    @routes.get("/live", summary="What is going on now")
    async def _live(site: SiteHere, person: SignedIn) -> dict[str, Any]:
        rights.check(person, Action.SEE_REPORTS)
        return live.picture(site.follower.state, person.services)

    @routes.get("/mine", summary="One's own figures")
    async def _mine(site: SiteHere, person: SignedIn, want: Want) -> dict[str, Any]:
        parts = ("summary", "days", "services", "channels")
        return await made(workers, site, own_query(site, person, want, parts))

    return routes


def _add_summary(routes: APIRouter, workers: Workers) -> None:
    @routes.get("/summary", summary="The figures of a period")
    async def _summary(site: SiteHere, person: SignedIn, want: Want) -> dict[str, Any]:
        return await made(workers, site, query_for(site, person, want, ("summary",)))


def _add_list(routes: APIRouter, workers: Workers, path: str, part: str, about: str) -> None:
    async def _list(site: SiteHere, person: SignedIn, want: Want) -> dict[str, Any]:
        return await made(workers, site, query_for(site, person, want, (part,)))

    routes.get(f"/{path}", summary=about, name=f"report_{part}")(_list)


def _add_tickets(routes: APIRouter, workers: Workers) -> None:
    @routes.get("/tickets", summary="Single tickets, without phone numbers and names")
    async def _tickets(
        site: SiteHere,
        person: SignedIn,
        want: Want,
        limit: Annotated[int, Asked(ge=1, le=MOST_ROWS)] = 100,
        after: Annotated[str | None, Asked(max_length=64, description="the `next` of the page before")] = None,
    ) -> dict[str, Any]:
        query = query_for(site, person, want, ())
        behind = None
        if after:
            day, slash, ticket = after.partition("/")
            if not slash or len(day) != len(query.today):
                raise Refused(Code.INVALID, "after: the next of the page before.")
            behind = {"day": day, "ticket": ticket}
        job = {"kind": "tickets", "data": str(site.data), "query": query.to_json(), "most": limit, "behind": behind}
        page: dict[str, Any] = json.loads(await workers.run(job))
        return {"from": query.period.first, "to": query.period.last, **page}
