"""Events and states as JSON, and back. Versioned by adding: a field that an old line lacks takes its default, and one that
only a newer program knows is left out."""

from functools import cache
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import to_json

from branch_server.domain.events import TYPES, Event
from branch_server.domain.state import State


@cache
def _events(event_type: str) -> TypeAdapter[Any]:
    return TypeAdapter(TYPES[event_type])


@cache
def _states() -> TypeAdapter[State]:
    return TypeAdapter(State)


def dump_event(event: Event) -> str:
    """The fields of an event as a JSON object."""
    return _events(event.type).dump_json(event).decode()


def load_event(event_type: str, data: str | bytes) -> Event:
    """The event of a type; raises `ValueError` or `KeyError` where the data is none."""
    event: Event = _events(event_type).validate_json(data, extra="ignore")
    return event


def dump_state(state: State) -> str:
    """The whole state as a JSON object."""
    return _states().dump_json(state).decode()


def load_state(data: str | bytes) -> State:
    """The state of a snapshot; raises `ValueError` where the data is none."""
    return _states().validate_json(data, extra="ignore")


def compact(value: Any) -> bytes:
    """JSON in UTF-8 without spaces."""
    return to_json(value)
