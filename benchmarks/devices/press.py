"""From a press on the serial line to the board on MQTT, and to the picture on the TV."""

import json
import random
import time
from contextlib import ExitStack
from dataclasses import dataclass

import paho.mqtt.client as mqtt

from benchmarks.branch import SERVICES
from benchmarks.devices.board import NewestNumber
from benchmarks.devices.hall import TV_SIZE, Hall, hall, running
from benchmarks.devices.screen import screen
from benchmarks.devices.units import Units, units
from benchmarks.load import Account
from benchmarks.report import Row, Target
from benchmarks.rig import RigError
from benchmarks.rigging import FLOOR_SYNC, Rig
from benchmarks.stats import p50, p99
from benchmarks.talk import Talk
from foleni.sim.client import Address, Connection
from foleni.topics import Topics

TARGET = Target("<=", 150, "ms")
UNITS = 4
"""Each is pressed less often than a person could."""
_EVERY_S = 0.26
_LOOK_S = 0.001
_SEEN_S = 10.0
_CALM_S = 20.0


def run(rig: Rig) -> list[Row]:
    """The press is the key that goes down, so that the wait for the unit's turn on its line counts. In turns with it one
    round trip of the echo that syncs.
    """
    rounds = rig.scaled(600, 60)
    with ExitStack() as stack:
        inside = stack.enter_context(hall(rig, counters=UNITS))
        for number in range(rounds + 2 * UNITS):
            inside.desk.ask(type="join", service=SERVICES[number % len(SERVICES)], channel="staff")
        window = stack.enter_context(screen(inside.folder, *TV_SIZE))
        stack.enter_context(running(inside.tv(window), "foleni-display"))
        pads = stack.enter_context(units(inside.folder / "line", UNITS))
        stack.enter_context(running(inside.agent(pads.path, UNITS), "foleni-counter"))
        pads.wait_heard()
        watch = _Watch(inside)
        for unit in range(1, UNITS + 1):
            watch.press(pads, unit)
        watch.newest = NewestNumber.found(window.pixels, _CALM_S)
        floor = Talk(inside.poller, Account("desk", rig.mqtt), FLOOR_SYNC, "press-floor")
        seen = [_round(watch, pads, floor, number % UNITS + 1) for number in range(rounds)]
    return _rows(seen)


@dataclass(frozen=True, slots=True)
class Seen:
    """Milliseconds."""

    board: float
    picture: float
    floor: float


def _round(watch: "_Watch", pads: Units, floor: Talk, unit: int) -> Seen:
    began = time.perf_counter()
    echo = floor.ask(type="call_next", counter=f"c{unit}")[1]
    watch.rest(random.uniform(0.0, 0.05))
    board, picture = watch.press(pads, unit)
    watch.rest(began + _EVERY_S - time.perf_counter())
    return Seen(board, picture, echo)


def _rows(seen: list[Seen]) -> list[Row]:
    boards, pictures, floors = ([getattr(each, name) for each in seen] for name in ("board", "picture", "floor"))
    floor = "floor: echo + fsync"
    return [
        Row(f"press to board p50 ({floor})", p50(boards), "ms", p50(floors)),
        Row(f"press to board p99 ({floor})", p99(boards), "ms", p99(floors)),
        Row("press to picture on the TV p50 (floor: press to board)", p50(pictures), "ms", p50(boards)),
        Row("press to picture on the TV p99 (floor: press to board)", p99(pictures), "ms", p99(boards), TARGET),
    ]


class _Watch:
    """Looks at the board's topic and at the TV's picture at once."""

    def __init__(self, inside: Hall) -> None:
        self.newest: NewestNumber | None = None
        self._poller = inside.poller
        self._tickets: dict[str, str] = {}
        self._awaited = ""
        self._came = 0.0
        account = inside.server.account("desk")
        board = Topics(inside.server.branch).board
        self._connection = Connection(self._poller, Address.parse(account.mqtt), "press-watch", [board], self._heard)
        self._connection.connect()
        if not self._poller.run_until(lambda: self._connection.ready, _SEEN_S):
            raise RigError(f"press-watch: {self._connection.fault}")

    def press(self, pads: Units, unit: int) -> tuple[float, float]:
        """Milliseconds from the press to the board that has another ticket there, and to the picture of it."""
        self._awaited, self._came = f"c{unit}", 0.0
        if self.newest is not None:
            self.newest.remember()
        pressed = time.perf_counter()
        pads.press(unit)
        drawn = 0.0
        while not (self._came and drawn):
            now = time.perf_counter()
            if now - pressed > _SEEN_S:
                raise RigError(f"a press of unit {unit} did not come to the {'TV' if self._came else 'board'}: {pads.faces()}")
            if not drawn and (self.newest is None or self.newest.has_changed()):
                drawn = now
            self._poller.run_once(_LOOK_S)
        return (self._came - pressed) * 1000, (drawn - pressed) * 1000

    def rest(self, seconds: float) -> None:
        """Let time pass while messages are heard."""
        self._poller.run_until(lambda: False, max(0.0, seconds))

    def _heard(self, message: mqtt.MQTTMessage) -> None:
        calls = {call["counter"]: call["ticket"] for call in json.loads(message.payload)["calls"]}
        if not self._came and self._awaited and calls.get(self._awaited) != self._tickets.get(self._awaited):
            self._came = time.perf_counter()
        self._tickets = calls
