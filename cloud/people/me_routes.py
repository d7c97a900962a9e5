"""A person's own page in the API."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import Connection, select, update

from cloud.people import accounts, signing
from cloud.people.answers import Me, MeChange, me
from cloud.people.current import Who, signed_in
from cloud.people.trail import note
from cloud.requests import address_of
from cloud.site import Site, site_of
from cloud.store.tables import users

router = APIRouter(prefix="/api/v1/me", tags=["me"], responses={401: {"description": "not signed in"}})

TheSite = Annotated[Site, Depends(site_of)]
Someone = Annotated[Who, Depends(signed_in)]


@router.get("", summary="Who I am")
async def _me(who: Someone, site: TheSite) -> Me:
    return await site.database.run(lambda c: _read(c, who.user))


@router.patch("", summary="Change my name, language, e-mail address, or which messages I want")
async def _change(told: MeChange, who: Someone, site: TheSite) -> Me:
    columns = told.columns()

    def change(c: Connection) -> Me:
        if columns:
            c.execute(update(users).where(users.c.id == who.user).values(columns))
        return _read(c, who.user)

    return await site.database.run(change)


@router.delete("", status_code=204, summary="Erase me")
async def _erase(request: Request, who: Someone, site: TheSite) -> Response:
    """Erases name, phone, e-mail address, messages and roles, and takes them out of the tickets. Signed out everywhere."""
    now, address = site.now(), address_of(request)

    def erase(c: Connection) -> None:
        accounts.forget(c, who.user, now)
        note(c, at=now, who=who.user, address=address, action="erase_me", subject=who.user, outcome="ok")

    await site.database.run(erase)
    response = Response(status_code=204)
    signing.drop_cookie(site, response)
    return response


def _read(c: Connection, user: str) -> Me:
    return me(c, c.execute(select(users).where(users.c.id == user)).one())
