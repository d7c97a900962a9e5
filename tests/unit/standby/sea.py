"""Two servers and some devices in simulated time: clocks that drift, messages that are late or lost, cables that are cut."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count

from branch_server.standby.rules import Lease, Patience, Word
from foleni.messages.state import ServerStatus
from foleni.station.loyalty import Loyalty

PATIENCE_S = 15.0
DRIFT = 0.01
TICK_S = 0.5
_LOST_AFTER_S = 22.0
"""The longest until the end of a cut connection is noticed."""
_WAIT_S = 1.0
_TERM = {"p": 1, "s": 2}


@dataclass
class Node:
    """Somebody with a clock of his own."""

    rate: float
    offset: float

    def clock(self, now: float) -> float:
        return self.offset + now * self.rate


@dataclass
class Device(Node):
    name: str = ""
    loyalty: Loyalty = field(default_factory=lambda: Loyalty("p", 0.0, other="s", term=1))
    link: str = "p"
    """Where it is connected; empty where nowhere."""
    notices_at: float = float("inf")


class Sea:
    """`p` serves first, `s` follows and takes over by itself. `step` lets half a second pass."""

    def __init__(self, seed: int, devices: int) -> None:
        self.chance = random.Random(seed)
        self.now = 100.0
        self.cut: set[frozenset[str]] = set()
        self.most_late_s = 0.2
        self.loss = 0.0
        self.attach_chance = 0.3
        self.is_p_down = False
        self.s_serves = False
        self.takeovers = 0
        self._p, self._s = self._node(), self._node()
        self.lease, self.patience = Lease(), Patience(PATIENCE_S)
        self._pings_from = self._next_ping = 0.0
        self._acked_at = self._p.clock(self.now)
        self._attached = False
        self._post: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._asked: dict[str, list[float]] = {"p": [], "s": []}
        self.devices = [self._device(f"d{n}") for n in range(devices)]
        self._attach()

    @property
    def p_serves(self) -> bool:
        """As the hub asks at each answer."""
        return not self.is_p_down and self.lease.may_serve(self._p.clock(self.now))

    def step(self) -> None:
        self.now += TICK_S
        while self._post and self._post[0][0] <= self.now:
            heappop(self._post)[2]()
        self._servers()
        for device in self.devices:
            self._live(device)

    def _servers(self) -> None:
        local = self._p.clock(self.now)
        if self._attached and local - self._acked_at > 2 * _WAIT_S:
            self._attached = False
            self.lease.detach(local, self._names())
        if self.now >= self._next_ping:
            self._next_ping = self.now + 1.0
            if not self.is_p_down:
                self._ping(local) if self._attached else self._find_again()
                if not self._attached and self.p_serves:
                    self._probe("p")
            if self.patience.silent_s(self._s.clock(self.now)) > 2:
                self._probe("s")
        if not self.s_serves and self.patience.may_take_over(self._s.clock(self.now), 1, 0):
            self.s_serves, self.takeovers = True, self.takeovers + 1

    def _ping(self, sent_at: float) -> None:
        def arrives() -> None:
            if self.s_serves:
                return
            self.patience.agree(self._names())
            self.patience.heard(self._s.clock(self.now))
            self._send("s", "p", acknowledged)

        def acknowledged() -> None:
            if self._attached:
                self._acked_at = max(self._acked_at, sent_at)
                self.lease.acknowledged(sent_at)
                self.lease.agree(self._names())

        self._send("p", "s", arrives)

    def _find_again(self) -> None:
        """A new connection: a server that does not serve any more hears from the other that it may, or that it may not."""
        if not self._reaches("p", "s") or self.s_serves:
            return
        if self.lease.is_over:
            self.patience.behind()
            self.lease = Lease()
        elif self.chance.random() < self.attach_chance:
            self._attach()

    def _attach(self) -> None:
        """The last message of a catch-up may be lost, and then only one of the two thinks that they are attached."""
        self.lease.attach(self._names(), self._p.clock(self.now), is_strict=True)
        self._attached, self._acked_at = True, self._p.clock(self.now)
        self.patience.agree(self._names())
        if self.chance.random() >= self.loss:
            self.patience.attach(self._s.clock(self.now))

    def _probe(self, server: str) -> None:
        """Asks those that are connected; the answer counts from when it was asked for."""
        node = self._p if server == "p" else self._s
        asked_at = node.clock(self.now)
        serves = server == "p" or self.s_serves
        term = 1 if server == "p" or not self.s_serves else 2
        status = ServerStatus(online=serves, role="primary" if serves else "standby", term=term, probe=1)
        for device in self.devices:
            if device.link == server:
                self._ask(device, server, status, asked_at)

    def _ask(self, device: Device, server: str, status: ServerStatus, asked_at: float) -> None:
        def hears() -> None:
            if device.link != server:
                return
            device.loyalty.hears(status, device.clock(self.now))
            word = device.loyalty.witness(1, device.clock(self.now))
            self._send(
                device.name, server, answered(word.away_s, word.term), late_s=30.0 if self.chance.random() < 0.1 else None
            )

        def answered(away_s: float | None, term: int) -> Callable[[], None]:
            def arrives() -> None:
                if server == "s":
                    self.patience.says(device.name, Word(asked_at, away_s, term, 0))
                elif term == 1:
                    self.lease.heard(device.name, asked_at)

            return arrives

        self._send(server, device.name, hears)

    def _live(self, device: Device) -> None:
        local = device.clock(self.now)
        if device.link and not self._reaches(device.name, device.link):
            device.notices_at = min(device.notices_at, self.now + self.chance.uniform(0, _LOST_AFTER_S))
            if self.now >= device.notices_at:
                self._lose(device, local)
        if self.is_p_down and device.link == "p":
            self._lose(device, local)
        at = device.loyalty.target(local)
        if device.link and device.link != at:
            device.link = ""
        if not device.link and self._reaches(device.name, at) and not (at == "p" and self.is_p_down):
            device.link, device.notices_at = at, float("inf")
            device.loyalty.connected()

    def _lose(self, device: Device, local: float) -> None:
        device.link, device.notices_at = "", float("inf")
        device.loyalty.lost(local)

    def _send(self, source: str, target: str, arrives: Callable[[], None], late_s: float | None = None) -> None:
        if self._reaches(source, target) and self.chance.random() >= self.loss:
            late = self.chance.uniform(0, self.most_late_s if late_s is None else late_s)
            heappush(self._post, (self.now + late, next(self._order), arrives))

    def _reaches(self, one: str, other: str) -> bool:
        return frozenset((one, other)) not in self.cut

    def _names(self) -> tuple[str, ...]:
        return tuple(device.name for device in self.devices)

    def _node(self) -> Node:
        return Node(1 + self.chance.uniform(-DRIFT, DRIFT), self.chance.uniform(0, 1e6))

    def _device(self, name: str) -> Device:
        node = self._node()
        device = Device(node.rate, node.offset, name)
        device.loyalty = Loyalty("p", node.clock(self.now), other="s", term=1)
        device.loyalty.hears(ServerStatus(online=True, term=1), node.clock(self.now))
        return device
