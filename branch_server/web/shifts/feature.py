"""What this feature adds to the application: the plan of shifts, its page and its routes."""

from typing import Annotated

from fastapi import Depends, FastAPI, Request
from starlette.responses import Response

from branch_server.web import pages
from branch_server.web.base.places import frame_of
from branch_server.web.people import rights
from branch_server.web.people.current import person_for_page
from branch_server.web.people.person import Person
from branch_server.web.people.rights import Action
from branch_server.web.shifts import routes
from branch_server.web.shifts.presence import keep_plan, plan_of
from branch_server.web.shifts.week import monday_of, today_of, week_of
from branch_server.web.site import Site
from foleni.words import words


def install(app: FastAPI, site: Site) -> None:
    """Opens the plan, and adds its page and its routes."""
    keep_plan(site)
    app.include_router(routes.router)

    @app.get("/admin/shifts", include_in_schema=False)
    async def _page(request: Request, person: Annotated[Person, Depends(person_for_page)]) -> Response:
        rights.check(person, Action.PLAN_SHIFTS)
        language = pages.language_of(request, chosen=person.language)
        say = words(routes.ROOM, language, routes.BASE)
        state = site.follower.state
        today = today_of(state, site.follower.now())
        week = week_of(plan_of(site), state, person, monday_of(today), today, say)
        return pages.page(request, "shifts/week.html", language, week=week, **frame_of(person, say, "admin", "shifts"))
