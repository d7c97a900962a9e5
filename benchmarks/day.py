"""A whole day at full speed, as `foleni-sim` plays it."""

import json
import sys
from pathlib import Path

from benchmarks.branch import CONSOLE, BranchServer, Size, echo_target
from benchmarks.load import Load
from benchmarks.report import Row
from benchmarks.rig import Program, RigError
from benchmarks.rigging import FLOOR, Rig

IN_FLIGHT = 64
DAY_LIMIT_S = 120.0


def run(rig: Rig) -> list[Row]:
    """5,000 tickets in parts, each followed by a slice of the echo with as many requests in flight."""
    parts, tickets = rig.scaled(5, 2), rig.scaled(1000, 200)
    answers, tickets_done, took_s, floor_s, echoes = 0.0, 0.0, 0.0, 0.0, 0
    with (
        rig.branch_server(size=Size(kiosks=4, counters=12)) as server,
        Load("floor", echo_target(rig.mqtt, FLOOR, 1, IN_FLIGHT)) as floor,
    ):
        for part in range(parts):
            played = _play(rig, server, tickets, seed=part)
            echo = floor.slice(2.0, 5000)
            answers, tickets_done = answers + played["answers"], tickets_done + played["issued"]
            took_s, floor_s, echoes = took_s + played["elapsed_s"], floor_s + echo.elapsed_s, echoes + len(echo.latencies_ms)
    return [
        Row(f"a day of {tickets_done:.0f} tickets, commands/s (floor: echo)", answers / took_s, "/s", echoes / floor_s),
        Row(f"a day of {tickets_done:.0f} tickets, tickets/s", tickets_done / took_s, "/s"),
    ]


def _play(rig: Rig, server: BranchServer, tickets: int, seed: int) -> dict[str, float]:
    """The simulator's figures; raises `RigError` where it saw the contract broken."""
    figures = Path(rig.folder / f"day-{seed}.json")
    account = server.account(CONSOLE)
    program = Program("foleni-sim", [
        sys.executable, "-m", "foleni.sim", "--mqtt", account.mqtt, "--branch", server.branch, "--device", account.device,
        "--tickets", str(tickets), "--hours", "2", "--service-time", "60", "--seed", str(seed),
        "--pace", "max", "--window", str(IN_FLIGHT), "--json", str(figures),
    ])  # fmt: skip
    try:
        status = program.wait(DAY_LIMIT_S)
    finally:
        program.stop()
    played: dict[str, float] = json.loads(figures.read_text()) if figures.exists() else {}
    if status != 0:
        raise RigError(f"foleni-sim ended with {status}: {played.get('contradictions', 'no figures')}")
    return played
