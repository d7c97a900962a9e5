"""Waiting for a condition, in place of sleeping."""

import time
from collections.abc import Callable

PATIENCE_S = 30.0
"""So long a busy machine may take for what takes a moment."""


def until(condition: Callable[[], object], within_s: float = PATIENCE_S, every_s: float = 0.002) -> None:
    """Return when `condition` holds; fail where it does not within `within_s`. It is looked at `every_s`: more rarely where
    each look costs somebody something.
    """
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"did not come true within {within_s} s")
        time.sleep(every_s)
