"""What this feature adds to the application: live figures, alerts, the history, and its exports."""

from typing import Annotated

from fastapi import Depends, FastAPI
from fastapi.responses import StreamingResponse

from branch_server.web.people import rights
from branch_server.web.people.current import signed_in
from branch_server.web.people.person import Person
from branch_server.web.people.rights import Action
from branch_server.web.reports.access import SiteHere
from branch_server.web.reports.asking import Workers
from branch_server.web.reports.live import Live
from branch_server.web.reports.packing import Packing
from branch_server.web.reports.report_pages import page_router
from branch_server.web.reports.routes import api_router
from branch_server.web.reports.watching import Watcher
from branch_server.web.site import Site
from branch_server.web.streaming import streamed


def install(app: FastAPI, site: Site) -> None:
    """Adds the feature's routes, and what it does twice a second."""
    workers, live = Workers(), Live(site)
    site.ticks += [live.tick, Watcher(site).tick, Packing(site, workers).tick]
    app.include_router(api_router(workers, live))
    app.include_router(page_router(workers, live))

    @app.get("/api/v1/reports/live/stream", include_in_schema=False)
    async def _stream(here: SiteHere, person: Annotated[Person, Depends(signed_in)]) -> StreamingResponse:
        rights.check(person, Action.SEE_REPORTS)
        pictures = [(live.name(person.services), lambda: live.draw(person.services))]
        return streamed(here, person, pictures)
