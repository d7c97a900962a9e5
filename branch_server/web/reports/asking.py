"""Has reports made by processes of their own: the web side's loop and memory stay free for those who call customers."""

import asyncio
import json
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from branch_server.web.errors import WebError

_log = logging.getLogger(__name__)

AT_ONCE = 2
"""More processes would only take turns on a small machine."""
WITHIN_S = 60.0
_WAITS_S = 20.0
_CHUNK = 64 * 1024
_COMMAND = (sys.executable, "-m", "branch_server.web.reports.worker")


class Workers:
    """At most `AT_ONCE` jobs at a time; the others wait for their turn. For one event loop."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def run(self, job: dict[str, Any]) -> bytes:
        """What a job makes. Raises `WebError` 503 where it cannot be made, or nobody had time for it."""
        async with self._started(job) as process:
            try:
                async with asyncio.timeout(WITHIN_S):
                    made, said = await process.communicate(json.dumps(job).encode())
            except TimeoutError:
                raise _unavailable("This report takes too long. Please choose a shorter time.") from None
            if process.returncode:
                _log.error("a report failed: %s", said.decode(errors="replace").strip()[-2000:])
                raise _unavailable("This report could not be made. Please try again.")
            return made

    async def stream(self, job: dict[str, Any]) -> AsyncIterator[bytes]:
        """What a job makes, as it comes. A job that fails half way ends the stream with an error, so that nobody takes the half
        for the whole.
        """
        async with self._started(job, asyncio.subprocess.DEVNULL) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps(job).encode())
            process.stdin.close()
            while chunk := await asyncio.wait_for(process.stdout.read(_CHUNK), WITHIN_S):
                yield chunk
            if await process.wait():
                raise _unavailable("This report broke off. Please try again.")

    @asynccontextmanager
    async def _started(
        self, job: dict[str, Any], errors: int = asyncio.subprocess.PIPE
    ) -> AsyncIterator[asyncio.subprocess.Process]:
        pipe = asyncio.subprocess.PIPE
        try:
            async with asyncio.timeout(_WAITS_S):
                await self._turns.acquire()
        except TimeoutError:
            raise _unavailable("Many reports are being made now. Please try again in a moment.") from None
        try:
            process = await asyncio.create_subprocess_exec(*_COMMAND, stdin=pipe, stdout=pipe, stderr=errors)
            try:
                yield process
            finally:
                await _ended(process)
        finally:
            self._turns.release()
            _log.debug("a worker has ended: %s", job["kind"])


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Nobody wants what is not finished by now."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _unavailable(message: str) -> WebError:
    return WebError(503, "unavailable", message, {"Retry-After": "5"})
