"""The pages for staff, managers and administrators who are away from their branches."""

import json
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from pydantic import ValidationError
from sqlalchemy import Connection
from starlette.responses import Response

from cloud.offices.admin_routes import office
from cloud.offices.audit_words import audit_rows
from cloud.offices.picture import picture_of
from cloud.offices.places import office_page
from cloud.offices.queue_routes import read_lines
from cloud.offices.report_page import report_values
from cloud.offices.report_routes import AskedAs, as_csv
from cloud.offices.reports import Asked, read
from cloud.offices.standing import branch_for, branches_of, organizations_of
from cloud.pages import OFFICE_LANGUAGES, language_of
from cloud.people import rights
from cloud.people.audit_routes import Asked as AskedLines
from cloud.people.audit_routes import read_lines as read_audit
from cloud.people.current import Who, person_for_page
from cloud.people.people_routes import people_of
from cloud.people.rights import Action, Role
from cloud.site import Site, site_of
from foleni.ids import Slug, is_slug
from foleni.web.errors import WebError

router = APIRouter(include_in_schema=False)

TheSite = Annotated[Site, Depends(site_of)]
Someone = Annotated[Who, Depends(person_for_page)]
_ROLES = ("staff", "manager", "admin")


@router.get("/office")
async def _branches(request: Request, who: Someone, site: TheSite) -> Response:
    lines = await read_lines(site, who)
    admin_of = [row.id for row in await site.database.run(lambda c: organizations_of(c, who, Action.MAKE_BRANCH))]
    given = json.loads(lines.model_dump_json()) | {"organizations": admin_of}
    can_found = rights.may(who, Action.MAKE_ORGANIZATION)
    return await office_page(request, "offices/branches.html", who, "branches", given=given, can_found=can_found)


@router.get("/office/reports")
async def _reports(
    request: Request,
    who: Someone,
    site: TheSite,
    branch: Annotated[str, Query(max_length=32)] = "",
    first: Annotated[str, Query(alias="from", max_length=10)] = "",
    last: Annotated[str, Query(alias="to", max_length=10)] = "",
) -> Response:
    given: dict[str, Any] = {"branch": branch or None, "from": first or None, "to": last or None}
    try:
        asked = Asked.model_validate({name: value for name, value in given.items() if value})
    except ValidationError:
        raise WebError(422, "invalid", "A day is written like 2026-11-21.") from None

    def reading(c: Connection) -> tuple[Any, Any, list[Any]]:
        return read(c, site, who, asked, "branch"), read(c, site, who, asked, "day"), branches_of(c, who, Action.SEE_REPORTS)

    by_branch, by_day, offices = await site.database.run(reading)
    values = report_values(request, who, by_branch, by_day, offices)
    return await office_page(request, "offices/reports.html", who, "reports", asked=asked, **values)


@router.get("/office/reports/file/{of}")
async def _report_file(
    of: Literal["branches", "days"], who: Someone, site: TheSite, asked: Annotated[AskedAs, Query()]
) -> Response:
    """For whoever has only the page's cookie: a link can carry no token."""
    column = {"branches": "branch", "days": "day"}[of]
    return as_csv(await site.database.run(lambda c: read(c, site, who, asked, column)), column)


@router.get("/office/users")
async def _users(request: Request, who: Someone, site: TheSite) -> Response:
    if not rights.may_somewhere(who, Action.MANAGE_STAFF):
        raise WebError(403, "not_allowed", "You may not do this here.")

    def reading(c: Connection) -> dict[str, Any]:
        people = [
            json.loads(one.model_dump_json())
            for one in people_of(c, None, None, within=rights.organizations_of(who))
            if rights.may_grant(who, Role(one.role, one.organization, one.branch))
        ]
        return {"people": people, "places": _places(c, who)}

    given = await site.database.run(reading)
    return await office_page(request, "offices/users.html", who, "users", given=given)


