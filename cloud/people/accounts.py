"""People and their roles, as rows. Everything here is half of a caller's transaction."""

from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from cloud.keeping.contacts import erase_person
from cloud.people import passes
from cloud.people.rights import Role
from cloud.store.database import upserting
from cloud.store.tables import roles, users
from foleni.ids import uuid7
from foleni.times import Instant


def by_phone(c: Connection, phone: str) -> Row[Any] | None:
    return c.execute(select(users).where(users.c.phone == phone)).one_or_none()


def by_id(c: Connection, user: str) -> Row[Any] | None:
    return c.execute(select(users).where(users.c.id == user)).one_or_none()


def found_or_made(c: Connection, phone: str, now: Instant, *, language: str = "en", name: str = "") -> Row[Any]:
    """The person with this phone; made where there is none."""
    row = {
        "id": uuid7(), "phone": phone, "name": name, "language": language, "wishes": "{}", "created_at": now, "seen_at": now,
        "is_active": True,
    }  # fmt: skip
    c.execute(upserting(c, users).values(row).on_conflict_do_nothing(index_elements=["phone"]))
    return c.execute(select(users).where(users.c.phone == phone)).one()


def seen(c: Connection, user: str, now: Instant) -> None:
    c.execute(update(users).where(users.c.id == user).values(seen_at=now))


def grant(c: Connection, user: str, role: Role, now: Instant) -> str:
    """Gives a role; one that somebody has already stays as it is. The role's id."""
    held = select(roles.c.id).where(
        roles.c.user == user, roles.c.role == role.role,
        roles.c.organization.is_not_distinct_from(role.organization), roles.c.branch.is_not_distinct_from(role.branch),
    )  # fmt: skip
    known = c.execute(held).scalars().first()
    if known is not None:
        return str(known)
    mine = uuid7()
    c.execute(
        insert(roles).values(
            id=mine, user=user, role=role.role, organization=role.organization, branch=role.branch, created_at=now
        )
    )
    return mine


def withdraw(c: Connection, role: str) -> bool:
    """Takes a role away; from the next request on it is gone."""
    return bool(c.execute(delete(roles).where(roles.c.id == role)).rowcount)


def forget(c: Connection, user: str, now: Instant) -> None:
    """Erases what is known of a person: they are signed out everywhere, and their row keeps no name, phone or address."""
    passes.end_all(c, user, now)
    c.execute(delete(roles).where(roles.c.user == user))
    erase_person(c, user, now)
