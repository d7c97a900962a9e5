"""What a branch is made of, as administrators describe it: branch, priority classes, services, counters, devices, staff."""

from enum import StrEnum
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from foleni.ids import Slug
from foleni.messages.base import LanguageCode, Message, Name, Text, Texts


def _as_texts(value: object) -> object:
    return {"en": value} if isinstance(value, str) else value


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"unknown time zone {name!r}") from error
    return name


Names = Annotated[Texts, BeforeValidator(_as_texts), Field(min_length=1)]
"""A name per language; a plain string stands for English."""
TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
TimeZone = Annotated[str, AfterValidator(_known_zone)]
Letter = Annotated[str, StringConstraints(pattern=r"^[A-Z]$")]
Seconds = Annotated[int, Field(ge=1, le=86_400)]


class Setting(Message):
    """A described thing: an unknown key is a fault, because a person wrote it."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Branch(Setting):
    """One building with one waiting room."""

    id: Slug
    name: Names
    organization: Name = "Foleni"
    time_zone: TimeZone = "UTC"
    languages: Annotated[tuple[LanguageCode, ...], Field(min_length=1)] = ("en",)
    business_day_starts: TimeOfDay = "04:00"
    remote_issuer: Letter | None = None
    skip_places: Annotated[int, Field(ge=1, le=100)] = 3
    max_skips: Annotated[int, Field(ge=0, le=100)] = 2
    no_show_after_s: Seconds | None = None
    url: Annotated[str, StringConstraints(pattern=r"^https?://\S+$", max_length=200)] | None = None

    @property
    def starts_min(self) -> int:
        """Minutes after midnight at which the business day starts."""
        hours, minutes = self.business_day_starts.split(":")
        return int(hours) * 60 + int(minutes)


class PriorityClass(Setting):
    """A kind of customer and how many minutes of waiting it is given."""

    id: Slug
    name: Names
    credit_min: Annotated[int, Field(ge=0, le=1440)]


class ServiceState(StrEnum):
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


class Service(Setting):
    """What a customer comes for; one queue."""

    id: Slug
    prefix: Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,2}$")]
    name: Names
    service_time_s: Seconds = 300
    daily_limit: Annotated[int, Field(ge=1)] | None = None
    max_priority_run: Annotated[int, Field(ge=1)] | None = None
    state: ServiceState = ServiceState.OPEN


class Routing(StrEnum):
    FIFO = "fifo"
    STRICT = "strict"
    WEIGHTED = "weighted"


class Counter(Setting):
    """A desk, window or room where tickets are served."""

    id: Slug
    label: Annotated[str, StringConstraints(min_length=1, max_length=16)]
    services: Annotated[tuple[Slug, ...], Field(min_length=1)]
    routing: Routing = Routing.FIFO
    weights: dict[Slug, Annotated[int, Field(ge=1, le=100)]] = {}

    @model_validator(mode="after")
    def _consistent(self) -> "Counter":
        if len(set(self.services)) != len(self.services):
            raise ValueError("a service is listed twice")
        if self.weights and set(self.weights) != set(self.services):
            raise ValueError("weights must name exactly the services of the counter")
        return self

    def weight(self, service: str) -> int:
        """The share of a service under weighted routing; 1 where none is set."""
        return self.weights.get(service, 1)


class DeviceKind(StrEnum):
    KIOSK = "kiosk"
    DISPLAY = "display"
    COUNTER = "counter"
    CONSOLE = "console"


class Device(Setting):
    """A thing on the LAN that speaks MQTT with an account of its own."""

    id: Slug
    kind: DeviceKind
    name: Names | None = None
    issuer: Letter | None = None
    counter: Slug | None = None

    @model_validator(mode="after")
    def _consistent(self) -> "Device":
        if self.kind is DeviceKind.COUNTER and self.counter is None:
            raise ValueError("a counter unit needs its counter")
        if self.issuer is not None and self.kind is not DeviceKind.KIOSK:
            raise ValueError("only a kiosk has an issuer letter")
        return self


class Staff(Setting):
    """A person who signs in at a counter. The PIN is kept elsewhere."""

    id: Slug
    name: Name
    role: Literal["admin", "manager", "staff"] = "staff"
    services: tuple[Slug, ...] = ()


class Template(Setting):
    """The words and parts of a printed ticket."""

    id: Slug
    width_px: Literal[384, 576] = 576
    texts: dict[Slug, Texts] = {}
    footer: Annotated[Texts, BeforeValidator(_as_texts)] = {}
    note: Text = ""


BUILT_IN_PRIORITIES = (
    PriorityClass(id="normal", name={"en": "Normal"}, credit_min=0),
    PriorityClass(id="priority", name={"en": "Elderly, pregnant, disabled"}, credit_min=30),
    PriorityClass(id="appointment", name={"en": "Appointment"}, credit_min=30),
    PriorityClass(id="vip", name={"en": "VIP"}, credit_min=60),
)
