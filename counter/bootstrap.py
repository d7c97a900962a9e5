"""Builds and wires the counter agent: the only place that knows all its parts."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from counter.buttons.buttons import Binding, Buttons
from counter.desk.calm import Calm, Verdict
from counter.desk.desk import IDENTIFY_S, Desk
from counter.desk.loop import Loop
from counter.line.line import Ears as LineEars
from counter.line.line import Line
from counter.line.turns import Press
from counter.presses import Action
from counter.settings import ButtonSettings, CounterSettings, LineSettings, StationEntry, UnitSettings
from foleni.life import Life, Part
from foleni.link.link import Handlers
from foleni.messages.base import Message
from foleni.messages.orders import Came, Identify, KnownOrder, Restart
from foleni.messages.state import CounterStatus, DeviceConfig
from foleni.station.orders import Answer, unknown
from foleni.station.settings import Seat
from foleni.station.station import Ears, Station
from foleni.topics import Kind, Topics

logger = logging.getLogger(__name__)

_BEAT_WITHIN_S = 20.0


@dataclass(frozen=True, slots=True)
class CounterAgent:
    """A counter agent, ready to be started: its parts in order, and what it says when it is ready."""

    parts: Sequence[tuple[str, Part]]
    station: Station
    """That of the program's own account."""
    ready: str


def build(settings: CounterSettings, life: Life) -> CounterAgent:
    """Wires everything, and starts nothing."""
    loop = Loop(life.fail, _beat(life, "desks"))
    seat = settings.taken_seat
    desks: dict[str, Desk] = {}
    stations: dict[str, Station] = {}
    for account in settings.accounts:
        stations[account.device], desks[account.device] = _station(seat, settings, account, loop, life)
    parts: list[tuple[str, Part]] = [("desks", loop)]
    parts += [(f"station {device}", station) for device, station in stations.items()]
    parts += [(f"line {line.port}", _line(line, seat.device, desks, loop, life)) for line in settings.line]
    if settings.button:
        parts.append(("buttons", _buttons(seat, settings, desks, loop, life)))
    return CounterAgent(parts, stations[seat.device], _summary(seat, settings))


def _station(seat: Seat, settings: CounterSettings, account: StationEntry, loop: Loop, life: Life) -> tuple[Station, Desk]:
    topics = Topics(seat.branch)
    ears = _Ears(topics, loop)
    station = Station(
        account.mqtt,
        topics,
        account.device,
        "counter",
        {topics.counter(Topics.ANY): CounterStatus},
        Ears(
            ears.hear_news,
            ears.hear_config,
            lambda reach: ears.do(lambda desk: desk.hear_reach(reach)),
            life.fail,
            _beat(life, f"link {account.device}"),
            _beat(life, f"asker {account.device}"),
            lambda order, answer: ears.do(lambda desk: _obey(order, answer, desk, life)),
        ),
        settings.memory if account.device == seat.device else None,
    )
    ears.desk = Desk(account.device, station.asker, loop, open_on_first_press=settings.open_on_first_press)
    return station, ears.desk


def _obey(order: KnownOrder, answer: Answer, desk: Desk, life: Life) -> None:
    match order:
        case Identify() if count := desk.identify():
            answer(Came.DONE, f"{count} units show ID for {IDENTIFY_S:.0f} seconds.")
        case Identify():
            answer(Came.UNKNOWN, "This device has no unit that could show it.")
        case Restart():
            answer(Came.DONE, "It restarts now.")
            life.restart("ordered by the branch")
        case _:
            unknown(order, answer)


class _Ears:
    """Hands what a station hears over to its desk, on the loop's thread."""

    desk: Desk

    def __init__(self, topics: Topics, loop: Loop) -> None:
        self._topics = topics
        self._loop = loop

    def do(self, job: Callable[[Desk], object]) -> None:
        self._loop.do(lambda: job(self.desk))

    def hear_news(self, topic: str, message: Message) -> None:
        parsed = self._topics.parse(topic)
        if parsed is not None and parsed.kind is Kind.COUNTER and isinstance(message, CounterStatus):
            self.do(lambda desk: desk.hear_status(parsed.name, message))

    def hear_config(self, config: DeviceConfig) -> None:
        counter = (config.counter or {}).get("id")
        if counter is None:
            logger.warning("%s has no counter in this branch: its presses are void", config.device)
        self.do(lambda desk: desk.hear_counter(counter if isinstance(counter, str) else None))


def _line(settings: LineSettings, own: str, desks: dict[str, Desk], loop: Loop, life: Life) -> Line:
    units = {unit.address: _Unit(unit, desks[unit.device or own], f"{settings.port}:{unit.address}") for unit in settings.unit}
    ears = LineEars(
        lambda press: loop.offer(partial(units[press.unit].press, press, time.monotonic())),
        life.fail,
        _beat(life, f"line {settings.port}"),
    )
    line = Line(settings.port, settings.baud, units, ears, answer_s=settings.answer_ms / 1000)
    for address, unit in units.items():
        loop.do(partial(unit.desk.add_face, unit.face, partial(line.show, address)))
    return line


class _Unit:
    """A unit's keys, by the settings, at its desk. Lives on the loop's thread."""

    def __init__(self, settings: UnitSettings, desk: Desk, face: str) -> None:
        self.desk = desk
        self.face = face
        self._settings = settings
        self._calm = Calm()

    def press(self, press: Press, now: float) -> None:
        action = self._settings.action(press.key, press.gesture)
        if action is None:
            return
        verdict = self._calm.judge((press.key, press.gesture), now)
        if verdict is Verdict.MEANT:
            self.desk.press(action, self.face, press.seen)
        elif verdict is Verdict.TOO_MANY:
            self.desk.void(self.face)


def _buttons(seat: Seat, settings: CounterSettings, desks: dict[str, Desk], loop: Loop, life: Life) -> Buttons:
    def press(device: str, action: Action) -> None:
        desks[device].press(action)

    bindings = [_binding(button, seat.device) for button in settings.button]
    handlers = Handlers(on_dead=life.fail, beat=_beat(life, "buttons"))
    return Buttons(settings.buttons.mqtt or seat.mqtt, seat.device, bindings, press, loop, handlers)


def _binding(button: ButtonSettings, own: str) -> Binding:
    device = button.device or own
    return Binding(button.topic, button.form, device, button.actions(), button.gestures_by_word(), button.input)


def _beat(life: Life, name: str) -> Callable[[], object]:
    return life.watch.beat(name, _BEAT_WITHIN_S).tick


def _summary(seat: Seat, settings: CounterSettings) -> str:
    units = sum(len(line.unit) for line in settings.line)
    who = ", ".join(account.device for account in settings.accounts)
    return f"{who} of {seat.branch}: {units} units on {len(settings.line)} lines, {len(settings.button)} button rules"
