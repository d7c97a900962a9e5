"""The tables of a report as CSV: for spreadsheets, and safe in them."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import IO, Any
from zoneinfo import ZoneInfo

from branch_server.web.reports.rows import FIELDS

_MARK = "\ufeff"
"""Excel takes a file for UTF-8 only with it."""
_RISKY = ("=", "+", "-", "@", "\t", "\r")
_AT_ONCE = 1000
_TIMES = frozenset({"joined_at", "called_at", "started_at", "ended_at"})


def safe(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula gets an apostrophe in front, and stays text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_RISKY) else value


def table_of(headings: Sequence[str], lines: Iterable[Sequence[Any]]) -> bytes:
    """A whole table: UTF-8 with its mark, commas, CRLF, as RFC 4180 has it."""
    return (_MARK + _text([headings, *lines])).encode()


def write_tickets(tickets: Iterable[dict[str, Any]], zone: str, out: IO[bytes]) -> None:
    """Single tickets, a line each, times in the branch's zone; as many as there are, without holding them."""
    out.write((_MARK + _text([FIELDS])).encode())
    clock = ZoneInfo(zone)
    lines: list[Sequence[Any]] = []
    for ticket in tickets:
        lines.append([_local(value, clock) if name in _TIMES else value for name, value in ticket.items()])
        if len(lines) >= _AT_ONCE:
            out.write(_text(lines).encode())
            lines.clear()
    out.write(_text(lines).encode())


def _local(value: str | None, clock: ZoneInfo) -> str | None:
    return datetime.fromisoformat(value).astimezone(clock).isoformat(timespec="seconds") if value else None


def _text(lines: Iterable[Sequence[Any]]) -> str:
    file = io.StringIO(newline="")
    csv.writer(file).writerows([safe(value) for value in line] for line in lines)
    return file.getvalue()
