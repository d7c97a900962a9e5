"""The whole play: connects the devices, learns what the branch offers, and runs crowd and desks to the end."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import paho.mqtt.client as mqtt
from pydantic import ValidationError

from foleni.messages.base import Message
from foleni.messages.state import Board, CounterStatus, DeviceConfig, ServerStatus, Services
from foleni.sim.agenda import Agenda
from foleni.sim.asking import Asking, Voice
from foleni.sim.client import Address, Connection, LinkError, Poller
from foleni.sim.crowd import Crowd
from foleni.sim.desk import Desk, DeskState
from foleni.sim.plan import Customer
from foleni.sim.summary import Judge, Tally
from foleni.topics import Kind, Topics

CONNECT_LIMIT_S = 10.0
SETTLE_S = 0.4
END_LIMIT_S = 8.0
PACED_WINDOW = 1000

Progress = Callable[[Tally, int], None]


@dataclass(frozen=True, slots=True)
class Account:
    """A device of the branch: its kind, and its account at the broker."""

    branch: str
    device: str
    kind: str
    address: Address


@dataclass(slots=True)
class Branch:
    """What the branch tells of itself on its retained topics."""

    services: Services | None = None
    counters: dict[str, CounterStatus] = field(default_factory=dict)
    served: dict[str, frozenset[str]] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    heard_at: float = 0.0

    def open_services(self) -> list[str]:
        return [service.id for service in self.services.services if service.state == "open"] if self.services else []


class Player:
    """Plays customers and counters at one branch, over the connections of some of its devices."""

    def __init__(self, accounts: list[Account], pace: float | None, window: int) -> None:
        self.tally = Tally()
        self.branch = Branch()
        self._topics = Topics(accounts[0].branch)
        self._judge = Judge(self.tally)
        self._poller = Poller()
        self._asking = Asking(self._topics, self.tally)
        watcher = next((account for account in accounts if account.kind == "console"), accounts[0])
        self._voices = [
            Voice(account.device, account.kind, self._connection(account, account is watcher)) for account in accounts
        ]
        self._pace = pace
        self._window = window if pace is None else PACED_WINDOW
        self._desks: list[Desk] = []
        self._stopping = False

    def connect(self) -> None:
        """Connect all devices and hear the retained topics; raises `LinkError` where that fails."""
        for voice in self._voices:
            voice.connection.connect()
        self._poller.run_until(lambda: all(voice.connection.ready for voice in self._voices), CONNECT_LIMIT_S)
        for voice in self._voices:
            if not voice.connection.ready or voice.connection.fault:
                raise LinkError(f"{voice.device}: {voice.connection.fault or 'no answer from the broker'}")
        if not self._poller.run_until(self._is_settled, CONNECT_LIMIT_S):
            raise LinkError(f"nothing is known on {self._topics.services}: is the branch server running?")

    def play(self, plan: tuple[Customer, ...], counters: list[str], progress: Progress) -> Tally:
        """Let everybody of the plan come and be served; ends early after `stop`."""
        agenda = Agenda(self._pace)
        crowd = self._gather(agenda)
        self._desks = [desk for counter in counters if (desk := self._desk(crowd, counter)) is not None]
        for desk in self._desks:
            agenda.at(0.0, desk.open)
        crowd.expect(plan)
        started = time.monotonic()
        while not self._stopping and not self._is_over(crowd):
            agenda.run_due(self._asking.earliest_s(), self._window - len(self._asking))
            self._step(agenda.wait_s())
            self._wake(crowd)
            self.tally.elapsed_s = time.monotonic() - started
            progress(self.tally, crowd.waiting())
        self._end()
        return self.tally

    def stop(self) -> None:
        """Let no more customers come, and close the counters."""
        self._stopping = True

    def close(self) -> None:
        self._poller.close()

    def _connection(self, account: Account, watches: bool) -> Connection:
        topics = self._topics
        wanted = [topics.replies(account.device), topics.config(account.device)]
        if watches:
            wanted += [topics.server, topics.services, topics.board, topics.counter(Topics.ANY), topics.event("day_closed")]
        return Connection(self._poller, account.address, f"sim-{account.device}", wanted, self._heard)

    def _is_settled(self) -> bool:
        known = self.branch.services is not None and bool(self.branch.counters)
        return known and time.monotonic() > self.branch.heard_at + SETTLE_S

    def _gather(self, agenda: Agenda) -> Crowd:
        for voice in self._voices:
            voice.counter = self.branch.units.get(voice.device)
        kiosks = deque(voice for voice in self._voices if voice.kind == "kiosk")
        console = next((voice for voice in self._voices if voice.kind == "console"), None)
        if not kiosks and console is None:
            raise LinkError("nobody can take tickets: give a console or a kiosk")
        return Crowd(agenda, self._asking, self.tally, self._judge, kiosks, console, states=self.branch.counters)

    def _desk(self, crowd: Crowd, counter: str) -> Desk | None:
        unit = next((voice for voice in self._voices if voice.kind == "counter" and voice.counter == counter), None)
        voice = unit or crowd.console
        return Desk(crowd, counter, voice, self.branch.served.get(counter, frozenset())) if voice is not None else None

    def _step(self, wait_s: float) -> None:
        self._poller.run_once(wait_s if not len(self._asking) else min(wait_s, 0.25))
        self._asking.tick()

    def _wake(self, crowd: Crowd) -> None:
        """For each ticket that came to wait, let the counter that has rested longest look."""
        for service, at_s in crowd.freed:
            able = (desk for desk in self._desks if not desk.services or service in desk.services)
            resting = [desk for desk in able if desk.state is DeskState.RESTING]
            if resting:
                min(resting, key=lambda desk: desk.at_s).wake(at_s)
        crowd.freed.clear()
        if crowd.to_come == 0:
            for desk in self._desks:
                if desk.state is DeskState.RESTING and not desk.is_up_to_date:
                    desk.wake(crowd.agenda.now_s())

    def _is_over(self, crowd: Crowd) -> bool:
        return crowd.to_come == 0 and not len(self._asking) and all(desk.is_done for desk in self._desks)

    def _end(self) -> None:
        """Hear what is on its way, then close the counters and judge."""
        deadline = time.monotonic() + END_LIMIT_S
        self._drain(deadline)
        for desk in self._desks:
            desk.close()
        self._drain(deadline + END_LIMIT_S)
        self._judge.close()
        denied = sum(voice.connection.denied for voice in self._voices)
        if denied:
            self.tally.contradict(f"the broker denied {denied} publishes")

    def _drain(self, deadline: float) -> None:
        while len(self._asking) and time.monotonic() < deadline:
            self._step(0.1)

    def _heard(self, message: mqtt.MQTTMessage) -> None:
        topic = self._topics.parse(message.topic)
        if topic is None:
            return
        if topic.kind is Kind.REPLIES:
            self._asking.heard(message)
            return
        self.branch.heard_at = time.monotonic()
        if not message.payload:
            return
        try:
            self._learn(topic.kind, topic.name, message)
        except ValidationError as error:
            first = error.errors()[0]
            self.tally.contradict(f"{message.topic}: {first['msg']} at {first['loc']}")

    def _learn(self, kind: Kind, name: str, message: mqtt.MQTTMessage) -> None:
        payload = bytes(message.payload)
        live = not message.retain and not message.dup
        match kind:
            case Kind.SERVICES:
                services = Services.model_validate_json(payload)
                if self._judge.seq("services", services.seq, live):
                    self.branch.services = services
            case Kind.COUNTER:
                counter = CounterStatus.model_validate_json(payload)
                if self._judge.seq(f"counters/{name}", counter.seq, live):
                    self.branch.counters[name] = counter
            case Kind.BOARD:
                board = Board.model_validate_json(payload)
                if self._judge.seq("board", board.seq, live):
                    self._judge.board(board)
            case Kind.SERVER:
                self._asking.branch_online = ServerStatus.model_validate_json(payload).online
            case Kind.EVENT:
                self._judge.day_closed(_DayClosed.model_validate_json(payload).at)
            case Kind.CONFIG:
                self._learn_config(name, DeviceConfig.model_validate_json(payload))

    def _learn_config(self, device: str, config: DeviceConfig) -> None:
        """Which counter serves which services, and which device is whose unit, as far as the branch tells."""
        told = [*config.counters, *([config.counter] if config.counter else [])]
        for counter in told:
            self.branch.served[str(counter.get("id"))] = frozenset(counter.get("services") or ())
        if config.counter:
            self.branch.units[device] = str(config.counter.get("id"))


class _DayClosed(Message):
    at: str
