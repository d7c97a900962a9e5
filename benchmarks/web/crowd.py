"""Many open pages in one process: each follows its stream of pictures, and notes when a new one came.

`python -m benchmarks.web.crowd --url URL --cookie COOKIE… PATH…` opens every path; a line `since T` on its input is answered
with the milliseconds after T (of `time.perf_counter`, which all processes share) at which each page had a new picture.
"""

import argparse
import asyncio
import json
import sys
import time
from urllib.parse import urlsplit


class Page:
    """One open page. `heard` holds when its newest pictures came."""

    def __init__(self, url: str, path: str, cookie: str) -> None:
        self.path = path
        self.heard: list[float] = []
        self.bytes = 0
        self.gone = ""
        self._address = urlsplit(url)
        self._cookie = cookie

    async def open(self, ready: asyncio.Event) -> None:
        """Follows the stream until it ends."""
        reader, writer = await asyncio.open_connection(self._address.hostname, self._address.port, limit=1 << 22)
        request = f"GET {self.path} HTTP/1.1\r\nHost: {self._address.netloc}\r\nCookie: {self._cookie}\r\n\r\n"
        writer.write(request.encode())
        status = await reader.readline()
        if b" 200 " not in status:
            self.gone = f"{self.path}: {status.decode().strip()}"
            ready.set()
            return
        name = b""
        while line := await reader.readline():
            self.bytes += len(line)
            if line.startswith(b"event: "):
                name = line[7:].strip()
            elif line.startswith(b"data: ") and name != b"beat":
                self.heard = [*self.heard[-200:], time.perf_counter()]
                ready.set()
        self.gone = f"{self.path}: the stream ended"

    def after(self, since: float) -> float | None:
        """Milliseconds from `since` to its first picture after it."""
        return next(((heard - since) * 1000 for heard in self.heard if heard >= since), None)


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--cookie", required=True)
    parser.add_argument("paths", nargs="+")
    options = parser.parse_args()
    pages = [Page(options.url, path, options.cookie) for path in options.paths]
    readies = [asyncio.Event() for _ in pages]
    tasks = [asyncio.create_task(page.open(ready)) for page, ready in zip(pages, readies, strict=True)]
    await asyncio.gather(*(ready.wait() for ready in readies))
    faults = [page.gone for page in pages if page.gone]
    print(json.dumps({"open": len(pages) - len(faults), "faults": faults[:3]}), flush=True)
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while asked := await lines.readline():
        since = float(asked.split()[1])
        print(json.dumps({"after_ms": [page.after(since) for page in pages]}), flush=True)
    for task in tasks:
        task.cancel()


if __name__ == "__main__":
    asyncio.run(main())
