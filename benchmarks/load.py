"""Load: many devices, each with a client of its own, spread over a few processes; every round trip is recorded.

`python -m benchmarks.load` is a worker. On standard input it reads one JSON line, a `Target`, then `run SECONDS COUNT` lines.
The same generator drives the echo and the branch server, in bounded slices, so that both meet the same noise.
"""

import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Self

import paho.mqtt.client as mqtt

from benchmarks.rig import Program
from foleni.ids import Uuid7
from foleni.sim.client import Address, Connection, Poller
from foleni.times import to_wire
from foleni.topics import Topics

MAX_PROCESSES = 4
MAX_SLICE_S = 60.0
REPLY_LIMIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Account:
    """A device and the broker address that it uses."""

    device: str
    mqtt: str


@dataclass(frozen=True, slots=True)
class Target:
    """What a load asks: joins of `services` in turn, at one branch."""

    branch: str
    services: tuple[str, ...]
    accounts: tuple[Account, ...]
    in_flight: int = 1


@dataclass(slots=True)
class Measured:
    """Round trips in milliseconds, and the time that they took together. `lost` were never answered."""

    latencies_ms: list[float] = field(default_factory=list)
    elapsed_s: float = 0.0
    lost: int = 0
    refused: int = 0

    def add(self, other: "Measured") -> None:
        """Take in a later slice."""
        self.latencies_ms += other.latencies_ms
        self.elapsed_s += other.elapsed_s
        self.lost += other.lost
        self.refused += other.refused

    @property
    def per_second(self) -> float:
        return len(self.latencies_ms) / self.elapsed_s if self.elapsed_s else 0.0


class Load:
    """Workers that stay connected between slices. Use as a context manager."""

    def __init__(self, name: str, target: Target, processes: int = MAX_PROCESSES) -> None:
        shares = [target.accounts[start::processes] for start in range(min(processes, len(target.accounts)))]
        self._workers = [
            Program(f"load {name} {number}", [sys.executable, "-m", "benchmarks.load"], stdin=subprocess.PIPE)
            for number in range(len(shares))
        ]
        for worker, share in zip(self._workers, shares, strict=True):
            worker.tell(json.dumps(asdict(target) | {"accounts": [asdict(account) for account in share]}))
        for worker in self._workers:
            worker.hear(30)

    @property
    def pids(self) -> list[int]:
        return [worker.pid for worker in self._workers]

    def slice(self, seconds: float, count: int = 1_000_000) -> Measured:
        """One bounded stretch of load: at most `seconds`, at most `count` round trips for each process."""
        for worker in self._workers:
            worker.tell(f"run {min(seconds, MAX_SLICE_S)} {count}")
        answers = [json.loads(worker.hear(seconds + REPLY_LIMIT_S + 30)) for worker in self._workers]
        return Measured(
            [latency for answer in answers for latency in answer["latencies_ms"]],
            max(answer["elapsed_s"] for answer in answers),
            sum(answer["lost"] for answer in answers),
            sum(answer["refused"] for answer in answers),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.stop()


def interleave(loads: Mapping[str, Load], slices: int, seconds: float, count: int = 1_000_000) -> dict[str, Measured]:
    """Slices of each load in turn, A B A B, summed by name; the first round only warms up."""
    sums = {name: Measured() for name in loads}
    for load in loads.values():
        load.slice(min(seconds, 0.5), count)
    for _ in range(slices):
        for name, load in loads.items():
            sums[name].add(load.slice(seconds, count))
    return sums


class _Device:
    """A closed loop: each answer lets the next join go, while the slice lasts."""

    def __init__(self, poller: Poller, account: Account, target: Target, new_id: Uuid7) -> None:
        topics = Topics(target.branch)
        self.asked: dict[str, float] = {}
        self.latencies_ms: list[float] = []
        self.refused = 0
        self._device = account.device
        self._services = target.services
        self._turn = 0
        self._new_id = new_id
        self._topic = topics.commands(account.device)
        self._until = 0.0
        self._left = 0
        self.connection = Connection(
            poller, Address.parse(account.mqtt), f"load-{target.branch}-{account.device}",
            [topics.replies(account.device)], self._answered,
        )  # fmt: skip
        self.connection.connect()

    def begin(self, until: float, count: int, in_flight: int) -> None:
        self._until, self._left = until, count
        self.asked, self.latencies_ms, self.refused = {}, [], 0
        for _ in range(in_flight):
            self._ask()

    def _ask(self) -> None:
        now = time.perf_counter()
        if self._left <= 0 or now >= self._until:
            return
        self._left -= 1
        self._turn += 1
        command = self._new_id()
        service = self._services[self._turn % len(self._services)]
        payload = (
            f'{{"id":"{command}","type":"join","actor":"{self._device}","at":"{to_wire(time.time_ns() // 1000)}",'
            f'"service":"{service}","channel":"kiosk"}}'
        )
        self.asked[command] = time.perf_counter()
        self.connection.publish(self._topic, payload.encode())

    def _answered(self, message: mqtt.MQTTMessage) -> None:
        now = time.perf_counter()
        reply = json.loads(message.payload)
        asked = self.asked.pop(reply.get("command") or reply.get("id"), None)
        if asked is not None:
            self.latencies_ms.append((now - asked) * 1000)
            self.refused += reply.get("ok") is False
            self._ask()


def _run_slice(poller: Poller, devices: Sequence[_Device], seconds: float, count: int, in_flight: int) -> Measured:
    started = time.perf_counter()
    for device in devices:
        device.begin(started + seconds, -(-count // len(devices)), in_flight)
    poller.run_until(lambda: not any(device.asked for device in devices), seconds + REPLY_LIMIT_S)
    return Measured(
        [round(latency, 4) for device in devices for latency in device.latencies_ms],
        time.perf_counter() - started,
        sum(len(device.asked) for device in devices),
        sum(device.refused for device in devices),
    )


def main() -> int:
    """A worker; its lines on standard output are `ready` and one JSON object for each slice."""
    plan = json.loads(sys.stdin.readline())
    accounts = tuple(Account(**account) for account in plan.pop("accounts"))
    target = Target(plan["branch"], tuple(plan["services"]), accounts, plan["in_flight"])
    poller, new_id = Poller(), Uuid7()
    devices = [_Device(poller, account, target, new_id) for account in accounts]
    if not poller.run_until(lambda: all(device.connection.ready for device in devices), 20):
        faults = {device.connection.fault for device in devices if not device.connection.ready}
        print(f"load: no connection: {', '.join(faults)}", file=sys.stderr)
        return 2
    print("ready", flush=True)
    for line in sys.stdin:
        _, seconds, count = line.split()
        measured = _run_slice(poller, devices, float(seconds), int(count), target.in_flight)
        print(json.dumps(asdict(measured)), flush=True)
    poller.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
