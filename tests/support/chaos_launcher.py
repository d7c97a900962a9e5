"""The ordinary branch server, but it kills itself at an exact place, or lives by a clock of the test's own.

`python -m tests.support.chaos_launcher [--die PLACE:COUNT] [--clock FILE] -- ARGUMENTS OF FOLENI-BRANCH`

FILE holds two numbers: microseconds to add to the wall clock, and to the time that passes.
"""

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from alembic import op

from branch_server import __main__ as program
from branch_server import bootstrap
from branch_server.adapters.db import journal
from branch_server.adapters.mqtt.accounts import Accounts
from branch_server.engine.clock import SteadyClock
from branch_server.engine.engine import Engine
from branch_server.engine.journal import Batch
from foleni.link.link import Link


def _put(owner: Any, name: str, value: object) -> None:
    setattr(owner, name, value)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _around(owner: Any, name: str, at: int, *, after: bool, counts: Callable[..., bool] = lambda *_, **__: True) -> None:
    """Dies before, or after, the call number `at` among those that count."""
    original, calls = getattr(owner, name), count(1)

    def wrapped(*arguments: Any, **more: Any) -> Any:
        is_it = counts(*arguments, **more) and next(calls) == at
        if is_it and not after:
            _die()
        result = original(*arguments, **more)
        if is_it:
            _die()
        return result

    _put(owner, name, wrapped)


def _answers(_owner: object, batch: Batch) -> bool:
    return bool(batch.answers)


def _is_event(_link: Link, topic: str, *_: object, **__: object) -> bool:
    return "/events/" in topic


def _after_answer(at: int) -> None:
    """Once commit number `at` has been answered, before anybody is told of its events."""
    original, calls = Engine.subscribe, count(1)

    def subscribe(engine: Engine, listener: Callable[[Any], None]) -> None:
        def deadly(committed: Any) -> None:
            if any(recorded.command for recorded in committed.events) and next(calls) == at:
                _die()
            listener(committed)

        original(engine, deadly if not engine._listeners else listener)

    _put(Engine, "subscribe", subscribe)


_PLACES: dict[str, Callable[[int], None]] = {
    "before-commit": lambda at: _around(journal.SqlJournal, "append", at, after=False, counts=_answers),
    "in-commit": lambda at: _around(journal, "_append", at, after=True, counts=_answers),
    "after-commit": lambda at: _around(journal.SqlJournal, "append", at, after=True, counts=_answers),
    "after-answer": _after_answer,
    "before-event": lambda at: _around(Link, "publish", at, after=False, counts=_is_event),
    "after-table": lambda at: _around(op, "create_table", at, after=True),
    "after-index": lambda at: _around(op, "create_index", at, after=True),
    "after-migrations": lambda at: _around(journal, "migrate", at, after=True),
    "before-secret": lambda at: _around(journal.SqlJournal, "keep_secret", at, after=False),
    "before-accounts": lambda at: _around(Accounts, "write", at, after=False),
    "after-accounts": lambda at: _around(Accounts, "write", at, after=True),
}


def _live_by(file: Path) -> None:
    def offset(which: int) -> int:
        return int(file.read_text().split()[which])

    wall = lambda: time.time_ns() // 1000 + offset(0)  # noqa: E731 - two clocks, two lines
    elapsed = lambda: time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000 + offset(1)  # noqa: E731
    _put(bootstrap, "SteadyClock", partial(SteadyClock, wall, elapsed))


def main() -> int:
    """The exit status of the ordinary program."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--die")
    parser.add_argument("--clock", type=Path)
    parser.add_argument("arguments", nargs="*")
    given = parser.parse_args()
    if given.die:
        place, _, at = given.die.partition(":")
        _PLACES[place](int(at or 1))
    if given.clock:
        _live_by(given.clock)
    return program.main(given.arguments)


if __name__ == "__main__":
    sys.exit(main())
