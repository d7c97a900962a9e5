"""Who works where: those of other organizations take nobody's place in a list."""

from pathlib import Path

import pytest

from cloud.people import accounts, people_routes, rights
from cloud.people.people_routes import people_of
from cloud.people.rights import Role, Who
from cloud.store.database import Database
from foleni.times import Instant
from tests.support.cloud import add_branch

NOW = Instant(1_790_000_000_000_000)


def test_a_list_has_room_for_the_askers_own_people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people_routes, "_MOST", 2)
    database = Database(f"sqlite:///{tmp_path / 'cloud.sqlite'}", threads=1)
    database.open()
    for number, organization in enumerate(("others", "others", "others", "ours")):
        branch, phone, name = f"branch-{number}", f"+25078800000{number}", f"Person {number}"
        role = Role("staff", organization, branch)
        database.run_here(lambda c, b=branch, o=organization: add_branch(c, b, o))  # type: ignore[misc]
        user = database.run_here(lambda c, p=phone, n=name: accounts.found_or_made(c, p, NOW, name=n).id)  # type: ignore[misc]
        database.run_here(lambda c, u=user, r=role: accounts.grant(c, u, r, NOW))  # type: ignore[misc]
    manager = Who("u", "", "", "en", (Role("manager", "ours", None),))
    found = database.run_here(lambda c: people_of(c, None, None, within=rights.organizations_of(manager)))
    database.close()
    assert [one.name for one in found] == ["Person 3"]
    assert rights.organizations_of(Who("u", "", "", "en", (Role("admin", None, None),))) is None
