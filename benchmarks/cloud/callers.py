"""Phones that ask: a fixed number of requests a second, whatever the answers take, over connections that are kept.

`python -m benchmarks.cloud.callers --url URL --asks FILE --rate N` reads one JSON object a line (method, path, body, token),
asks each once, and says `{"ms": […], "faults": […], "took_s": …}`. A rate of 0 asks as fast as the answers come.
"""

import argparse
import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.cloud.wire import Caller

_CONNECTIONS = 50
_MOST_FAULTS = 5


class Load:
    """Asks in their order; each is due at its time, and its latency counts from then."""

    def __init__(self, url: str, asks: list[dict[str, Any]], rate: float) -> None:
        self._url = url
        self._asks = asks
        self._rate = rate
        self._next = 0
        self.ms: list[float] = []
        self.faults: list[str] = []

    async def run(self, connections: int) -> float:
        """How long it took in all, in seconds."""
        self._began = time.perf_counter()
        await asyncio.gather(*(self._work() for _ in range(min(connections, len(self._asks)))))
        return time.perf_counter() - self._began

    async def _work(self) -> None:
        caller = Caller(self._url)
        while self._next < len(self._asks):
            number, self._next = self._next, self._next + 1
            due = self._began + number / self._rate if self._rate else time.perf_counter()
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            ask = self._asks[number]
            headers = {"Authorization": f"Bearer {ask['token']}"} if ask.get("token") else {}
            status, told = await caller.ask(ask["method"], ask["path"], ask.get("body"), headers)
            self.ms.append((time.perf_counter() - due) * 1000)
            if status not in {200, 201} and len(self.faults) < _MOST_FAULTS:
                self.faults.append(f"{ask['path']}: {status} {told}")


async def _run(url: str, asks: list[dict[str, Any]], rate: float, connections: int) -> None:
    load = Load(url, asks, rate)
    took_s = await load.run(connections)
    sys.stdout.write(json.dumps({"ms": load.ms, "faults": load.faults, "took_s": took_s}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--asks", type=Path, required=True)
    parser.add_argument("--rate", type=float, default=0)
    parser.add_argument("--connections", type=int, default=_CONNECTIONS)
    given = parser.parse_args()
    asked = [json.loads(line) for line in given.asks.read_text().splitlines()]
    asyncio.run(_run(given.url, asked, given.rate, given.connections))
