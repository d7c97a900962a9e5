"""The retained topics: what is true now. `seq` is the last event that a payload reflects; readers ignore a smaller one."""

from typing import Any, Literal

from foleni.messages.base import Message, Texts


class PrinterStatus(Message):
    state: Literal["ok", "paper_low", "paper_out", "cover_open", "offline", "error"]


class Witness(Message):
    """What a device knows of the servers of a pair, as the answer to `probe` of the server that it is at."""

    probe: int
    term: int
    seq: int
    """The last event that it has heard of."""
    away_s: float | None = None
    """For how long it has not been able to reach the server that serves; None while it is there."""


class DeviceStatus(Message):
    """What a device says of itself; its last will says `online: false`."""

    online: bool
    kind: str | None = None
    version: str | None = None
    since: str | None = None
    printer: PrinterStatus | None = None
    sound: Literal["ok", "none"] | None = None
    """Whether a display can be heard."""
    witness: Witness | None = None


class ServerStatus(Message):
    """Whether a server serves. Of a pair the one with the higher term is right; `probe` asks every device for its `witness`."""

    online: bool
    boot: str | None = None
    version: str | None = None
    since: str | None = None
    term: int = 0
    role: Literal["primary", "standby"] = "primary"
    other: str | None = None
    """`HOST:PORT` of the other server's broker, where there is a second server."""
    probe: int | None = None


class ServiceSummary(Message):
    id: str
    prefix: str
    name: Texts
    state: str
    waiting: int
    wait_p50_s: int
    wait_p90_s: int
    reopens_at: str | None = None
    reason: str | None = None
    """Why it is not open, in the words of staff, which are meant for everybody."""
    full: bool = False
    """Whether it has given all its tickets of today."""


class Services(Message):
    seq: int
    day: str
    services: tuple[ServiceSummary, ...]


class Call(Message):
    """A number and where it is called to; `call` counts the calls, recalls included."""

    ticket: str
    number: str
    counter: str
    counter_label: str
    service: str
    called_at: str
    call: int


class NextNumbers(Message):
    service: str
    numbers: tuple[str, ...]


class Board(Message):
    """`calls` is one row per counter that has a ticket in hand, the newest call first."""

    seq: int
    calls: tuple[Call, ...]
    recent: tuple[Call, ...]
    next: tuple[NextNumbers, ...]
    notice: Texts


class InHand(Message):
    ticket: str
    number: str
    service: str
    status: str
    called_at: str
    call: int


class CounterStatus(Message):
    seq: int
    state: Literal["open", "closed", "break"]
    label: str
    in_hand: InHand | None
    waiting: int


class DeviceConfig(Message):
    """What a device needs to run. Fields that mean nothing to its kind are left out."""

    device: str
    kind: str
    branch: dict[str, Any]
    name: Texts = {}
    """What people call the device."""
    services: tuple[dict[str, Any], ...] = ()
    priorities: tuple[dict[str, Any], ...] = ()
    issuer: str | None = None
    counter: dict[str, Any] | None = None
    counters: tuple[dict[str, Any], ...] = ()
    templates: tuple[dict[str, Any], ...] = ()
    tv: dict[str, Any] | None = None
    """How a display speaks and what it shows (`foleni.messages.setup.TvSettings`)."""
