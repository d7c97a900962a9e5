"""What this feature adds to the application: the boxes' questions, and the console's page with its routes."""

from typing import Annotated

from fastapi import Depends, FastAPI, Request
from starlette.responses import Response

from branch_server.web import pages
from branch_server.web.base.places import frame_of
from branch_server.web.people import rights
from branch_server.web.people.current import person_for_page
from branch_server.web.people.person import Person
from branch_server.web.people.rights import Action
from branch_server.web.site import Site
from branch_server.web.updates import box_routes, routes
from branch_server.web.updates.pictures import picture_of
from branch_server.web.updates.updates import Updates
from foleni.times import to_wire
from foleni.words.catalogue import words

_ROOM, _BASE = "branch_server.web.updates", "branch_server.web.base"


def install(app: FastAPI, site: Site) -> None:
    """Opens the shelf and the board, and adds the feature's page and routes."""
    updates = Updates(site)
    app.include_router(box_routes.router)
    app.include_router(routes.router)

    @app.get("/admin/updates", include_in_schema=False)
    async def _page(request: Request, person: Annotated[Person, Depends(person_for_page)]) -> Response:
        rights.check(person, Action.MANAGE_UPDATES)
        language = pages.language_of(request, chosen=person.language)
        branch = site.follower.state.branch
        carried = picture_of(site, updates) | {
            "now": to_wire(site.follower.now()), "zone": branch.time_zone if branch is not None else "UTC",
        }  # fmt: skip
        frame = frame_of(person, words(_ROOM, language, _BASE), "admin", "updates")
        return pages.page(request, "updates/updates.html", language, carried=carried, **frame)
