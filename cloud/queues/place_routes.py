"""The API's part about where one can join."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlalchemy import Connection, func, select

from cloud.queues import view
from cloud.queues.answers import Branches, Organizations, OrganizationView, Services, refusals
from cloud.queues.places import BranchView, Place
from cloud.site import Site, site_of
from cloud.store.tables import branches, organizations
from foleni.ids import is_slug
from foleni.web.errors import WebError

router = APIRouter(prefix="/api/v1", tags=["branches"], responses=refusals(422))
OfSite = Annotated[Site, Depends(site_of)]
_MOST = 500


@router.get("/organizations", summary="Organizations with branches that one can join")
async def organizations_all(site: OfSite) -> Organizations:
    return Organizations(organizations=await site.database.run(_organizations))


@router.get("/branches", summary="Branches, by name or the nearest first")
async def branches_found(
    site: OfSite,
    q: Annotated[str, Query(max_length=60, description="words of the name, the address or the organization")] = "",
    lat: Annotated[float | None, Query(ge=-90, le=90, allow_inf_nan=False, description="with `lon`: the nearest first")] = None,
    lon: Annotated[float | None, Query(ge=-180, le=180, allow_inf_nan=False)] = None,
    organization: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=_MOST)] = 50,
) -> Branches:
    if (lat is None) != (lon is None):
        raise WebError(422, "invalid", "lat and lon go together.")
    near: Place | None = (lat, lon) if lat is not None and lon is not None else None
    if organization is not None and not is_slug(organization):
        return Branches(branches=())
    found = await site.database.run(
        lambda c: view.branches(c, site.now(), query=q, near=near, organization=organization, limit=limit)
    )
    return Branches(branches=tuple(found))


@router.get("/branches/{branch}", summary="One branch", responses=refusals(404))
async def branch_one(branch: str, site: OfSite) -> BranchView:
    return await _known(branch, site)


@router.get("/branches/{branch}/services", summary="What a branch offers, and how long one waits now", responses=refusals(404))
async def branch_services(branch: str, site: OfSite) -> Services:
    """As the branch last told; `live` says whether it is connected."""
    await _known(branch, site)
    return Services(services=tuple(await site.database.run(lambda c: view.services(c, branch, site.now()))))


async def _known(branch: str, site: Site) -> BranchView:
    found = await site.database.run(lambda c: view.branch(c, branch, site.now())) if is_slug(branch) else None
    if found is None:
        raise WebError(404, "unknown_branch", "There is no such branch.")
    return found


def _organizations(c: Connection) -> tuple[OrganizationView, ...]:
    counted = (
        select(organizations.c.id, organizations.c.name, func.count())
        .join(branches, branches.c.organization == organizations.c.id)
        .where(organizations.c.is_active, branches.c.is_active)
        .group_by(organizations.c.id, organizations.c.name)
        .order_by(organizations.c.name, organizations.c.id)
    )
    return tuple(OrganizationView(id=row[0], name=row[1], branches=row[2]) for row in c.execute(counted.limit(_MOST)))
