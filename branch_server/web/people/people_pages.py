"""The pages inside the administration that look after people and tokens."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from branch_server.web.base.places import frame_of
from branch_server.web.pages import page
from branch_server.web.people import people_routes, rights, token_routes
from branch_server.web.people.current import person_for_page
from branch_server.web.people.person import Person, Role
from branch_server.web.people.rights import Action
from branch_server.web.people.wording import role_words, scope_words, words_of
from branch_server.web.site import Site, site_of
from foleni.words.catalogue import pick

router = APIRouter(include_in_schema=False)

Visitor = Annotated[Person, Depends(person_for_page)]


@router.get("/admin/people")
async def people_page(request: Request, person: Visitor) -> Response:
    """Colleagues: who they are, how they sign in."""
    rights.check(person, Action.MANAGE_STAFF)
    site, t = site_of(request), words_of(request, person.language)
    roles = [str(role) for role in (Role.STAFF, Role.MANAGER, Role.ADMIN)]
    given = {
        **people_routes.told(site, person),
        "services": _services(site, person),
        "roles": [(role, role_words(t, role)) for role in (roles if person.role is Role.ADMIN else roles[:1])],
        "zone": _zone(site),
    }
    return page(request, "people/people.html", person.language, **frame_of(person, t, "admin", "people"), given=given)


@router.get("/admin/tokens")
async def tokens_page(request: Request, person: Visitor) -> Response:
    """Tokens of integrations."""
    rights.check(person, Action.MANAGE_TOKENS)
    site, t = site_of(request), words_of(request, person.language)
    given = {**token_routes.told(site), "scopes": scope_words(t), "zone": _zone(site)}
    return page(request, "people/tokens.html", person.language, **frame_of(person, t, "admin", "tokens"), given=given)


def _services(site: Site, person: Person) -> list[tuple[str, str]]:
    """Those that this person may give to colleagues."""
    offered = [queue.service for queue in site.follower.state.queues.values() if person.touches(queue.service.id)]
    return [(service.id, pick(service.name, person.language)) for service in offered]


def _zone(site: Site) -> str:
    branch = site.follower.state.branch
    return branch.time_zone if branch is not None else "UTC"
