"""Which branches and organizations are somebody's to touch."""

from typing import Any

from sqlalchemy import Connection, Row, select

from cloud.offices import setting_up
from cloud.people import rights
from cloud.people.rights import Action, Who
from cloud.store.tables import branches, organizations
from foleni.web.errors import WebError


def branch_for(c: Connection, who: Who, action: Action, branch: str) -> Row[Any]:
    """The branch's row. Raises `WebError` 403 where somebody may not, 404 where there is none (to those who may elsewhere)."""
    if not rights.may_somewhere(who, action):
        raise WebError(403, "not_allowed", "You may not do this here.")
    row = setting_up.branch(c, branch)
    rights.check(who, action, organization=row.organization, branch=row.id)
    return row


def organization_for(c: Connection, who: Who, action: Action, organization: str) -> Row[Any]:
    """As `branch_for`, for an organization as a whole."""
    if not rights.may_somewhere(who, action):
        raise WebError(403, "not_allowed", "You may not do this here.")
    row = setting_up.organization(c, organization)
    rights.check(who, action, organization=row.id)
    return row


def branches_of(c: Connection, who: Who, action: Action) -> list[Row[Any]]:
    """The branches where somebody may do it, by id."""
    rows = c.execute(select(branches).order_by(branches.c.organization, branches.c.id)).all()
    return [row for row in rows if rights.may(who, action, organization=row.organization, branch=row.id)]


def organizations_of(c: Connection, who: Who, action: Action) -> list[Row[Any]]:
    """The organizations where somebody may do it as a whole."""
    rows = c.execute(select(organizations).order_by(organizations.c.id)).all()
    return [row for row in rows if rights.may(who, action, organization=row.id)]
