"""Limits that several processes keep together through Redis, and each for itself while Redis is away."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloud.bus.bus import LocalBus
from cloud.limits import allowed
from cloud.settings import CloudSettings
from cloud.site import Site
from cloud.store.database import Database
from tests.support.redis import RedisServer


@pytest.fixture(name="shared")
def _shared() -> Iterator[RedisServer]:
    with RedisServer() as shared:
        yield shared


def process(folder: Path, redis: str) -> Site:
    """What a process of the cloud counts with."""
    database = f"sqlite:///{folder / 'cloud.sqlite'}"
    settings = CloudSettings.model_validate({"http": "127.0.0.1:0", "database": database, "redis": redis})
    return Site(settings, Database(database, threads=1), LocalBus(), "http://127.0.0.1", "boot")


async def taken(sites: list[Site], key: str, limit: int, times: int) -> int:
    """How often one of these processes after the other lets somebody in."""
    let_in = [await allowed(sites[turn % len(sites)], key, limit, 600) for turn in range(times)]
    for site in sites:
        for close in site.closing:
            close()
    await asyncio.sleep(0)
    return sum(let_in)


def test_two_processes_count_together(shared: RedisServer, tmp_path: Path) -> None:
    two = [process(tmp_path, shared.url), process(tmp_path, shared.url)]
    assert asyncio.run(taken(two, "phone", 3, 10)) == 3


def test_without_redis_each_process_counts_for_itself(shared: RedisServer, tmp_path: Path) -> None:
    one = [process(tmp_path, shared.url)]
    shared.stop()
    assert asyncio.run(taken(one, "phone", 3, 10)) == 3
