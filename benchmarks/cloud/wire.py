"""A small HTTP client for load: one connection, kept; JSON up and down; streams of events."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from benchmarks.rig import RigError

_LIMIT = 1 << 22


class Caller:
    """One connection to a server, for one request at a time."""

    def __init__(self, url: str, token: str = "") -> None:
        self._address = urlsplit(url)
        self._head = f"Host: {self._address.netloc}\r\n"
        if token:
            self._head += f"Authorization: Bearer {token}\r\n"
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Status and answer. A connection that the server has closed is opened again."""
        payload = json.dumps(body).encode() if body is not None else b""
        more = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        sized = f"Content-Type: application/json\r\nContent-Length: {len(payload)}\r\n"
        request = f"{method} {path} HTTP/1.1\r\n{self._head}{more}{sized}\r\n"
        reader = await self._send(request.encode() + payload)
        status, length = await _head_of(reader)
        told = await reader.readexactly(length) if length else b""
        return status, json.loads(told) if told.startswith(b"{") else {}

    async def events(self, path: str) -> AsyncIterator[dict[str, Any]]:
        """The data of each event of a stream, until it ends."""
        reader = await self._send(f"GET {path} HTTP/1.1\r\n{self._head}Accept: text/event-stream\r\n\r\n".encode())
        status, _ = await _head_of(reader)
        if status != 200:
            raise RigError(f"{path}: {status}")
        while line := await reader.readline():
            if line.startswith(b"data: {"):
                yield json.loads(line[6:])

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None

    async def _send(self, request: bytes) -> asyncio.StreamReader:
        if self._writer is None or self._writer.is_closing() or self._reader is None or self._reader.at_eof():
            self._reader, self._writer = await asyncio.open_connection(self._address.hostname, self._address.port, limit=_LIMIT)
        self._writer.write(request)
        return self._reader


async def _head_of(reader: asyncio.StreamReader) -> tuple[int, int]:
    """Status and length of an answer."""
    first = await reader.readline()
    if not first:
        raise ConnectionResetError("the server hung up")
    length = 0
    while (line := await reader.readline()) not in {b"\r\n", b""}:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return int(first.split()[1]), length
