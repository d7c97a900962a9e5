"""Who may do what: the one table that routes, pages and tests go by. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from foleni.web.errors import WebError

RoleName = Literal["staff", "manager", "admin"]


@dataclass(frozen=True, slots=True)
class Role:
    """A role at one branch, or at all branches of an organization (`branch` None), or everywhere (`organization` None, too)."""

    role: RoleName
    organization: str | None
    branch: str | None

    def covers(self, organization: str | None, branch: str | None) -> bool:
        """Whether a branch, or an organization as a whole (`branch` None), or the installation (both None) is its own."""
        if self.organization is None:
            return self.branch is None
        return self.organization == organization and self.branch in {None, branch}


@dataclass(frozen=True, slots=True)
class Who:
    """A person who is signed in. Everybody is a user; `roles` are what they are beyond that."""

    user: str
    phone: str
    name: str
    language: str
    roles: tuple[Role, ...]
    session: str = ""
    """The sign-in (a family of refresh tokens) by which they are here."""

    @property
    def shown(self) -> str:
        """How others call this person, also before they gave a name."""
        return self.name or self.phone


class Action(StrEnum):
    """What is more than a customer's own business."""

    SEE_QUEUE = "see_queue"
    CALL = "call"
    """Call next, and skip who does not come."""
    STEER = "steer"
    """Pause, resume and close services."""
    SEE_MESSAGES = "see_messages"
    SEE_REPORTS = "see_reports"
    SEE_AUDIT = "see_audit"
    EDIT_BRANCH = "edit_branch"
    MAKE_BRANCH = "make_branch"
    MANAGE_TOKENS = "manage_tokens"
    MANAGE_STAFF = "manage_staff"
    """Who is staff; who manages or administers is MANAGE_PEOPLE."""
    MANAGE_PEOPLE = "manage_people"
    EDIT_ORGANIZATION = "edit_organization"
    MAKE_ORGANIZATION = "make_organization"


_STAFF = frozenset({Action.SEE_QUEUE, Action.CALL})
_MANAGER = _STAFF | {
    Action.STEER, Action.SEE_MESSAGES, Action.SEE_REPORTS, Action.SEE_AUDIT, Action.EDIT_BRANCH, Action.MANAGE_STAFF,
}  # fmt: skip
_ADMIN = frozenset(Action)
_OF: dict[RoleName, frozenset[Action]] = {"staff": _STAFF, "manager": _MANAGER, "admin": _ADMIN}


def may(who: Who, action: Action, *, organization: str | None = None, branch: str | None = None) -> bool:
    """Whether somebody may do it at a branch (name its organization, too), for a whole organization, or (both None) for the
    whole installation.
    """
    return any(action in _OF[role.role] and role.covers(organization, branch) for role in who.roles)


def check(who: Who, action: Action, *, organization: str | None = None, branch: str | None = None) -> None:
    """Raises `WebError` 403 `not_allowed` where somebody may not."""
    if not may(who, action, organization=organization, branch=branch):
        raise WebError(403, "not_allowed", "You may not do this here.")


def may_somewhere(who: Who, action: Action) -> bool:
    """Whether there is any place where somebody may do it."""
    return any(action in _OF[role.role] for role in who.roles)


def organizations_of(who: Who) -> frozenset[str] | None:
    """Those in which somebody has any role at all; None where it is everywhere."""
    found = {role.organization for role in who.roles}
    return None if None in found else frozenset(one for one in found if one is not None)


def may_grant(who: Who, role: Role) -> bool:
    """Whether somebody may give or take a role: never one that reaches further than the own."""
    action = Action.MANAGE_STAFF if role.role == "staff" else Action.MANAGE_PEOPLE
    return may(who, action, organization=role.organization, branch=role.branch)
