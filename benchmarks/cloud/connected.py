"""A real branch in step with a cloud on PostgreSQL: a join from far away, what a phone sees of the hall, and a long backlog."""

import asyncio
import time
from contextlib import ExitStack
from typing import Any

from sqlalchemy import func, select

from benchmarks.branch import BranchServer, Size
from benchmarks.cloud.sky import Sky
from benchmarks.cloud.wire import Caller
from benchmarks.fill import fill_history
from benchmarks.report import Row, Target
from benchmarks.rig import RigError
from benchmarks.rigging import Rig
from benchmarks.stats import p50, p99, percentile
from benchmarks.talk import Talk, console, open_with_tickets
from branch_server.adapters.db.connections import readers_of
from branch_server.adapters.db.tables import events
from cloud.store.tables import pulses
from foleni.sim.client import Poller
from foleni.times import Instant

JOIN = Target("<=", 150, "ms")
SEEN = Target("<=", 500, "ms")
_COUNTER, _SERVICE = "c1", "cash"
_EVENTS_A_TICKET = 3
_LIMIT_S = 900.0
_LOOK_S = 0.1
_SEEN_LIMIT_S = 10.0


def run(rig: Rig) -> list[Row]:
    with Sky() as sky, ExitStack() as stack:
        _, url = sky.process()
        [(name, token)] = sky.branches(["far"]).items()
        server = stack.enter_context(rig.branch_server(name, Size(kiosks=4)).with_cloud(url, token))
        _wait_until(lambda: _acked(sky, name) > 0, "the branch never met the cloud")
        rows = _joins(rig, sky, server, url)
        rows += _seen(rig, sky, server, url)
        return rows + _backlog(rig, sky, url)


def _joins(rig: Rig, sky: Sky, server: BranchServer, url: str) -> list[Row]:
    """Somebody far away joins; until the branch's number is on the phone. The floor is the same join at the kiosk."""
    people = sky.people(rig.scaled(200, 40))
    here = Talk(Poller(), server.account("kiosk-1"), server.branch, "here")
    near, far = [], []

    async def play() -> None:
        for token in people:
            caller = Caller(url, token)
            begun = time.perf_counter()
            status, told = await caller.ask("POST", f"/api/v1/queues/{server.branch}/join", {"service": _SERVICE})
            far.append((time.perf_counter() - begun) * 1000)
            caller.close()
            if status not in {200, 201} or told.get("provisional") or not told.get("number"):
                raise RigError(f"a join from far away: {status} {told}")
            near.append(here.ask(type="join", service=_SERVICE, channel="kiosk")[1])

    asyncio.run(play())
    return [
        Row("remote join to number p50 (floor: at the kiosk)", p50(far), "ms", p50(near), JOIN),
        Row("remote join to number p99 (floor: at the kiosk)", p99(far), "ms", p99(near)),
    ]


def _seen(rig: Rig, sky: Sky, server: BranchServer, url: str) -> list[Row]:
    """From the press of a button at a counter to the phone of the last in the queue, which shows one person less ahead."""
    poller = Poller()
    desk = console(poller, server)
    open_with_tickets(desk, _COUNTER, rig.scaled(200, 40), (_SERVICE,))
    [token] = sky.people(1)

    async def play() -> list[float]:
        _, told = await Caller(url, token).ask("POST", f"/api/v1/queues/{server.branch}/join", {"service": _SERVICE})
        took = []
        stream = Caller(url, token).events(f"/api/v1/tickets/{told['token']}/stream")
        ahead = (await _next_ahead(stream, None)) or 0
        for _ in range(rig.scaled(100, 20)):
            begun = time.perf_counter()
            desk.call(_COUNTER)
            ahead = await asyncio.wait_for(_next_ahead(stream, ahead), _SEEN_LIMIT_S)
            took.append((time.perf_counter() - begun) * 1000)
        return took

    took = asyncio.run(play())
    return [
        Row("button at the branch to the phone's screen p50", p50(took), "ms"),
        Row("button at the branch to the phone's screen p95", percentile(took, 0.95), "ms", None, SEEN),
    ]


async def _next_ahead(stream: Any, before: int | None) -> int:
    """How many are ahead, as soon as it is another number than before."""
    async for told in stream:
        ahead = told.get("ahead")
        if ahead is not None and ahead != before:
            return int(ahead)
    raise RigError("the ticket's stream ended")


def _backlog(rig: Rig, sky: Sky, url: str) -> list[Row]:
    """A branch that was without the cloud for long: until the cloud has every event of it."""
    [(name, token)] = sky.branches(["long-away"]).items()
    server = rig.branch_server(name, Size(kiosks=1)).with_cloud(url, token)
    wanted = rig.scaled(100_000, 8_000)
    fill_history(server.data, server.setup, wanted // _EVENTS_A_TICKET, Instant(time.time_ns() // 1000))
    count = _last_event(server)
    with server:
        begun = time.perf_counter()
        _wait_until(lambda: _acked(sky, name) >= count, "the backlog was never taken in")
        took_s = time.perf_counter() - begun
    return [Row(f"drain of a backlog of {count:,} events", took_s, "s"), Row("the same a second", count / took_s, "events/s")]


def _last_event(server: BranchServer) -> int:
    with readers_of(server.data).connect() as connection:
        return int(connection.execute(select(func.max(events.c.seq))).scalar_one())


def _acked(sky: Sky, branch: str) -> int:
    wanted = select(pulses.c.acked).where(pulses.c.branch == branch)
    return int(sky.database.run_here(lambda connection: connection.execute(wanted).scalar_one()))


def _wait_until(condition: Any, otherwise: str) -> None:
    deadline = time.perf_counter() + _LIMIT_S
    while not condition():
        if time.perf_counter() > deadline:
            raise RigError(otherwise)
        time.sleep(_LOOK_S)
