"""Setting up organizations and branches, and the tokens that branches come with."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy import Connection, select, update

from cloud.offices import setting_up
from cloud.offices.answers import (
    BranchChange,
    MadeBranch,
    MadeToken,
    NewBranch,
    NewOrganization,
    Office,
    Organization,
    OrganizationChange,
    TokenView,
    office_of,
    organization_of,
    token_of,
)
from cloud.offices.standing import branch_for, organization_for
from cloud.people import rights
from cloud.people.current import Who, signed_in
from cloud.people.rights import Action
from cloud.people.trail import note
from cloud.requests import address_of
from cloud.site import Site, site_of
from cloud.store.tables import branch_tokens, branches, organizations, pulses
from foleni.ids import Slug
from foleni.messages.base import Message
from foleni.times import MINUTE_US
from foleni.web.errors import WebError

router = APIRouter(
    prefix="/api/v1",
    tags=["administration"],
    responses={401: {"description": "not signed in"}, 403: {"description": "not allowed"}, 404: {"description": "unknown"}},
)

TheSite = Annotated[Site, Depends(site_of)]
Someone = Annotated[Who, Depends(signed_in)]
_EXISTS: dict[int | str, dict[str, Any]] = {409: {"description": "there is one already"}}


class Tokens(Message):
    tokens: tuple[TokenView, ...]


@router.post("/organizations", status_code=201, summary="Make an organization", responses={**_EXISTS})
async def _make_organization(told: NewOrganization, request: Request, who: Someone, site: TheSite) -> Organization:
    rights.check(who, Action.MAKE_ORGANIZATION)
    now, address = site.now(), address_of(request)

    def make(c: Connection) -> Organization:
        made = organization_of(setting_up.make_organization(c, told, now))
        note(c, at=now, who=who.user, address=address, action="make_organization", subject=told.id, outcome="ok",
             organization=told.id)  # fmt: skip
        return made

    return await site.database.run(make)


@router.get("/organizations/{organization}/settings", summary="An organization as its administrators see it")
async def _organization(organization: Slug, who: Someone, site: TheSite) -> Organization:
    row = await site.database.run(lambda c: organization_for(c, who, Action.EDIT_ORGANIZATION, organization))
    return organization_of(row)


@router.patch("/organizations/{organization}", summary="Change an organization: its name, how long contacts are kept")
async def _change_organization(
    organization: Slug, told: OrganizationChange, request: Request, who: Someone, site: TheSite
) -> Organization:
    now, address = site.now(), address_of(request)
    columns = {name: getattr(told, name) for name in told.model_fields_set}

    def change(c: Connection) -> Organization:
        organization_for(c, who, Action.EDIT_ORGANIZATION, organization)
        if "is_active" in columns:
            rights.check(who, Action.MAKE_ORGANIZATION)
        if columns:
            c.execute(update(organizations).where(organizations.c.id == organization).values(columns))
        note(c, at=now, who=who.user, address=address, action="edit_organization", subject=", ".join(sorted(columns)),
             outcome="ok", organization=organization)  # fmt: skip
        return organization_of(setting_up.organization(c, organization))

    return await site.database.run(change)


@router.post("/branches", status_code=201, summary="Make a branch known; its token is shown only now", responses={**_EXISTS})
async def _make_branch(told: NewBranch, request: Request, who: Someone, site: TheSite) -> MadeBranch:
    now, address = site.now(), address_of(request)

    def make(c: Connection) -> MadeBranch:
        rights.check(who, Action.MAKE_BRANCH, organization=told.organization)
        token = setting_up.make_branch(c, told, who.user, now)
        note(c, at=now, who=who.user, address=address, action="make_branch", subject=told.id, outcome="ok",
             organization=told.organization, branch=told.id)  # fmt: skip
        return MadeBranch(branch=office(c, told.id), token=token)

    return await site.database.run(make)


@router.get("/branches/{branch}/settings", summary="A branch as its administrators see it")
async def _branch(branch: Slug, who: Someone, site: TheSite) -> Office:
    def read(c: Connection) -> Office:
        branch_for(c, who, Action.EDIT_BRANCH, branch)
        return office(c, branch)

    return await site.database.run(read)


@router.patch("/branches/{branch}", summary="Change a branch: its place, its code, its messages", responses={**_EXISTS})
async def _change_branch(branch: Slug, told: BranchChange, request: Request, who: Someone, site: TheSite) -> Office:
    now, address = site.now(), address_of(request)
    columns = told.columns()

    def change(c: Connection) -> Office:
        row = branch_for(c, who, Action.EDIT_BRANCH, branch)
        if "is_active" in columns:
            rights.check(who, Action.MAKE_BRANCH, organization=row.organization)
        if "code" in columns:
            setting_up.check_code(c, told.code, branch)
        if columns:
            c.execute(update(branches).where(branches.c.id == branch).values(columns))
        note(c, at=now, who=who.user, address=address, action="edit_branch", subject=", ".join(sorted(columns)), outcome="ok",
             organization=row.organization, branch=branch)  # fmt: skip
        return office(c, branch)

    changed = await site.database.run(change)
    site.bus.ring(f"changed:{branch}")
    return changed


@router.get("/branches/{branch}/tokens", summary="The tokens of a branch, without their secrets")
async def _tokens(branch: Slug, who: Someone, site: TheSite) -> Tokens:
    def read(c: Connection) -> Tokens:
        branch_for(c, who, Action.MANAGE_TOKENS, branch)
        mine = select(branch_tokens).where(branch_tokens.c.branch == branch).order_by(branch_tokens.c.id.desc()).limit(100)
        return Tokens(tokens=tuple(token_of(row) for row in c.execute(mine)))

    return await site.database.run(read)


@router.post("/branches/{branch}/tokens", status_code=201, summary="A new token; older ones end a little later")
async def _make_token(
    branch: Slug,
    request: Request,
    who: Someone,
    site: TheSite,
    overlap_min: Annotated[int, Query(ge=0, le=7 * 24 * 60, description="minutes for which older tokens are good")] = 60,
) -> MadeToken:
    now, address = site.now(), address_of(request)

    def make(c: Connection) -> MadeToken:
        row = branch_for(c, who, Action.MANAGE_TOKENS, branch)
        made = setting_up.make_token(c, branch, who.user, now, overlap_us=overlap_min * MINUTE_US)
        note(c, at=now, who=who.user, address=address, action="make_token", subject=made.id, outcome="ok",
             organization=row.organization, branch=branch)  # fmt: skip
        return made

    return await site.database.run(make)


@router.delete("/branches/{branch}/tokens/{token}", status_code=204, summary="Revoke a token, within a second")
async def _revoke(branch: Slug, token: str, request: Request, who: Someone, site: TheSite) -> Response:
    now, address = site.now(), address_of(request)

    def revoke(c: Connection) -> None:
        row = branch_for(c, who, Action.MANAGE_TOKENS, branch)
        if not setting_up.revoke_token(c, branch, token, now):
            raise WebError(404, "unknown_token", "There is no such token that is still good.")
        note(c, at=now, who=who.user, address=address, action="revoke_token", subject=token, outcome="ok",
             organization=row.organization, branch=branch)  # fmt: skip

    await site.database.run(revoke)
    site.bus.ring(f"commands:{branch}")
    return Response(status_code=204)


def office(c: Connection, branch: str) -> Office:
    """A branch with its pulse. Raises `WebError` 404."""
    pulse = c.execute(select(pulses).where(pulses.c.branch == branch)).one_or_none()
    return office_of(setting_up.branch(c, branch), pulse)
