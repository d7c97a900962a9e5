"""A year in figures: the whole report over a million tickets, from the question to the answer. The floor counts the rows."""

import json
import resource
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from benchmarks.branch import Size
from benchmarks.fill import TICKETS_A_DAY, fill_history
from benchmarks.report import Row, Target
from benchmarks.rig import RigError
from benchmarks.rigging import Rig
from benchmarks.stats import p50
from branch_server.adapters.db.connections import FILE_NAME
from branch_server.web.reports.query import Period, Query
from foleni.times import DAY_US, Instant

REPORT = Target("<=", 2, "s")
MEMORY = Target("<=", 150, "MiB")
_ZONE = "Africa/Kigali"
_WORKER = (sys.executable, "-m", "branch_server.web.reports.worker")
_SPREAD = """
UPDATE tickets SET
  joined_at = joined_at + (abs(random()) % 36000 - 18000) * 1000000,
  service = substr('cash cards', 1 + 5 * (abs(random()) % 2), 5),
  channel = CASE abs(random()) % 4 WHEN 0 THEN 'app' WHEN 1 THEN 'staff' ELSE 'kiosk' END,
  counter = 'c' || (abs(random()) % 8 + 1),
  status = CASE abs(random()) % 20 WHEN 0 THEN 'no_show' WHEN 1 THEN 'cancelled' ELSE 'completed' END,
  stars = CASE abs(random()) % 10 WHEN 0 THEN abs(random()) % 5 + 1 END;
UPDATE tickets SET
  service = trim(service),
  staff = 's-' || ((substr(counter, 2) + substr(day, 9, 2)) % 14),
  called_at = joined_at + (abs(random()) % 1800 + abs(random()) % 900) * 1000000;
UPDATE tickets SET ended_at = called_at + (60 + abs(random()) % 600) * 1000000;
"""
"""Two services, eight counters, fourteen people who change places each day, and no two waits alike."""


def run(rig: Rig) -> list[Row]:
    tickets = rig.scaled(1_000_000, 50_000)
    server = rig.branch_server("year", Size(kiosks=1))
    with server:
        pass
    now = Instant(time.time_ns() // 1000)
    fill_history(server.data, server.setup, tickets, now)
    _spread(server.data)
    packed_s = _packed(server.data)
    query = _query(tickets, now)
    asked = {"all figures": query, "one service": replace(query, services=("cash",)), "the summary": _summary(query)}
    took: dict[str, list[float]] = {name: [] for name in asked}
    floors: list[float] = []
    for _ in range(rig.scaled(7, 3)):
        for name, one in asked.items():
            floors.append(_counted(server.data, tickets))
            took[name].append(_asked(server.data, one))
    rows = [
        Row(f"report, {name}, {tickets:,} tickets p50", p50(values), "s", p50(floors), REPORT) for name, values in took.items()
    ]
    peak_mib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return [
        *rows,
        Row("packing a day that is over", packed_s * 1000 / -(-tickets // TICKETS_A_DAY), "ms"),
        Row("report's process at its peak (or that of any before it)", peak_mib, "MiB", None, MEMORY),
    ]


def _spread(data: Path) -> None:
    """The tickets of the fill are all alike; those of a year are not."""
    with sqlite3.connect(data / FILE_NAME) as connection:
        connection.executescript(f"BEGIN;{_SPREAD}COMMIT;")
    connection.close()


def _query(tickets: int, now: Instant) -> Query:
    today = date.fromtimestamp(now / 1e6)  # noqa: DTZ012 - the fill's days are those of this machine
    first = today - timedelta(days=-(-tickets // TICKETS_A_DAY) + 1)
    return Query(Period(first.isoformat(), today.isoformat()), today.isoformat(), now, _ZONE, 900)


def _summary(query: Query) -> Query:
    return replace(query, parts=("summary",))


def _packed(data: Path) -> float:
    tomorrow = date.fromtimestamp(time.time() + DAY_US / 1e6).isoformat()  # noqa: DTZ012 - as above
    started = time.perf_counter()
    _told({"kind": "pack", "data": str(data), "zone": _ZONE, "today": tomorrow, "within_s": 3600})
    return time.perf_counter() - started


def _asked(data: Path, query: Query) -> float:
    started = time.perf_counter()
    told = _told({"kind": "report", "data": str(data), "query": query.to_json()})
    if not told["summary"]["issued"]:
        raise RigError("the report found no tickets")
    return time.perf_counter() - started


def _counted(data: Path, expected: int) -> float:
    started = time.perf_counter()
    connection = sqlite3.connect(f"{(data / FILE_NAME).as_uri()}?mode=ro", uri=True)
    (found,) = connection.execute("SELECT count(*) FROM tickets").fetchone()
    connection.close()
    if found != expected:
        raise RigError(f"{found} tickets, and not {expected}")
    return time.perf_counter() - started


def _told(job: dict[str, Any]) -> dict[str, Any]:
    done = subprocess.run(_WORKER, input=json.dumps(job).encode(), capture_output=True, check=False)
    if done.returncode:
        raise RigError(f"the report failed: {done.stderr.decode(errors='replace')[-500:]}")
    told: dict[str, Any] = json.loads(done.stdout)
    return told
