"""The public halves of keys: each that was shown to somebody is kept."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from branch_server.keeping.age import new_key
from branch_server.keeping.keys import keep_recipient, kept_recipients

_AT_ONCE = 8


def test_keys_that_are_made_at_the_same_moment_are_all_kept(tmp_path: Path) -> None:
    """Somebody presses twice, or two people press: a paper whose key was not kept would open nothing."""
    made = [new_key()[1] for _ in range(_AT_ONCE * 4)]
    with ThreadPoolExecutor(_AT_ONCE) as people:
        for done in [people.submit(keep_recipient, tmp_path, public) for public in made]:
            done.result()
    assert sorted(kept_recipients(tmp_path)) == sorted(made)
