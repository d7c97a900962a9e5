"""A line with reference units on it, in simulated time, that may lose and spoil what goes over it."""

import random
from dataclasses import dataclass, field

from counter.firmware.foleni_unit import Unit
from counter.line.turns import Press, Turns

STEP_S = 0.005


@dataclass
class Wire:
    """`turn` lets 5 ms go by. With `loss` so many of the frames are lost, cut or spoilt on their way."""

    addresses: tuple[int, ...] = (1, 2)
    loss: float = 0.0
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    now: float = 100.0
    presses: list[Press] = field(default_factory=list)
    plugged: bool = True

    def __post_init__(self) -> None:
        self.turns = Turns(self.addresses)
        self.units = {address: Unit(address) for address in self.addresses}
        self._answer = b""

    @property
    def now_ms(self) -> int:
        return int(self.now * 1000)

    def turn(self) -> None:
        self.now += STEP_S
        answer, self._answer = self._answer, b""
        if answer and self.plugged:
            self.presses += self.turns.hear(self._carried(answer), self.now)
        frame = self.turns.ask(self.now)
        for unit in self.units.values():
            if frame and self.plugged:
                self._answer += unit.feed(self._carried(frame), self.now_ms)
            unit.tick(self.now_ms)

    def run(self, seconds: float) -> None:
        for _ in range(int(seconds / STEP_S)):
            self.turn()

    def restart_agent(self) -> None:
        self.turns = Turns(self.addresses)
        self.turns.begin()
        self._answer = b""

    def restart_unit(self, address: int) -> None:
        self.units[address] = Unit(address)

    def press(self, address: int, kind: str = "K", key: str = "NEXT") -> bool:
        return self.units[address].press(kind, key, self.now_ms)

    def _carried(self, data: bytes) -> bytes:
        if self.chance.random() >= self.loss:
            return data
        match self.chance.randrange(3):
            case 0:
                return b""
            case 1:
                return data[: self.chance.randrange(len(data))]
        spoilt = bytearray(data)
        spoilt[self.chance.randrange(len(spoilt))] ^= self.chance.randrange(1, 256)
        return bytes(spoilt)
