"""Reports are made by processes of their own: a job that fails harms nobody else."""

import asyncio
import json
from pathlib import Path

import pytest

from branch_server.web.errors import WebError
from branch_server.web.reports.asking import AT_ONCE, Workers
from tests.unit.web.reports.playing import ZONE, play


def pack(data: Path) -> dict[str, object]:
    return {"kind": "pack", "data": str(data), "zone": ZONE, "today": "2026-12-31", "within_s": 30}


def test_a_job_that_fails_is_unavailable_and_leaves_its_turn(tmp_path: Path) -> None:
    async def scene() -> list[int]:
        workers, statuses = Workers(), []
        for _ in range(AT_ONCE + 1):
            with pytest.raises(WebError) as caught:
                await workers.run(pack(tmp_path / "nowhere"))
            statuses.append(caught.value.status)
        return statuses

    assert asyncio.run(scene()) == [503] * (AT_ONCE + 1)


def test_a_stream_that_breaks_off_does_not_end_as_if_it_were_whole(tmp_path: Path) -> None:
    async def scene() -> None:
        async for _ in Workers().stream(pack(tmp_path / "nowhere")):
            pass

    with pytest.raises(WebError):
        asyncio.run(scene())


def test_days_that_are_over_are_packed_once_however_many_ask(tmp_path: Path) -> None:
    data = play(tmp_path, 5, days=2, steps=60)

    async def scene() -> list[bytes]:
        workers = Workers()
        return [*await asyncio.gather(workers.run(pack(data)), workers.run(pack(data))), await workers.run(pack(data))]

    told = [json.loads(answer) for answer in asyncio.run(scene())]
    assert told[-1] == {"packed": 0, "left": 0}


def test_who_no_longer_waits_for_a_report_leaves_no_process(tmp_path: Path) -> None:
    data = play(tmp_path, 6, days=1, steps=40)

    async def scene() -> bytes:
        workers = Workers()
        asked = [asyncio.create_task(workers.run(pack(data))) for _ in range(AT_ONCE)]
        await asyncio.sleep(0)
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
        return await workers.run(pack(data))

    assert json.loads(asyncio.run(scene()))["left"] == 0
