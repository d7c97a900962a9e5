"""Who may do what: the table of rights by itself."""

import pytest

from cloud.people.rights import Action, Role, Who, check, may, may_grant, may_somewhere
from foleni.web.errors import WebError

OWN, SAME, OTHER = (
    {"organization": "a", "branch": "a1"},
    {"organization": "a", "branch": "a2"},
    {"organization": "b", "branch": "b1"},
)
ORGANIZATION = {"organization": "a", "branch": None}
EVERYTHING = {"organization": None, "branch": None}


def someone(*roles: Role) -> Who:
    return Who("u", "+250788000001", "Ada", "en", roles)


@pytest.mark.parametrize("action", Action)
def test_a_user_may_nothing_of_it(action: Action) -> None:
    assert not any(may(someone(), action, **place) for place in (OWN, ORGANIZATION, EVERYTHING))
    assert not may_somewhere(someone(), action)


def test_staff_acts_on_the_own_branch_only() -> None:
    staff = someone(Role("staff", "a", "a1"))
    assert [may(staff, Action.CALL, **place) for place in (OWN, SAME, OTHER, ORGANIZATION, EVERYTHING)] == [True, *[False] * 4]
    assert not may(staff, Action.STEER, **OWN)
    assert not may(staff, Action.SEE_REPORTS, **OWN)


def test_a_manager_steers_but_makes_no_tokens() -> None:
    manager = someone(Role("manager", "a", "a1"))
    assert may(manager, Action.STEER, **OWN)
    assert not may(manager, Action.STEER, **SAME)
    assert not may(manager, Action.MANAGE_TOKENS, **OWN)


def test_an_administrator_of_an_organization_has_all_its_branches_and_no_other() -> None:
    admin = someone(Role("admin", "a", None))
    assert all(may(admin, action, **OWN) and may(admin, action, **ORGANIZATION) for action in Action)
    assert not any(may(admin, action, **OTHER) or may(admin, action, **EVERYTHING) for action in Action)


def test_an_administrator_of_everything_may_everything_everywhere() -> None:
    admin = someone(Role("admin", None, None))
    assert all(may(admin, action, **place) for action in Action for place in (OWN, OTHER, ORGANIZATION, EVERYTHING))


def test_nobody_gives_a_role_that_reaches_further_than_the_own() -> None:
    manager, admin = someone(Role("manager", "a", "a1")), someone(Role("admin", "a", None))
    assert may_grant(manager, Role("staff", "a", "a1"))
    assert not any(
        may_grant(manager, role) for role in (Role("staff", "a", "a2"), Role("manager", "a", "a1"), Role("staff", "a", None))
    )
    assert may_grant(admin, Role("admin", "a", None))
    assert not any(may_grant(admin, role) for role in (Role("admin", None, None), Role("staff", "b", "b1")))


def test_a_refusal_says_so() -> None:
    with pytest.raises(WebError) as refused:
        check(someone(), Action.CALL, **OWN)
    assert (refused.value.status, refused.value.code) == (403, "not_allowed")
