"""`/admin/hooks`: webhooks and their log of deliveries."""

from typing import Annotated, get_args

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from branch_server.web import pages
from branch_server.web.base.places import frame_of
from branch_server.web.people import rights
from branch_server.web.people.current import person_for_page
from branch_server.web.people.person import Person
from branch_server.web.people.rights import Action
from foleni.messages.events import EventType
from foleni.words.catalogue import words

router = APIRouter(include_in_schema=False)
_ROOM = "branch_server.web.api"


@router.get("/admin/hooks")
async def hooks_page(request: Request, person: Annotated[Person, Depends(person_for_page)]) -> Response:
    rights.check(person, Action.MANAGE_HOOKS)
    language = pages.language_of(request, chosen=person.language)
    frame = frame_of(person, words(_ROOM, language, "branch_server.web.base"), "admin", "hooks")
    return pages.page(request, "api/hooks.html", language, event_types=sorted(get_args(EventType)), **frame)
