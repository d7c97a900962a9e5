"""A long history: what a million tickets of the past cost in latency, start-up and memory. The floor is no history."""

import time
from contextlib import ExitStack

from benchmarks.branch import SERVICES, BranchServer, Size
from benchmarks.fill import fill_history
from benchmarks.joins import checked
from benchmarks.load import Load, interleave
from benchmarks.report import Row, Target
from benchmarks.rig import memory_mib
from benchmarks.rigging import Rig
from benchmarks.stats import p50, p99
from benchmarks.talk import Talk, console, open_with_tickets
from foleni.sim.client import Poller
from foleni.times import Instant

COUNTER = "c1"
LATENCY = Target("<=", 1.1)
START_UP = Target("<=", 2, "s")
MEMORY = Target("<=", 150, "MiB")


def run(rig: Rig) -> list[Row]:
    tickets = rig.scaled(1_000_000, 20_000)
    young, old = (rig.branch_server(branch, Size(kiosks=4)) for branch in ("young", "old"))
    with young:
        pass
    fill_history(old.data, old.setup, tickets, Instant(time.time_ns() // 1000))
    rows = _start_up(young, old, rig.scaled(5, 2))
    with young, old:
        rows += _joins(rig, young, old) + _calls(rig, young, old) + _memory(young, old)
    return [Row(f"{row.name}, {tickets:,} tickets of history", row.value, row.unit, row.floor, row.target) for row in rows]


def _start_up(young: BranchServer, old: BranchServer, rounds: int) -> list[Row]:
    took: dict[str, list[float]] = {young.branch: [], old.branch: []}
    for _ in range(rounds):
        for server in (young, old):
            with server:
                took[server.branch].append(server.start_s)
    return [Row("start-up p50", p50(took[old.branch]), "s", p50(took[young.branch]), START_UP)]


def _joins(rig: Rig, young: BranchServer, old: BranchServer) -> list[Row]:
    with Load("young", young.kiosks(1)) as floor, Load("old", old.kiosks(1)) as branch:
        measured = interleave({"young": floor, "old": branch}, rig.scaled(8, 2), 1.0, rig.scaled(300, 150))
    ours, floors = checked(measured["old"]).latencies_ms, checked(measured["young"]).latencies_ms
    return [
        Row("join p50", p50(ours), "ms", p50(floors), LATENCY),
        Row("join p99", p99(ours), "ms", p99(floors), LATENCY),
    ]


def _calls(rig: Rig, young: BranchServer, old: BranchServer) -> list[Row]:
    """Calls of both in turn; milliseconds to the answer."""
    rounds = rig.scaled(400, 100)
    took: dict[str, list[float]] = {young.branch: [], old.branch: []}
    poller = Poller()
    with ExitStack() as stack:
        stack.callback(poller.close)
        talks: list[tuple[str, Talk]] = [(server.branch, console(poller, server)) for server in (young, old)]
        for _, talk in talks:
            open_with_tickets(talk, COUNTER, rounds, SERVICES)
        for _ in range(rounds):
            for branch, talk in talks:
                took[branch].append(talk.call(COUNTER)[0])
    ours, floors = took[old.branch], took[young.branch]
    return [Row("call p50", p50(ours), "ms", p50(floors), LATENCY), Row("call p99", p99(ours), "ms", p99(floors), LATENCY)]


def _memory(young: BranchServer, old: BranchServer) -> list[Row]:
    floors, ours = memory_mib(young.pid), memory_mib(old.pid)
    return [Row(name, ours[place], "MiB", floors[place], MEMORY) for place, name in enumerate(("RSS", "PSS"))]
