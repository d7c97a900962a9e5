"""People who work for an organization: who they are, and what they may do where."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field
from sqlalchemy import Connection, func, select, update

from cloud.people import accounts, passes, rights
from cloud.people.answers import PersonName
from cloud.people.current import Role, Who, signed_in
from cloud.people.phones import PhoneNumber
from cloud.people.rights import Action, RoleName
from cloud.people.trail import note
from cloud.requests import address_of
from cloud.site import Site, site_of
from cloud.store.tables import branches, organizations, roles, users
from foleni.ids import Slug
from foleni.messages.base import Message
from foleni.times import WireTime
from foleni.web.errors import WebError

router = APIRouter(
    prefix="/api/v1/people",
    tags=["people"],
    responses={401: {"description": "not signed in"}, 403: {"description": "not allowed"}, 404: {"description": "unknown"}},
)

TheSite = Annotated[Site, Depends(site_of)]
Someone = Annotated[Who, Depends(signed_in)]
_MOST = 1000


class HeldRole(Message):
    """One role of a person; `id` is the role's."""

    id: str
    user: str
    name: str
    phone: str | None
    role: RoleName
    organization: str | None
    branch: str | None
    seen_at: WireTime


class People(Message):
    people: tuple[HeldRole, ...]


class NewRole(Message):
    """At a branch, at all branches of an organization, or (an administrator without either) everywhere. Whoever has the phone
    signs in with it.
    """

    phone: PhoneNumber
    name: PersonName = Field("", description="of somebody who is not known yet")
    role: RoleName
    organization: Slug | None = None
    branch: Slug | None = None


class PersonChange(Message):
    is_active: bool


@router.get("", summary="Who works for an organization or a branch")
async def _people(
    who: Someone,
    site: TheSite,
    organization: Annotated[Slug | None, Query()] = None,
    branch: Annotated[Slug | None, Query()] = None,
) -> People:
    """Those whom the asker looks after; everywhere where neither is named."""
    found = await site.database.run(lambda c: people_of(c, organization, branch, within=rights.organizations_of(who)))
    mine = tuple(one for one in found if rights.may_grant(who, Role(one.role, one.organization, one.branch)))
    if not mine and not rights.may_somewhere(who, Action.MANAGE_STAFF):
        raise WebError(403, "not_allowed", "You may not do this here.")
    return People(people=mine)


@router.post("", status_code=201, summary="Give somebody a role, by their phone")
async def _grant(told: NewRole, request: Request, who: Someone, site: TheSite) -> HeldRole:
    now, address = site.now(), address_of(request)

    def grant(c: Connection) -> HeldRole:
        role = _placed(c, told)
        if not rights.may_grant(who, role):
            raise WebError(403, "not_allowed", "You may not give this role here.")
        user = accounts.found_or_made(c, told.phone, now, name=told.name)
        held = accounts.grant(c, user.id, role, now)
        note(c, at=now, who=who.user, address=address, action=f"grant_{role.role}", subject=user.id, outcome="ok",
             organization=role.organization, branch=role.branch)  # fmt: skip
        return next(one for one in people_of(c, None, None, held))

    return await site.database.run(grant)


@router.delete("/roles/{role}", status_code=204, summary="Take a role away; at once")
async def _withdraw(role: str, request: Request, who: Someone, site: TheSite) -> Response:
    now, address = site.now(), address_of(request)

    def withdraw(c: Connection) -> None:
        row = c.execute(select(roles).where(roles.c.id == role)).one_or_none()
        if row is None or not rights.may_grant(who, Role(row.role, row.organization, row.branch)):
            raise WebError(403, "not_allowed", "You may not take this role.")
        if row.organization is None and _everywhere(c) == 1:
            raise WebError(409, "wrong_state", "This is the only administrator of everything. Name another one first.")
        accounts.withdraw(c, role)
        note(c, at=now, who=who.user, address=address, action=f"withdraw_{row.role}", subject=row.user, outcome="ok",
             organization=row.organization, branch=row.branch)  # fmt: skip

    await site.database.run(withdraw)
    return Response(status_code=204)


@router.patch("/{user}", status_code=204, summary="Shut somebody out of everything, or let them in again")
async def _change(user: str, told: PersonChange, request: Request, who: Someone, site: TheSite) -> Response:
    rights.check(who, Action.MANAGE_PEOPLE)
    now, address = site.now(), address_of(request)

    def change(c: Connection) -> None:
        if not c.execute(update(users).where(users.c.id == user).values(is_active=told.is_active)).rowcount:
            raise WebError(404, "unknown_person", "There is nobody like this.")
        if not told.is_active:
            passes.end_all(c, user, now)
        note(c, at=now, who=who.user, address=address, action="let_in" if told.is_active else "shut_out", subject=user,
             outcome="ok")  # fmt: skip

    await site.database.run(change)
    return Response(status_code=204)


def people_of(
    c: Connection,
    organization: str | None,
    branch: str | None,
    role: str | None = None,
    *,
    within: frozenset[str] | None = None,
) -> list[HeldRole]:
    """Roles at a branch, at an organization, or all of them (`within` some organizations); by name, the first thousand."""
    wanted: Any = select(roles, users.c.name, users.c.phone, users.c.seen_at).join(users, users.c.id == roles.c.user)
    for column, asked in ((roles.c.organization, organization), (roles.c.branch, branch), (roles.c.id, role)):
        if asked is not None:
            wanted = wanted.where(column == asked)
    if within is not None:
        wanted = wanted.where(roles.c.organization.in_(within))
    rows = c.execute(wanted.order_by(users.c.name, users.c.phone, roles.c.id).limit(_MOST)).all()
    return [
        HeldRole(
            id=row.id, user=row.user, name=row.name, phone=row.phone, role=row.role, organization=row.organization,
            branch=row.branch, seen_at=row.seen_at,
        )
        for row in rows
    ]  # fmt: skip


def _placed(c: Connection, told: NewRole) -> Role:
    """The role with the organization of its branch. Raises `WebError` for a place that is none."""
    organization = told.organization
    if told.branch is not None:
        mine = c.execute(select(branches.c.organization).where(branches.c.id == told.branch)).scalar_one_or_none()
        if mine is None or organization not in {None, mine}:
            raise WebError(404, "unknown_branch", f"There is no branch {told.branch} here.")
        organization = str(mine)
    elif organization is not None:
        if c.execute(select(organizations.c.id).where(organizations.c.id == organization)).one_or_none() is None:
            raise WebError(404, "unknown_organization", f"There is no organization {organization}.")
    elif told.role != "admin":
        raise WebError(422, "invalid", "Only an administrator can be one everywhere: name an organization or a branch.")
    return Role(told.role, organization, told.branch)


def _everywhere(c: Connection) -> int:
    """How many administer the whole installation."""
    whole = select(func.count()).select_from(roles).where(roles.c.organization.is_(None), roles.c.role == "admin")
    return int(c.execute(whole).scalar_one())
