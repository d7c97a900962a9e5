"""What a worker can make of the branch's past. Each job is a JSON object; what it makes is written to `out`."""

import json
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import IO, Any

from branch_server.web.reports import figures, rows, tables
from branch_server.web.reports.query import PARTS, query_of
from branch_server.web.reports.reading import past

Job = dict[str, Any]


def report(job: Job, out: IO[bytes]) -> None:
    """The figures of a query, and of the period that it is compared with."""
    query = query_of(job["query"])
    with past(Path(job["data"]), query.zone) as known:
        made = figures.report(query, known.days(query.period, query.today, query.now))
        if query.compare is not None:
            parts = tuple(part for part in PARTS if part in query.parts and part not in {"days", "heatmap"})
            before = replace(query, period=query.compare, compare=None, parts=parts)
            made["before"] = figures.report(before, known.days(query.compare, query.today, query.now))
    out.write(json.dumps(made).encode())


def pack(job: Job, out: IO[bytes]) -> None:
    """Packs every day that is over and not packed yet."""
    with past(Path(job["data"]), job["zone"]) as known:
        packed, left = known.pack_all(job["today"], job["within_s"])
    out.write(json.dumps({"packed": packed, "left": left}).encode())


def tickets(job: Job, out: IO[bytes]) -> None:
    """A page of single tickets, and where the next one begins."""
    query, most = query_of(job["query"]), int(job["most"])
    behind = rows.Place(**job["behind"]) if job["behind"] else None
    with past(Path(job["data"]), query.zone) as known:
        found = list(islice(rows.tickets(known, query, behind), most + 1))
    last = found[most - 1] if len(found) > most else None
    made = {"tickets": found[:most], "next": f"{last['day']}/{last['ticket']}" if last else None}
    out.write(json.dumps(made).encode())


def tickets_csv(job: Job, out: IO[bytes]) -> None:
    """Every single ticket of a query as a table."""
    query = query_of(job["query"])
    with past(Path(job["data"]), query.zone) as known:
        tables.write_tickets(rows.tickets(known, query), query.zone, out)
