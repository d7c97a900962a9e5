"""Access and refresh tokens: rotation, repeats, copies, and keys that change."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from cloud.people import keys, passes
from cloud.people.accounts import found_or_made
from cloud.people.keys import KeyRing
from cloud.people.passes import ACCESS_S, GRACE_US, REFRESH_DAYS, Pair, Refused
from cloud.store.database import Database
from foleni.times import DAY_US, SECOND_US, Instant

NOW = Instant(1_790_000_000_000_000)


@pytest.fixture(name="c")
def _c(tmp_path: Path) -> Iterator[Connection]:
    database = Database(f"sqlite:///{tmp_path / 'cloud.sqlite'}", threads=1)
    database.open()
    with database._engine.begin() as connection:
        yield connection
    database.close()


def signed_in(c: Connection, ring: KeyRing) -> Pair:
    return passes.begin(c, ring, found_or_made(c, "+250788000001", NOW).id, NOW)


def renewed(c: Connection, ring: KeyRing, token: str, after_us: int = 0) -> Pair:
    pair = passes.renew(c, ring, token, Instant(NOW + after_us))
    assert isinstance(pair, Pair)
    return pair


def test_an_access_token_says_who_for_a_quarter_of_an_hour(c: Connection) -> None:
    ring = KeyRing()
    pair = signed_in(c, ring)
    claimed = passes.read(c, ring, pair.access, NOW)
    assert claimed is not None
    assert (claimed.user, claimed.session) == (pair.user, pair.session)
    assert passes.read(c, ring, pair.access, Instant(NOW + ACCESS_S * SECOND_US)) is None


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1In0."])
def test_a_forged_access_token_says_nothing(c: Connection, token: str) -> None:
    assert passes.read(c, KeyRing(), token, NOW) is None


def test_each_use_brings_the_next_token(c: Connection) -> None:
    ring = KeyRing()
    first = signed_in(c, ring)
    second = renewed(c, ring, first.refresh)
    third = renewed(c, ring, second.refresh)
    assert len({first.refresh, second.refresh, third.refresh}) == 3
    assert {second.session, third.session} == {first.session}


def test_a_repeated_request_gets_the_same_token_again(c: Connection) -> None:
    ring = KeyRing()
    first = signed_in(c, ring)
    second = renewed(c, ring, first.refresh)
    again = renewed(c, ring, first.refresh, GRACE_US)
    assert again.refresh == second.refresh


def test_a_copy_that_comes_later_ends_the_whole_sign_in(c: Connection) -> None:
    ring = KeyRing()
    first = signed_in(c, ring)
    second = renewed(c, ring, first.refresh)
    assert passes.renew(c, ring, first.refresh, Instant(NOW + GRACE_US + 1)) is Refused.REUSED
    assert passes.renew(c, ring, second.refresh, NOW) is Refused.ENDED


def test_a_copy_that_comes_after_the_next_was_used_ends_it_at_once(c: Connection) -> None:
    ring = KeyRing()
    first = signed_in(c, ring)
    second = renewed(c, ring, first.refresh)
    renewed(c, ring, second.refresh)
    assert passes.renew(c, ring, first.refresh, NOW) is Refused.REUSED


def test_a_refresh_token_is_over_after_its_time_and_unknown_when_made_up(c: Connection) -> None:
    ring = KeyRing()
    first = signed_in(c, ring)
    assert passes.renew(c, ring, first.refresh, Instant(NOW + REFRESH_DAYS * DAY_US)) is Refused.ENDED
    assert passes.renew(c, ring, "made up", NOW) is Refused.UNKNOWN


def test_keys_rotate_without_signing_anybody_out(c: Connection) -> None:
    ring = KeyRing()
    old = signed_in(c, ring)
    keys.add_pass_key(c)
    fresh = passes.begin(c, KeyRing(), old.user, NOW)
    assert passes.read(c, ring, old.access, NOW) is not None
    assert passes.read(c, ring, fresh.access, NOW) is not None
    assert keys.remove_older_pass_keys(c) == 1
    assert passes.read(c, KeyRing(), old.access, NOW) is None
    assert passes.read(c, KeyRing(), fresh.access, NOW) is not None


def test_a_token_that_came_into_being_while_everything_ended_brings_nothing(c: Connection) -> None:
    ring = KeyRing()
    first = signed_in(c, ring)
    passes.end_session(c, first.session, NOW)
    passes._put(c, "late", first.session, first.user, NOW)
    assert passes.renew(c, ring, "late", NOW) is Refused.ENDED
