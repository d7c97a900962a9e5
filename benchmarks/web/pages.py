"""The web side under load: 50 consoles and 20 displays look on while 8 counters work at 200 actions a minute."""

import json
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from typing import Self

import psutil

from benchmarks.branch import SERVICES, BranchServer, Size
from benchmarks.report import Row, Target
from benchmarks.rig import Program, RigError, memory_mib
from benchmarks.rigging import Rig
from benchmarks.stats import p50, p99, percentile
from benchmarks.talk import Talk
from benchmarks.web.clerks import Clerk
from foleni.sim.client import Poller

CONSOLES, DISPLAYS, COUNTERS = 50, 20, 8
ACTIONS_A_MINUTE = 200
_CLICK_EVERY_S = 60 / ACTIONS_A_MINUTE
_JOIN_EVERY_S = 0.1
_LOOK_S = 0.25
_READS = ("/api/v1/board", "/api/v1/services", "/api/v1/counters")
CLICK, READ, JOIN, MEMORY = Target("<=", 150, "ms"), Target("<=", 20, "ms"), Target("<=", 2.0), Target("<=", 250, "MiB")


def run(rig: Rig) -> list[Row]:
    with ExitStack() as stack:
        server = stack.enter_context(rig.branch_server(size=Size(4, COUNTERS, people=COUNTERS)).with_web())
        clerks = _clerks(server)
        calm = _paced_joins(server, "calm", rig.scaled(300, 100))
        crowd = _crowd(server, clerks[0].cookie)
        stack.callback(crowd.stop)
        clicks = _clicks(crowd, clerks, rig.scaled(120, 30))
        work = stack.enter_context(_Work(clerks))
        busy = _paced_joins(server, "busy", rig.scaled(300, 100))
        reads, nothing = _reads(Clerk(server.url, "clerk-1"), rig.scaled(400, 100))
        work.check()
        sizes = [memory_mib(process.pid) for process in _family(server.pid)]
    return [
        Row("click to the last of 70 screens p50", p50(clicks), "ms"),
        Row("click to the last of 70 screens p95", _p95(clicks), "ms", None, CLICK),
        Row("API reads p50 (floor: an answer that does nothing)", p50(reads), "ms", p50(nothing)),
        Row(
            "API reads p95 (floor: an answer that does nothing)", percentile(reads, 0.95), "ms", percentile(nothing, 0.95), READ
        ),
        Row("join p50 while all look on (floor: nobody does)", p50(busy), "ms", p50(calm)),
        Row("join p99 while all look on (floor: nobody does)", p99(busy), "ms", p99(calm), JOIN),
        Row("branch server and web side, RSS", sum(rss for rss, _ in sizes), "MiB", None, MEMORY),
        Row("branch server and web side, PSS", sum(pss for _, pss in sizes), "MiB"),
    ]


def _clerks(server: BranchServer) -> list[Clerk]:
    """One at each counter, which is open, and somebody waits."""
    clerks = [Clerk(server.url, f"clerk-{number}") for number in range(1, COUNTERS + 1)]
    for number, clerk in enumerate(clerks, 1):
        clerk.ask("POST", f"/api/v1/counters/c{number}/open", {"staff": f"clerk-{number}"})
        for service in SERVICES:
            clerk.ask("POST", "/api/v1/tickets", {"service": service, "channel": "staff"})
    return clerks


def _crowd(server: BranchServer, cookie: str) -> Program:
    """70 open pages in a process of their own."""
    consoles = [f"/api/v1/console/stream?counter=c{number % COUNTERS + 1}" for number in range(CONSOLES)]
    command = [sys.executable, "-m", "benchmarks.web.crowd", "--url", server.url, "--cookie", cookie]
    crowd = Program("crowd", [*command, *consoles, *["/display/stream"] * DISPLAYS], subprocess.PIPE)
    told = json.loads(crowd.hear(20))
    if told["open"] != CONSOLES + DISPLAYS:
        crowd.stop()
        raise RigError(f"only {told['open']} pages could be opened: {told['faults']}")
    return crowd


def _paced_joins(server: BranchServer, name: str, count: int) -> list[float]:
    """Joins of one kiosk over MQTT, ten a second, as a busy hall has them; each in ms."""
    poller = Poller()
    talk = Talk(poller, server.account("kiosk-1"), server.branch, f"paced-{name}")
    latencies = []
    for number in range(count):
        due = time.perf_counter() + _JOIN_EVERY_S
        reply, took_ms = talk.ask(type="join", service=SERVICES[number % len(SERVICES)], channel="kiosk")
        if not reply.get("ok"):
            raise RigError(f"a join was refused: {reply}")
        latencies.append(took_ms)
        time.sleep(max(0.0, due - time.perf_counter()))
    return latencies


def _clicks(crowd: Program, clerks: list[Clerk], count: int) -> list[float]:
    """Clicks at the pace of the counters; each in ms until the last page had a new picture."""
    took = []
    for click in range(count):
        since = time.perf_counter()
        _act(clerks, click)
        time.sleep(_LOOK_S)
        crowd.tell(f"since {since}")
        after = json.loads(crowd.hear(5))["after_ms"]
        missing = sum(one is None for one in after)
        if missing:
            raise RigError(f"{missing} pages had no new picture within {_LOOK_S} s")
        took.append(float(max(after)))
        time.sleep(max(0.0, since + _CLICK_EVERY_S - time.perf_counter()))
    return took


class _Work:
    """The counters at work in the background."""

    def __init__(self, clerks: list[Clerk]) -> None:
        self._clerks = clerks
        self._over = threading.Event()
        self._fault: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="work", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def check(self) -> None:
        """Raises what has gone wrong."""
        if self._fault is not None:
            raise self._fault

    def _run(self) -> None:
        click = 0
        while not self._over.wait(_CLICK_EVERY_S) and self._fault is None:
            try:
                _act(self._clerks, click)
            except (RigError, OSError) as error:
                self._fault = error
            click += 1


def _act(clerks: list[Clerk], click: int) -> None:
    """The next number at one counter: it changes what every screen shows."""
    counter = click % len(clerks)
    clerks[counter].ask("POST", f"/api/v1/counters/c{counter + 1}/call-next", {})


def _reads(clerk: Clerk, count: int) -> tuple[list[float], list[float]]:
    """Reads of the API in turns with an answer that does nothing; each in ms."""
    reads, nothing = [], []
    for number in range(count):
        reads.append(clerk.ask("GET", _READS[number % len(_READS)])[1])
        nothing.append(clerk.ask("GET", "/healthz")[1])
    return reads, nothing


def _family(pid: int) -> list[psutil.Process]:
    """The branch server and its web side, without the broker."""
    server = psutil.Process(pid)
    return [server, *(child for child in server.children(recursive=True) if "python" in child.name())]


def _p95(values: list[float]) -> float:
    return percentile(values, 0.95)
