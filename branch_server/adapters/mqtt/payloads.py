"""What the branch server publishes: state topics, device configurations, public events."""

from dataclasses import fields
from functools import cache
from typing import Any

from branch_server.domain.events import TYPES, Event, Recorded
from branch_server.engine.codec import compact
from branch_server.engine.view import SetupView, View
from foleni.messages.base import Message
from foleni.messages.events import PUBLIC_TYPES
from foleni.messages.setup import Device, DeviceKind
from foleni.messages.state import DeviceConfig
from foleni.times import to_wire
from foleni.topics import Topics

_PRIVATE = frozenset({"phone", "name", "language", "text", "command", "device", "shares", "reason"})
"""Fields that no public event carries: whatever a person may have typed about a customer can name one."""

_FOR_EVERYBODY = {
    "announced": {"text"}, "service_paused": {"reason"}, "service_closed": {"reason"}, "ticket_no_show": {"reason"},
}  # fmt: skip
"""Words that are meant for everybody, or that we choose ourselves."""

_INSTANTS = frozenset({"joined_at", "rank_at", "appointment", "reopens_at"})


def is_public(event: Event) -> bool:
    return event.type in PUBLIC_TYPES


def public_event(recorded: Recorded) -> bytes:
    """A line of the log as the LAN may read it: no phone number, no name, no words of a customer."""
    event = recorded.event
    told: dict[str, Any] = {"seq": recorded.seq, "id": recorded.id, "type": event.type, "at": to_wire(recorded.at)}
    told |= {name: _told(event, name) for name in _public_fields(event.type)}
    return compact(told | {"day": recorded.day})


@cache
def _public_fields(event_type: str) -> tuple[str, ...]:
    private = _PRIVATE - _FOR_EVERYBODY.get(event_type, set())
    return tuple(field.name for field in fields(TYPES[event_type]) if field.name not in private)


def _told(event: Event, name: str) -> Any:
    value = getattr(event, name)
    if value is not None and name in _INSTANTS:
        return to_wire(value)
    return _why(value) if name == "why" else value


def _why(why: Any) -> dict[str, Any]:
    heads = [
        {"service": head.service, "ticket": head.ticket, "number": head.number, "rank_at": to_wire(head.rank_at),
         "wait_s": head.wait_s, "credit_min": head.credit_min}
        for head in why.heads
    ]  # fmt: skip
    passed = {"passed_over": why.passed_over} if why.passed_over else {}
    return {"rule": why.rule, "reason": why.reason, "heads": heads} | passed


def state_messages(view: View, topics: Topics) -> dict[str, Message]:
    """The retained state of the branch: a message for each topic."""
    counters = {topics.counter(counter): status for counter, status in view.counters.items()}
    return {topics.services: view.services, topics.board: view.board, **counters}


def config_messages(setup: SetupView, topics: Topics) -> dict[str, Message]:
    """What each device needs to run: a message for each device's topic."""
    return {topics.config(device.id): config_of(device, setup) for device in setup.devices}


def config_of(device: Device, setup: SetupView) -> DeviceConfig:
    """The configuration of one device, by its kind."""
    told: dict[str, Any] = {"device": device.id, "kind": device.kind.value, "branch": _plain(setup.branch)}
    told |= {"name": device.name} if device.name else {}
    services = tuple(_plain(service) for service in setup.services)
    counters = tuple(_plain(counter) for counter in setup.counters)
    match device.kind:
        case DeviceKind.KIOSK:
            told |= {"services": services, "priorities": _all(setup.priorities), "issuer": device.issuer}
            told |= {"templates": _all(setup.templates)}
        case DeviceKind.COUNTER:
            own = next((c for c in counters if c["id"] == device.counter), None)
            told |= {"services": tuple(s for s in services if own and s["id"] in own["services"]), "counter": own}
        case DeviceKind.DISPLAY:
            told |= {"services": services, "counters": counters}
            told |= {"tv": _plain(device.tv)} if device.tv is not None else {}
        case DeviceKind.CONSOLE:
            told |= {"services": services, "counters": counters, "priorities": _all(setup.priorities)}
            told |= {"templates": _all(setup.templates)}
    return DeviceConfig(**told)


def _plain(message: Message | None) -> dict[str, Any]:
    return {} if message is None else message.model_dump(mode="json")


def _all(messages: tuple[Message, ...]) -> tuple[dict[str, Any], ...]:
    return tuple(_plain(message) for message in messages)
