"""Sessions: who is seen stays, who is not goes, and the file follows."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from branch_server.web.store.sessions import MOST_OF_ONE_PERSON
from branch_server.web.store.store import Store
from foleni.times import MINUTE_US, SECOND_US


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path)
    yield store
    store.close()


def test_of_too_many_sessions_the_one_that_was_not_used_for_longest_ends(store: Store) -> None:
    begun = [store.sessions.begin("eve", "10.0.0.1", at * SECOND_US, needs_pin=False) for at in range(MOST_OF_ONE_PERSON)]
    (first, first_secret, _), (_second, second_secret, _) = begun[:2]
    store.sessions.seen(first, 30 * SECOND_US)
    _, _, ended = store.sessions.begin("eve", "10.0.0.1", 31 * SECOND_US, needs_pin=False)
    assert store.sessions.find(first_secret) is first
    assert store.sessions.find(second_secret) is None
    assert len(ended) == 1


def test_when_a_session_was_last_used_is_written_once_a_minute(store: Store, tmp_path: Path) -> None:
    session, secret, _ = store.sessions.begin("eve", "10.0.0.1", 0, needs_pin=False)
    for second in range(0, 90, 10):
        store.sessions.seen(session, second * SECOND_US)
    assert session.seen_at == 80 * SECOND_US
    later = Store(tmp_path)
    kept = later.sessions.find(secret)
    later.close()
    assert kept is not None
    assert kept.seen_at == MINUTE_US
