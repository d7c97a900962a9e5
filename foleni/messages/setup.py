"""What a branch is made of, as administrators describe it: branch, priority classes, services, counters, devices, staff."""

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from foleni.ids import Slug
from foleni.messages.base import LanguageCode, Message, Name, Text, Texts

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _as_texts(value: object) -> object:
    return {"en": value} if isinstance(value, str) else value


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"unknown time zone {name!r}") from error
    return name


def _written_day(value: object) -> object:
    """A calendar day is written out; a number is none."""
    if isinstance(value, date) or (isinstance(value, str) and _DAY.fullmatch(value)):
        return value
    raise ValueError("must be a day such as 2026-12-25")


def _or_never(value: object) -> object:
    """A file has no other word for nothing, where nothing is not the default."""
    return None if value == "never" else value


Names = Annotated[Texts, BeforeValidator(_as_texts), Field(min_length=1)]
"""A name per language; a plain string stands for English."""
TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
TimeZone = Annotated[str, AfterValidator(_known_zone)]
Letter = Annotated[str, StringConstraints(pattern=r"^[A-Z]$")]
Seconds = Annotated[int, Field(ge=1, le=86_400)]
Minutes = Annotated[int, Field(ge=1, le=1440)]
Day = Annotated[date, BeforeValidator(_written_day)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Span = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$")]
"""`08:00-12:30`: from the first minute up to the second."""
BoxKey = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""The SHA-256 of a machine's public key (SubjectPublicKeyInfo in DER), in hexadecimal."""
Words = Annotated[tuple[Annotated[str, StringConstraints(min_length=1, max_length=64)], ...], Field(max_length=40)]
"""What staff choose from."""


class Setting(Message):
    """A described thing: an unknown key is a fault, because a person wrote it."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Hours(Setting):
    """When it is open: the spans of each weekday, in the branch's time. A day without spans is closed."""

    week: dict[Weekday, Annotated[tuple[Span, ...], Field(max_length=12)]] = {}

    @model_validator(mode="after")
    def _in_order(self) -> "Hours":
        for day, spans in self.week.items():
            times = [time for span in spans for time in span.split("-")]
            if any(start >= end for start, end in (span.split("-") for span in spans)):
                raise ValueError(f"a span of {day} ends before it begins; write two where it goes past midnight")
            if times != sorted(times):
                raise ValueError(f"the spans of {day} overlap, or are not in order")
        return self


class Closure(Setting):
    """Days on which the branch is closed: one, or all up to `until`."""

    day: Day
    until: Day | None = None
    name: Annotated[Texts, BeforeValidator(_as_texts)] = {}

    @model_validator(mode="after")
    def _forward(self) -> "Closure":
        if self.until is not None and self.until < self.day:
            raise ValueError("until is before day")
        return self

    def covers(self, day: date) -> bool:
        """Whether the branch is closed on `day`."""
        return self.day <= day <= (self.until or self.day)


class AlertRules(Setting):
    """When a notice is raised: a wait over `wait_min` for `for_min`, a kiosk without paper, a device that is gone for
    `device_gone_min`. None is never, which may be written as `never`."""

    wait_min: Annotated[Minutes | None, BeforeValidator(_or_never)] = None
    for_min: Minutes = 5
    paper: bool = True
    device_gone_min: Annotated[Minutes | None, BeforeValidator(_or_never)] = 3


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
    hours: Hours | None = None
    closures: Annotated[tuple[Closure, ...], Field(max_length=400)] = ()
    wait_target_min: Minutes = 15
    alerts: AlertRules = AlertRules()
    outcomes: Words = ()
    park_reasons: Words = ()

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
    hours: Hours | None = None
    """Its own opening hours, where they are not the branch's."""


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
    STANDBY = "standby"
    """A second branch server that follows the first."""


class TvSettings(Setting):
    """How a display of the hall speaks and what it shows. No call is ever hidden: `recent` only counts the calls before."""

    languages: Annotated[tuple[LanguageCode, ...], Field(max_length=8)] = ()
    """In this order on the screen and in the voice; empty for the branch's."""
    sound: Literal["voice", "chime", "none"] = "voice"
    next_numbers: bool = True
    recent: Annotated[int, Field(ge=0, le=12)] = 12
    """How many calls before are shown at most."""
    footer: Annotated[Texts, BeforeValidator(_as_texts)] = {}
    """A line at the bottom that stays, beside what the day brings."""


class Device(Setting):
    """A thing on the LAN that speaks MQTT with an account of its own."""

    id: Slug
    kind: DeviceKind
    name: Names | None = None
    issuer: Letter | None = None
    counter: Slug | None = None
    tv: TvSettings | None = None
    box: BoxKey | None = None
    """Which machine has joined as this device. None where a person has carried its account there."""

    @model_validator(mode="after")
    def _consistent(self) -> "Device":
        if self.kind is DeviceKind.COUNTER and self.counter is None:
            raise ValueError("a counter unit needs its counter")
        if self.issuer is not None and self.kind is not DeviceKind.KIOSK:
            raise ValueError("only a kiosk has an issuer letter")
        if self.tv is not None and self.kind is not DeviceKind.DISPLAY:
            raise ValueError("only a display has settings for the hall")
        return self


class Staff(Setting):
    """A person who signs in at a counter. The PIN is kept elsewhere."""

    id: Slug
    name: Name
    role: Literal["admin", "manager", "staff"] = "staff"
    services: tuple[Slug, ...] = ()
    active: bool = True
    """Whether the person may sign in."""


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
