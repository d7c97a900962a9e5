"""A week in which a branch and its cloud do not hear of each other, in a moment: each goes on at simulated times."""

import asyncio
import json
from collections.abc import Callable
from itertools import takewhile
from pathlib import Path
from random import Random
from typing import Any, TypeVar, cast

from sqlalchemy import Connection

from branch_server.adapters.setup.file import read_setup
from branch_server.adapters.sync.uploader import line_of
from branch_server.history.__main__ import write
from cloud.bus.bus import LocalBus
from cloud.queues.joining import Wish, join
from cloud.settings import CloudSettings
from cloud.site import Site
from cloud.store.database import Database
from foleni.ids import uuid7
from foleni.times import DAY_US, Instant

_T = TypeVar("_T")
DAYS = 7
_MOST_SETUP = 200
_AT_ONCE = 200


def branch_s_week(folder: Path, setup: str, until: Instant) -> None:
    """The branch's side: a week of customers and staff, written into `folder / "data"`."""
    file = folder / "week.toml"
    file.write_text(setup, encoding="utf-8")
    assert "tickets" in write(folder / "data", read_setup(file), DAYS, 1, until, lambda _line: None)


def cloud_s_week(database: str, branch: str, joins: int, until: Instant, services: tuple[str, ...]) -> int:
    """The cloud's side: so many people join from afar and get a number of its own series. How many did."""
    store = Database(database)
    store.open()
    chance = Random(3)
    times = sorted(chance.randrange(until - DAYS * DAY_US, until) for _ in range(joins))
    try:
        return sum(
            store.run_here(lambda c, first=first: asyncio.run(_joined(c, branch, times, first, services, chance)))  # type: ignore[misc]
            for first in range(0, joins, _AT_ONCE)
        )
    finally:
        store.close()


class _OneTransaction:
    """A database in which a part of the week is one commit."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def run(self, work: Callable[[Connection], _T]) -> _T:
        return work(self._connection)


async def _joined(c: Connection, branch: str, times: list[int], first: int, services: tuple[str, ...], chance: Random) -> int:
    """Some of the week, from person number `first` on."""
    now = Instant(0)
    settings = CloudSettings.model_validate({"http": "127.0.0.1:0", "database": "sqlite:///unused"})
    site = Site(settings, cast("Database", _OneTransaction(c)), LocalBus(), "http://127.0.0.1", "week", now=lambda: now)
    made = 0
    for number, at in enumerate(times[first : first + _AT_ONCE], first):
        now = Instant(at)
        wish = Wish(branch, chance.choice(services), "app", None, f"+2507{number:08d}", None, "en", uuid7())
        made += (await join(site, wish, within_s=0.0)).provisional
    return made


def first_lines(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The setup at the beginning of a log, in the form of the wire: what the cloud has heard before the week."""
    first = [json.loads(line_of(list(line.values()))) for line in lines[:_MOST_SETUP]]
    return list(takewhile(lambda line: line["type"].endswith(("_saved", "day_opened")), first))
