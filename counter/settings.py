"""What `foleni-counter` is started with. Lines, units and buttons are tables of the file."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from counter.buttons.forms import Form
from counter.presses import KEYS, ONE_BUTTON, Action, Gesture
from foleni.ids import Slug
from foleni.settings import MqttUrl
from foleni.station.settings import StationSettings

KeyName = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9_]{1,12}$")]
TopicFilter = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class Gestures(_Table):
    """What the presses of one key or button mean; a gesture that is left out means nothing."""

    single: Action | None = None
    double: Action | None = None
    long: Action | None = None

    def actions(self) -> dict[Gesture, Action]:
        given = {Gesture.SINGLE: self.single, Gesture.DOUBLE: self.double, Gesture.LONG: self.long}
        return {gesture: action for gesture, action in given.items() if action is not None}


class UnitSettings(_Table):
    """A unit on a line. `device` is the account whose counter it works (default: the program's own)."""

    address: Annotated[int, Field(ge=1, le=99)]
    device: Slug | None = None
    keys: dict[KeyName, Gestures] = {}

    def action(self, key: str, gesture: Gesture) -> Action | None:
        """What a press of a key means here."""
        own = self.keys.get(key)
        return own.actions().get(gesture) if own is not None else KEYS.get(key, {}).get(gesture)


class LineSettings(_Table):
    """A serial line: `/dev/tty…`, `socket://host:port` or `rfc2217://host:port`."""

    port: Annotated[str, StringConstraints(pattern=r"^(/|socket://|rfc2217://)\S+$", max_length=200)]
    baud: Annotated[int, Field(ge=1200, le=1_000_000)] = 115_200
    answer_ms: Annotated[int, Field(ge=10, le=2000)] = 100
    unit: Annotated[tuple[UnitSettings, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        addresses = [unit.address for unit in self.unit]
        if len(set(addresses)) != len(addresses):
            raise ValueError("two units have the same address")
        return self


class ButtonSettings(Gestures):
    """An MQTT button. Without any action it works like a unit of one key."""

    topic: TopicFilter
    form: Form
    device: Slug | None = None
    input: Annotated[int, Field(ge=0, le=99)] | None = None
    words: dict[Gesture, tuple[str, ...]] = {}

    def actions(self) -> dict[Gesture, Action]:
        return super().actions() or dict(ONE_BUTTON)

    def gestures_by_word(self) -> dict[str, Gesture]:
        """The words of the settings, in small letters; empty where the form's own words count."""
        return {word.lower(): gesture for gesture, words in self.words.items() for word in words}

    @model_validator(mode="after")
    def _is_filter(self) -> Self:
        *before, last = self.topic.split("/")
        if (
            "#" in "".join(before)
            or "#" in last.removesuffix("#")
            or any("+" in each and each != "+" for each in (*before, last))
        ):
            raise ValueError("topic is no MQTT topic filter")
        return self


class ButtonsSettings(_Table):
    """Where the MQTT buttons report: a broker of their own, or the branch's."""

    mqtt: MqttUrl | None = None


class StationEntry(_Table):
    """A further counter of this program: its device's account."""

    device: Slug
    mqtt: MqttUrl


class CounterSettings(StationSettings):
    """`device` and `mqtt` are the first counter's account; further ones are `[[station]]` tables."""

    open_on_first_press: bool = Field(True, description="a press for the next number opens a counter that is closed")
    line: tuple[LineSettings, ...] = ()
    button: tuple[ButtonSettings, ...] = ()
    buttons: ButtonsSettings = ButtonsSettings()
    station: tuple[StationEntry, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        devices = [self.device, *(entry.device for entry in self.station)]
        if len(set(devices)) != len(devices):
            raise ValueError("a device is listed twice")
        used = {unit.device for line in self.line for unit in line.unit} | {button.device for button in self.button}
        if strangers := sorted(used - {None, *devices}, key=str):
            raise ValueError(f"no [[station]] for {', '.join(map(str, strangers))}")
        if len({line.port for line in self.line}) != len(self.line):
            raise ValueError("a port is listed twice")
        return self

    @property
    def accounts(self) -> tuple[StationEntry, ...]:
        """The accounts of all counters, the program's own first."""
        seat = self.taken_seat
        return (StationEntry(device=seat.device, mqtt=seat.mqtt), *self.station)
