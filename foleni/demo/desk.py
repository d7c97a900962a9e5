"""The demo's own place in the branch: a console that sees everything and may ask for everything."""

import queue
import threading
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foleni.ids import uuid7
from foleni.link.asker import NoAnswerError
from foleni.link.link import Handlers, Link, Options
from foleni.link.wire import Subscription
from foleni.messages.base import Message
from foleni.messages.commands import CallNext, Channel, Command, Join, OpenCounter, SaveCounter
from foleni.messages.setup import Counter
from foleni.messages.state import Board, CounterStatus, DeviceConfig, DeviceStatus, Services
from foleni.settings import MqttUrl
from foleni.station.station import Ears, Reach, Station
from foleni.topics import Kind, Topics

_ANSWER_S = 5.0


class DeskError(Exception):
    """The branch said no, or nothing; the text is for people."""


@dataclass(frozen=True, slots=True)
class Account:
    """What a device signs in with, as the branch server wrote it."""

    device: str
    kind: str
    branch: str
    mqtt: str


def accounts_in(data: Path) -> list[Account]:
    """The accounts of a branch, by name."""
    files = sorted((data / "devices").glob("*.toml"))
    told = [tomllib.loads(path.read_text(encoding="utf-8")) for path in files]
    return [Account(each["device"], each["kind"], each["branch"], each["mqtt"]) for each in told]


def counter_of(account: Account) -> str:
    """The label of the counter that a counter device belongs to, as the branch tells that device. Raises `DeskError`."""
    told: queue.Queue[bytes] = queue.Queue()
    subscription = Subscription(Topics(account.branch).config(account.device))
    handlers = Handlers(on_message=lambda incoming: told.put(incoming.payload))
    link = Link(MqttUrl.parse(account.mqtt), f"demo-{account.device}", [subscription], handlers, Options(session_expiry_s=0))
    link.start()
    try:
        config = DeviceConfig.model_validate_json(told.get(timeout=_ANSWER_S))
    except queue.Empty as error:
        raise DeskError(f"the branch tells {account.device} nothing of its counter") from error
    finally:
        link.stop()
    return str((config.counter or {}).get("label", account.device))


class Desk:
    """Knows the newest board, services, counters and states of some `devices`. Safe to use from any thread."""

    def __init__(self, account: Account, devices: Sequence[str]) -> None:
        self._topics = Topics(account.branch)
        self._lock = threading.Lock()
        self._board: Board | None = None
        self._services: Services | None = None
        self._counters: dict[str, CounterStatus] = {}
        self._devices: dict[str, DeviceStatus] = {}
        followed: dict[str, type[Message]] = {
            self._topics.board: Board,
            self._topics.services: Services,
            self._topics.counter(Topics.ANY): CounterStatus,
            **{self._topics.status(device): DeviceStatus for device in devices},
        }
        url = MqttUrl.parse(account.mqtt)
        self._station = Station(url, self._topics, account.device, "console", followed, Ears(on_news=self._take))

    def start(self) -> None:
        self._station.start()

    def stop(self) -> None:
        self._station.stop()

    @property
    def is_live(self) -> bool:
        """Whether the branch server answers and has told its state."""
        return self._station.reach is Reach.LIVE and self._board is not None and self._services is not None

    @property
    def board(self) -> Board | None:
        return self._board

    @property
    def services(self) -> Services | None:
        return self._services

    @property
    def counters(self) -> dict[str, CounterStatus]:
        """By id, in the order of their ids."""
        with self._lock:
            return dict(sorted(self._counters.items(), key=lambda item: (len(item[0]), item[0])))

    def device(self, name: str) -> DeviceStatus | None:
        return self._devices.get(name)

    def counter_named(self, label: str) -> str:
        """The id of a counter by its label or id. Raises `DeskError`."""
        known = self.counters
        for name, counter in known.items():
            if label in {counter.label, name}:
                return name
        raise DeskError(f"there is no counter {label}; there are {', '.join(each.label for each in known.values()) or 'none'}")

    def ask(self, command: Command) -> dict[str, Any]:
        """The result of a command. Raises `DeskError` with the branch's own sentence."""
        try:
            reply = self._station.asker.request(command, _ANSWER_S)
        except NoAnswerError as error:
            raise DeskError("the branch server does not answer") from error
        if not reply.ok:
            raise DeskError(reply.error.message if reply.error else "refused")
        return reply.result or {}

    def join(self, service: str, priority: str = "normal") -> str:
        """A ticket made at the console: its number."""
        result = self.ask(Join(id=uuid7(), service=service, channel=Channel.STAFF, priority=priority))
        return str(result["number"])

    def open(self, counters: Sequence[str]) -> None:
        for counter in counters:
            self.ask(OpenCounter(id=uuid7(), counter=counter))

    def call_next(self, label: str) -> str:
        """The number that is called to a counter now."""
        result = self.ask(CallNext(id=uuid7(), counter=self.counter_named(label)))
        in_hand = result.get("in_hand")
        return str(in_hand["number"]) if in_hand else "nobody"

    def add_counters(self, upto: int) -> None:
        """Make counters until there are `upto`, open, each serving everything."""
        services = tuple(service.id for service in self._services.services) if self._services else ()
        known = self.counters
        for number in range(1, upto + 1):
            name = f"c{number}"
            if name not in known:
                self.ask(SaveCounter(id=uuid7(), counter=Counter(id=name, label=str(number), services=services)))
            self.ask(OpenCounter(id=uuid7(), counter=name))

    def _take(self, topic: str, message: Message) -> None:
        parsed = self._topics.parse(topic)
        name = parsed.name if parsed else ""
        with self._lock:
            if isinstance(message, Board):
                self._board = message
            elif isinstance(message, Services):
                self._services = message
            elif isinstance(message, CounterStatus):
                self._counters[name] = message
            elif isinstance(message, DeviceStatus) and parsed is not None and parsed.kind is Kind.STATUS:
                self._devices[name] = message
