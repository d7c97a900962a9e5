"""Many branches in one process, as the cloud sees them: each waits in its long poll, and answers joins at once.

`python -m benchmarks.cloud.branches --url URL --tokens FILE` (lines of `branch token`) says `{"waiting": n}` when all have
begun to wait; the line `told` on its input is answered with how many commands were answered.
"""

import argparse
import asyncio
import json
import resource
import sys
from pathlib import Path
from typing import Any

from benchmarks.cloud.wire import Caller
from foleni.ids import uuid7
from foleni.times import to_wire

_WAIT_S = 25
_AT_ONCE = 50
_AGAIN_S = 0.5


class Tally:
    """What all branches of this process did."""

    def __init__(self, branches: int) -> None:
        self.answered = 0
        self.all_wait = asyncio.Event()
        self._missing = branches

    def waits(self) -> None:
        self._missing -= 1
        if not self._missing:
            self.all_wait.set()


class FakeBranch:
    """Speaks the sync of one branch over two connections, as a real one does."""

    def __init__(self, url: str, name: str, token: str, tally: Tally) -> None:
        self._name = name
        self._down, self._up = Caller(url, token), Caller(url, token)
        self._tally = tally
        self._number = 0
        self._cursor = 0

    async def live(self, gate: asyncio.Semaphore) -> None:
        async with gate:
            await self._up.ask("GET", f"/api/v1/sync/{self._name}/commands?after=0&wait=0")
        self._tally.waits()
        while True:
            try:
                await self._turn()
            except (OSError, asyncio.IncompleteReadError):
                await asyncio.sleep(_AGAIN_S)

    async def _turn(self) -> None:
        status, told = await self._down.ask("GET", f"/api/v1/sync/{self._name}/commands?after={self._cursor}&wait={_WAIT_S}")
        if status != 200:
            await asyncio.sleep(_AGAIN_S)
            return
        self._cursor = told["cursor"]
        replies = [self._reply(command) for command in told["commands"]]
        if replies:
            await self._up.ask("POST", f"/api/v1/sync/{self._name}/replies", {"replies": replies})
            self._tally.answered += len(replies)

    def _reply(self, command: dict[str, Any]) -> dict[str, Any]:
        if command["type"] != "join":
            return {"command": command["id"], "ok": True, "seq": 1, "result": {}}
        self._number += 1
        result = {
            "ticket": uuid7(), "number": f"A{self._number:03d}", "service": command["service"], "joined_at": to_wire(0),
            "position": 1, "ahead": 0, "wait_p50_s": 60, "wait_p90_s": 120, "url": "/t/x",
        }  # fmt: skip
        return {"command": command["id"], "ok": True, "seq": 1, "result": result}


async def _run(url: str, pairs: list[list[str]]) -> None:
    tally = Tally(len(pairs))
    gate = asyncio.Semaphore(_AT_ONCE)
    lives = [asyncio.create_task(FakeBranch(url, name, token, tally).live(gate)) for name, token in pairs]
    await tally.all_wait.wait()
    _say({"waiting": len(lives)})
    while (await asyncio.to_thread(sys.stdin.readline)).strip() == "told":
        _say({"answered": tally.answered})


def _say(told: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--tokens", type=Path, required=True)
    given = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(_run(given.url, [line.split() for line in given.tokens.read_text().splitlines()]))