@router.get("/office/audit")
async def _audit(
    request: Request,
    who: Someone,
    site: TheSite,
    place: Annotated[str, Query(max_length=60)] = "",
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
) -> Response:
    """Of everything for who administers everything; else of the place that is chosen, at first the first of theirs."""
    places = await site.database.run(lambda c: _audit_places(c, who))
    everywhere = rights.may(who, Action.SEE_AUDIT)
    if not places and not everywhere:
        raise WebError(403, "not_allowed", "You may not do this here.")
    chosen = place if place or everywhere else places[0][0]
    kind, _, name = chosen.partition(":")
    told = {kind: name} if kind in {"organization", "branch"} and is_slug(name) else {}
    lines = await read_audit(site, who, AskedLines.model_validate({**told, "before": before}))
    older = "/office/audit?" + urlencode({"place": chosen, "before": lines.next}) if lines.next else ""
    language = language_of(request, OFFICE_LANGUAGES, who.language)
    values = {"lines": audit_rows(lines.lines, language), "older": older, "is_later": before is not None}
    return await office_page(
        request, "offices/audit.html", who, "audit", audited=places, everywhere=everywhere, chosen=chosen, **values
    )


@router.get("/office/{branch}")
async def _queue(branch: Slug, request: Request, who: Someone, site: TheSite) -> Response:
    def reading(c: Connection) -> tuple[Any, Any]:
        return branch_for(c, who, Action.SEE_QUEUE, branch), picture_of(c, branch, site.now())

    row, picture = await site.database.run(reading)
    may = {
        action.value: rights.may(who, action, organization=row.organization, branch=row.id)
        for action in (Action.CALL, Action.STEER, Action.EDIT_BRANCH)
    }
    given = {"branch": branch, "picture": json.loads(picture.model_dump_json()), "may": may, "zone": row.time_zone}
    names = json.loads(row.name)
    return await office_page(request, "offices/queue.html", who, "branches", given=given, names=names, branch=branch, may=may)


@router.get("/office/{branch}/settings")
async def _settings(branch: Slug, request: Request, who: Someone, site: TheSite) -> Response:
    def reading(c: Connection) -> tuple[Any, Any]:
        return branch_for(c, who, Action.EDIT_BRANCH, branch), office(c, branch)

    row, shown = await site.database.run(reading)
    may_tokens = rights.may(who, Action.MANAGE_TOKENS, organization=row.organization, branch=row.id)
    given = {"branch": branch, "may_tokens": may_tokens, "zone": row.time_zone}
    return await office_page(
        request, "offices/settings.html", who, "branches", given=given, office=shown, branch=branch, may_tokens=may_tokens
    )


def _places(c: Connection, who: Who) -> list[dict[str, Any]]:
    """Where somebody may give which roles."""
    places: list[dict[str, Any]] = []
    if rights.may_grant(who, Role("admin", None, None)):
        places.append({"organization": None, "branch": None, "name": "", "roles": ["admin"]})
    for row in organizations_of(c, who, Action.MANAGE_STAFF):
        roles = [role for role in _ROLES if rights.may_grant(who, Role(role, row.id, None))]  # type: ignore[arg-type]
        places.append({"organization": row.id, "branch": None, "name": row.name, "roles": roles})
    for row in branches_of(c, who, Action.MANAGE_STAFF):
        roles = [role for role in _ROLES if rights.may_grant(who, Role(role, row.organization, row.id))]  # type: ignore[arg-type]
        places.append({"organization": row.organization, "branch": row.id, "name": json.loads(row.name), "roles": roles})
    return places


def _audit_places(c: Connection, who: Who) -> list[tuple[str, Any]]:
    """Of which organizations and branches somebody may read the trail: a key, and a name or names."""
    whole = [(f"organization:{row.id}", row.name) for row in organizations_of(c, who, Action.SEE_AUDIT)]
    return whole + [(f"branch:{row.id}", json.loads(row.name)) for row in branches_of(c, who, Action.SEE_AUDIT)]
