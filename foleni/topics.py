"""Every MQTT topic of a branch, built and parsed here and nowhere else."""

from dataclasses import dataclass
from enum import StrEnum

from foleni.ids import is_slug


class Kind(StrEnum):
    """What a topic carries."""

    COMMANDS = "commands"
    REPLIES = "replies"
    STATUS = "status"
    CONFIG = "config"
    ORDERS = "orders"
    OUTCOMES = "outcomes"
    SERVER = "server"
    SERVICES = "services"
    BOARD = "board"
    COUNTER = "counters"
    EVENT = "events"


@dataclass(frozen=True, slots=True)
class Topic:
    """A parsed topic. `name` is the device, the counter or the event type; empty where there is none."""

    kind: Kind
    name: str = ""


_PER_DEVICE = {Kind.COMMANDS, Kind.REPLIES, Kind.STATUS, Kind.CONFIG, Kind.ORDERS, Kind.OUTCOMES}
_WHOLE = {"server": Topic(Kind.SERVER), "services": Topic(Kind.SERVICES), "board": Topic(Kind.BOARD)}


class Topics:
    """The topics of one branch. `ANY` in place of a name, or of the branch, gives the subscription to all of them."""

    ANY = "+"

    def __init__(self, branch: str) -> None:
        if branch != self.ANY and not is_slug(branch):
            raise ValueError(f"no branch id: {branch!r}")
        self.branch = branch
        self.root = f"foleni/{branch}/"
        self.server = f"{self.root}server"
        self.services = f"{self.root}services"
        self.board = f"{self.root}board"

    def commands(self, device: str) -> str:
        return f"{self.root}devices/{device}/commands"

    def replies(self, device: str) -> str:
        return f"{self.root}devices/{device}/replies"

    def status(self, device: str) -> str:
        return f"{self.root}devices/{device}/status"

    def config(self, device: str) -> str:
        return f"{self.root}devices/{device}/config"

    def orders(self, device: str) -> str:
        """What the branch tells a device to do: identify itself, restart, print."""
        return f"{self.root}devices/{device}/orders"

    def outcomes(self, device: str) -> str:
        """What came of a device's orders."""
        return f"{self.root}devices/{device}/outcomes"

    def counter(self, counter: str) -> str:
        return f"{self.root}counters/{counter}"

    def event(self, event_type: str) -> str:
        return f"{self.root}events/{event_type}"

    def parse(self, topic: str) -> Topic | None:
        """What `topic` carries, or None where it is not one of this branch's."""
        if not topic.startswith(self.root):
            return None
        match topic[len(self.root) :].split("/"):
            case [name]:
                return _WHOLE.get(name)
            case ["counters", name] if is_slug(name):
                return Topic(Kind.COUNTER, name)
            case ["events", name] if name:
                return Topic(Kind.EVENT, name)
            case ["devices", name, leaf] if is_slug(name) and leaf in _PER_DEVICE:
                return Topic(Kind(leaf), name)
        return None
