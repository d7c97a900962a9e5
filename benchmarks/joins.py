"""Joins: how long a customer waits for a number, and how many numbers a second the branch gives."""

from benchmarks.branch import BranchServer, echo_target
from benchmarks.load import Load, Measured, interleave
from benchmarks.report import Row, Target
from benchmarks.rig import RigError
from benchmarks.rigging import FLOOR, FLOOR_SYNC, Rig
from benchmarks.stats import p50, p99

DEVICES = (1, 8, 32, 100)
LATENCY_P50, LATENCY_P99 = Target("<=", 1.5), Target("<=", 2.0)
THROUGHPUT = Target(">=", 0.7)


def run(rig: Rig) -> list[Row]:
    with rig.branch_server() as server:
        rows = _latency(rig, server)
        for devices in DEVICES:
            rows += _throughput(rig, server, devices)
    return rows


def _latency(rig: Rig, server: BranchServer) -> list[Row]:
    """One device, one join at a time, against an echo that also syncs once for each answer."""
    with (
        Load("floor", echo_target(rig.mqtt, FLOOR_SYNC, 1)) as floor,
        Load("branch", server.kiosks(1)) as branch,
    ):
        measured = interleave({"floor": floor, "branch": branch}, rig.scaled(10, 3), 1.0, rig.scaled(400, 200))
    ours, floors = checked(measured["branch"]).latencies_ms, measured["floor"].latencies_ms
    return [
        Row("join p50, 1 device (floor: echo + fsync)", p50(ours), "ms", p50(floors), LATENCY_P50),
        Row("join p99, 1 device (floor: echo + fsync)", p99(ours), "ms", p99(floors), LATENCY_P99),
    ]


def _throughput(rig: Rig, server: BranchServer, devices: int) -> list[Row]:
    """Against both echoes: a lone device cannot reach 0.7 of one that never syncs, because each join waits for the disk."""
    with (
        Load("floor", echo_target(rig.mqtt, FLOOR, devices)) as floor,
        Load("synced", echo_target(rig.mqtt, FLOOR_SYNC, devices)) as synced,
        Load("branch", server.kiosks(devices)) as branch,
    ):
        loads = {"floor": floor, "synced": synced, "branch": branch}
        measured = interleave(loads, rig.scaled(5, 2), 1.0, rig.scaled(1500, 800))
    ours = checked(measured["branch"]).per_second
    return [
        Row(f"joins/s, {devices} devices (floor: echo)", ours, "/s", measured["floor"].per_second, THROUGHPUT),
        Row(f"joins/s, {devices} devices (floor: echo + fsync)", ours, "/s", measured["synced"].per_second),
    ]


def checked(measured: Measured) -> Measured:
    """The same, if every join was answered with a number; raises `RigError` otherwise."""
    if measured.lost or measured.refused or not measured.latencies_ms:
        raise RigError(f"{measured.lost} joins without an answer, {measured.refused} refused")
    return measured
