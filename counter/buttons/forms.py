"""How makers write a press. Pure: a payload in, the maker's word for it out."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from counter.presses import Gesture

MOST_BYTES = 16_384


class Form(StrEnum):
    """In which form a button reports."""

    ZIGBEE2MQTT = "zigbee2mqtt"
    """`zigbee2mqtt/<name>`: `{"action":"single"}`"""
    TASMOTA = "tasmota"
    """`stat/<topic>/BUTTON1`, or `…/RESULT`: `{"ACTION":"SINGLE"}`, `{"Button1":{"Action":"SINGLE"}}`"""
    ESPHOME = "esphome"
    """`<prefix>/binary_sensor/<name>/state`: `ON`, `OFF`; `<prefix>/event/<name>/state`: `{"event_type":"single"}`; a word"""
    SHELLY1 = "shelly1"
    """`shellies/<id>/input_event/0`: `{"event":"S","event_cnt":7}`"""
    SHELLY2 = "shelly2"
    """`<id>/events/rpc`: NotifyEvent with `{"component":"input:0","event":"single_push"}`"""
    TEXT = "text"
    """The payload is the word."""


class GarbageError(ValueError):
    """A payload that is not in the form."""


@dataclass(frozen=True, slots=True)
class Word:
    """The maker's word for what happened, in small letters. `input` is the button on the device, `count` the device's own
    count of presses, where they are told.
    """

    text: str
    input: int | None = None
    count: int | None = None


WORDS: Mapping[Form, Mapping[str, Gesture]] = {
    Form.ZIGBEE2MQTT: {
        "single": Gesture.SINGLE, "double": Gesture.DOUBLE, "long": Gesture.LONG, "hold": Gesture.LONG,
        "on": Gesture.SINGLE, "1_single": Gesture.SINGLE, "1_double": Gesture.DOUBLE, "1_hold": Gesture.LONG,
    },
    Form.TASMOTA: {"single": Gesture.SINGLE, "toggle": Gesture.SINGLE, "double": Gesture.DOUBLE, "hold": Gesture.LONG},
    Form.ESPHOME: {"single": Gesture.SINGLE, "double": Gesture.DOUBLE, "long": Gesture.LONG, "hold": Gesture.LONG},
    Form.SHELLY1: {"s": Gesture.SINGLE, "ss": Gesture.DOUBLE, "l": Gesture.LONG},
    Form.SHELLY2: {"single_push": Gesture.SINGLE, "double_push": Gesture.DOUBLE, "long_push": Gesture.LONG},
    Form.TEXT: {"single": Gesture.SINGLE, "double": Gesture.DOUBLE, "long": Gesture.LONG},
}  # fmt: skip
"""What the makers' words mean, unless a binding says otherwise."""


def read(form: Form, payload: bytes) -> list[Word]:
    """The words in a payload; raises `GarbageError`. A message of the form that tells of no press has none."""
    if len(payload) > MOST_BYTES:
        raise GarbageError(f"{len(payload)} bytes")
    try:
        return _READERS[form](payload.decode())
    except (ValueError, RecursionError) as error:
        raise GarbageError(str(error)) from error


def _zigbee2mqtt(text: str) -> list[Word]:
    if not text.lstrip().startswith("{"):
        return _plain(text)  # the topic zigbee2mqtt/<name>/action holds the bare word
    return _words(_object(text).get("action"))


def _tasmota(text: str) -> list[Word]:
    table = _lowered(_object(text))
    found = _words(table.get("action"))
    for key, value in table.items():
        if key.startswith("button") and isinstance(value, dict):
            place = key.removeprefix("button")
            number = int(place) if place.isascii() and place.isdigit() else None
            found += [Word(word.text, number) for word in _words(_lowered(value).get("action"))]
    return found


def _esphome(text: str) -> list[Word]:
    if not text.lstrip().startswith("{"):
        return _plain(text)
    return _words(_object(text).get("event_type"))


def _shelly1(text: str) -> list[Word]:
    table = _object(text)
    count = table.get("event_cnt")
    if not isinstance(count, int):
        raise GarbageError("no event_cnt")
    return [Word(word.text, count=count) for word in _words(table.get("event"))]


def _shelly2(text: str) -> list[Word]:
    params = _object(text).get("params")
    events = params.get("events") if isinstance(params, dict) else None
    return [word for event in events or () if isinstance(event, dict) for word in _of_input(event)]


def _of_input(event: dict[str, Any]) -> list[Word]:
    kind, _, place = str(event.get("component")).partition(":")
    if kind != "input" or not (place.isascii() and place.isdigit()):
        return []
    return [Word(word.text, int(place)) for word in _words(event.get("event"))]


def _plain(text: str) -> list[Word]:
    return _words(text)


def _words(value: object) -> list[Word]:
    if not isinstance(value, str) or not value.strip():
        return []
    return [Word(value.strip().lower()[:64])]


def _object(text: str) -> dict[str, Any]:
    value = json.loads(text)
    if not isinstance(value, dict):
        raise GarbageError("no JSON object")
    return value


def _lowered(table: dict[str, Any]) -> dict[str, Any]:
    return {key.lower(): value for key, value in table.items()}


_READERS: Mapping[Form, Callable[[str], list[Word]]] = {
    Form.ZIGBEE2MQTT: _zigbee2mqtt,
    Form.TASMOTA: _tasmota,
    Form.ESPHOME: _esphome,
    Form.SHELLY1: _shelly1,
    Form.SHELLY2: _shelly2,
    Form.TEXT: _plain,
}
