"""The cloud on PostgreSQL: status of tickets, joins, events of branches, and 2,000 branches that wait."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select

from benchmarks.cloud.facts import Log, batches
from benchmarks.cloud.sky import Sky, checked, write_tokens
from benchmarks.report import Row, Target
from benchmarks.rig import Program, RigError, memory_mib
from benchmarks.rigging import Rig
from benchmarks.stats import p50, percentile
from cloud.store.tables import tickets
from foleni.ids import uuid7
from foleni.messages.sync import MOST_EVENTS

STATUS = Target("<=", 20, "ms")
EVENTS = Target(">=", 3000, "events/s")
_RATE = 500
_HALLS, _WAITING = 10, 100
_BRANCHES = 2000
_SENDERS = 4
_LIMIT_S = 600.0


def run(rig: Rig) -> list[Row]:
    rows: list[Row] = []
    with Sky() as sky:
        cloud, url = sky.process()
        rows += _status(rig, sky, url)
        rows += _joins(rig, sky, url)
        rows += _events(rig, sky, [url], "1")
        rows += _as_they_happen(rig, sky, [url], "one")
        _, second = sky.process()
        rows += _events(rig, sky, [url, second], "2")
        rows += _as_they_happen(rig, sky, [url, second], "two")
        rows += _waiting(rig, sky, cloud, url)
    return rows


def _status(rig: Rig, sky: Sky, url: str) -> list[Row]:
    """At a fixed rate, over tickets of several halls in which a hundred wait."""
    halls = sky.branches([f"hall-{number}" for number in range(1, _HALLS + 1)])
    _send(rig, [url], {name: (token, Log().joins(_WAITING)) for name, token in halls.items()})
    keys = sky.database.run_here(lambda connection: connection.execute(select(tickets.c.token)).scalars().all())
    count = _RATE * rig.scaled(20, 5)
    asks = [{"method": "GET", "path": f"/api/v1/tickets/{keys[number % len(keys)]}/status"} for number in range(count)]
    nothing = [{"method": "GET", "path": "/healthz"}] * (count // 4)
    _ask(rig, url, asks[: 2 * _RATE], _RATE)  # the first second of a process opens its connections
    floor = checked(_ask(rig, url, nothing, _RATE))
    ms = checked(_ask(rig, url, asks, _RATE))
    return [
        Row(f"ticket status p50 at {_RATE}/s (floor: an answer that does nothing)", p50(ms), "ms", p50(floor)),
        Row(f"ticket status p95 at {_RATE}/s", percentile(ms, 0.95), "ms", percentile(floor, 0.95), STATUS),
    ]


def _joins(rig: Rig, sky: Sky, url: str) -> list[Row]:
    """Everybody joins once, at branches that answer at once: as fast as the cloud can."""
    tokens = sky.branches([f"join-{number}" for number in range(1, _HALLS + 1)])
    people = sky.people(rig.scaled(2000, 400))
    names = list(tokens)
    asks = [
        {
            "method": "POST", "path": f"/api/v1/queues/{names[number % _HALLS]}/join",
            "body": {"service": "cash"}, "token": token,
        }
        for number, token in enumerate(people)
    ]  # fmt: skip
    crowd = _crowd(rig, url, tokens)
    try:
        told = _ask(rig, url, asks, 0, 16)
    finally:
        crowd.stop()
    ms = checked(told)
    return [
        Row("joins through the cloud a second", len(ms) / told["took_s"], "joins/s"),
        Row("join through the cloud p50, 16 at once", p50(ms), "ms"),
    ]


def _events(rig: Rig, sky: Sky, urls: Sequence[str], name: str) -> list[Row]:
    """Branches that hand in their logs as fast as they are taken, shared out over the processes."""
    tokens = sky.branches([f"log-{name}-{number}" for number in range(1, _SENDERS + 1)])
    each = rig.scaled(2500, 500)
    logs = {branch: (token, list(Log().served(each))) for branch, token in tokens.items()}
    took_s = _send(rig, urls, logs)
    taken = sum(len(events) for _, events in logs.values()) / took_s
    target = EVENTS if len(urls) == 1 else None
    return [Row(f"events taken in a second, {len(urls)} process{'es' * (len(urls) > 1)}", taken, "events/s", None, target)]


def _as_they_happen(rig: Rig, sky: Sky, urls: Sequence[str], name: str) -> list[Row]:
    """Many branches that tell each event by itself, as on any day: what counts then is the transactions."""
    tokens = sky.branches([f"day-{name}-{number}" for number in range(1, _SENDERS * 4 + 1)])
    logs = {branch: (token, list(Log().served(rig.scaled(60, 15)))) for branch, token in tokens.items()}
    taken = sum(len(events) for _, events in logs.values()) / _send(rig, urls, logs, 1)
    return [Row(f"events taken in a second one by one, {len(urls)} process{'es' * (len(urls) > 1)}", taken, "events/s")]


def _waiting(rig: Rig, sky: Sky, cloud: Program, url: str) -> list[Row]:
    """2,000 long polls on one process, and what they cost it; while they wait one join goes to one of them."""
    count = rig.scaled(_BRANCHES, 200)
    tokens = sky.branches([f"poll-{number}" for number in range(1, count + 1)])
    before, _ = memory_mib(cloud.pid)
    crowd = _crowd(rig, url, tokens)
    try:
        after, _ = memory_mib(cloud.pid)
        people = sky.people(20)
        asks = [
            {"method": "POST", "path": f"/api/v1/queues/poll-{number + 1}/join", "body": {"service": "cash"},
             "token": token}
            for number, token in enumerate(people)
        ]  # fmt: skip
        ms = checked(_ask(rig, url, asks, 4))
    finally:
        crowd.stop()
    return [
        Row(f"memory with {count:,} branches in long poll (floor: with none)", after, "MiB", before),
        Row(f"memory for each of {count:,} branches in long poll", (after - before) * 1024 / count, "KiB"),
        Row(f"join p50 while {count:,} branches wait", p50(ms), "ms"),
    ]


def _send(rig: Rig, urls: Sequence[str], logs: dict[str, tuple[str, list[dict[str, Any]]]], size: int = MOST_EVENTS) -> float:
    """Hands in whole logs, each branch over a connection of its own; how long it took, in seconds."""
    senders = []
    for number, (branch, (token, events)) in enumerate(logs.items()):
        path = rig.folder / f"{branch}.events"
        body = [json.dumps({"method": "POST", "path": f"/api/v1/sync/{branch}/events", "body": part, "token": token})
                for part in batches(events, size)]  # fmt: skip
        path.write_text("\n".join(body))
        senders.append((urls[number % len(urls)], path))
    programs = [_load(url, path, 0, 1) for url, path in senders]
    return max(float(_ended(program)["took_s"]) for program in programs)


def _ask(rig: Rig, url: str, asks: list[dict[str, Any]], rate: float, connections: int = 50) -> dict[str, Any]:
    path = rig.folder / f"asks-{uuid7()}"
    path.write_text("\n".join(json.dumps(ask) for ask in asks))
    return _ended(_load(url, path, rate, connections))


def _load(url: str, asks: Path, rate: float, connections: int) -> Program:
    command = [sys.executable, "-m", "benchmarks.cloud.callers", "--url", url, "--asks", str(asks), "--rate", str(rate)]
    return Program("callers", [*command, "--connections", str(connections)])


def _ended(program: Program) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(program.hear(_LIMIT_S))
    program.stop()
    if told["faults"]:
        raise RigError(f"the cloud refused: {told['faults']}")
    return told


def _crowd(rig: Rig, url: str, tokens: dict[str, str]) -> Program:
    """Branches that wait for commands, all in one process."""
    file = write_tokens(rig.folder / f"tokens-{uuid7()}", tokens)
    command = [sys.executable, "-m", "benchmarks.cloud.branches", "--url", url, "--tokens", str(file)]
    crowd = Program("branches", command, subprocess.PIPE)
    try:
        crowd.hear(_LIMIT_S)
    except RigError:
        crowd.stop()
        raise
    return crowd
