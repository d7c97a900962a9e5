"""The floors themselves: what disk and broker cost without any queue."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.branch import echo_target
from benchmarks.echo import RECORD
from benchmarks.load import Load, interleave
from benchmarks.report import Row
from benchmarks.rigging import FLOOR, FLOOR_SYNC, Rig
from benchmarks.stats import p50, p99


def run(rig: Rig) -> list[Row]:
    rows = _disk(rig.folder, rig.scaled(2000, 300))
    with (
        Load("echo", echo_target(rig.mqtt, FLOOR, 1)) as echo,
        Load("echo with fsync", echo_target(rig.mqtt, FLOOR_SYNC, 1)) as synced,
    ):
        measured = interleave({"echo": echo, "echo + fsync": synced}, rig.scaled(6, 2), 1.0, 1000)
    for name, result in measured.items():
        rows += [Row(f"{name} p50", p50(result.latencies_ms), "ms"), Row(f"{name} p99", p99(result.latencies_ms), "ms")]
    return rows


def _disk(folder: Path, rounds: int) -> list[Row]:
    """Append 512 bytes and sync, both ways in turn, each to a file of its own."""
    ways: dict[str, Callable[[int], None]] = {"fsync": os.fsync, "fdatasync": os.fdatasync}
    handles = {name: os.open(folder / f"{name}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) for name in ways}
    took_ms: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, sync in ways.items():
            started = time.perf_counter()
            os.write(handles[name], RECORD)
            sync(handles[name])
            took_ms[name].append((time.perf_counter() - started) * 1000)
    for handle in handles.values():
        os.close(handle)
    return [
        Row(f"{name} {label}", share(values), "ms")
        for name, values in took_ms.items()
        for label, share in (("p50", p50), ("p99", p99))
    ]
