"""Webhooks as the API and the page tell them."""

import json
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from branch_server.web.api.forms import Form
from branch_server.web.api.hooks.addresses import fault_of
from branch_server.web.api.hooks.book import Delivery, Hook
from foleni.messages.events import EventType
from foleni.times import to_wire

_SHAPE: dict[str, Any] = {"pattern": r"^https?://[A-Za-z0-9.-]{1,60}(:[1-9][0-9]{1,3})?(/[A-Za-z0-9_/.-]*)?$"}
"""For who reads the description; `fault_of` decides."""


class HookFields(BaseModel):
    """What a person says of a hook. `events` are public types; none are all of them."""

    model_config = ConfigDict(str_strip_whitespace=True)

    url: Annotated[str, Field(max_length=500, examples=["https://example.org/foleni"], json_schema_extra=_SHAPE)]
    events: Annotated[tuple[EventType, ...], Field(max_length=40, examples=[["ticket_called"]])] = ()
    active: bool = True

    @field_validator("url")
    @classmethod
    def _reachable(cls, url: str) -> str:
        if fault := fault_of(url):
            raise ValueError(fault)
        return url


class HookTold(Form):
    """A hook; `failing_since` and `switched_off` say that its address does not answer well."""

    id: str
    url: str
    events: list[str]
    active: bool
    made_at: str
    made_by: str
    failing_since: str | None
    switched_off: str | None
    waiting: int


class HookMade(HookTold):
    secret: str = Field(description="told this once; each delivery is signed with it")


class HooksTold(Form):
    hooks: list[HookTold]


class SecretTold(Form):
    id: str
    secret: str


class DeliveryTold(Form):
    """One event on its way. `fault` is `no_connection`, `no_answer`, `not_secure`, `forbidden`, `status` or `too_many`."""

    delivery: int
    event: str
    type: str
    state: str
    attempts: int
    made_at: str
    next_at: str | None
    done_at: str | None
    status: int | None
    fault: str | None
    payload: dict[str, Any]


class DeliveriesTold(Form):
    """The newest first; `before` asks for the page behind."""

    deliveries: list[DeliveryTold]
    before: int | None


class Removed(Form):
    removed: str


def hook_told(hook: Hook, waiting: int) -> dict[str, Any]:
    """A hook without its secret."""
    return {
        "id": hook.id, "url": hook.url, "events": list(hook.events), "active": hook.active, "made_at": to_wire(hook.made_at),
        "made_by": hook.made_by, "failing_since": _time(hook.failing_since), "switched_off": hook.switched_off,
        "waiting": waiting,
    }  # fmt: skip


def delivery_told(delivery: Delivery) -> dict[str, Any]:
    is_waiting = delivery.state == "waiting"
    return {
        "delivery": delivery.n, "event": delivery.event, "type": delivery.type, "state": delivery.state,
        "attempts": delivery.attempts, "made_at": to_wire(delivery.made_at),
        "next_at": to_wire(delivery.next_at) if is_waiting else None, "done_at": _time(delivery.done_at),
        "status": delivery.status, "fault": delivery.fault, "payload": json.loads(delivery.payload),
    }  # fmt: skip


def _time(value: int | None) -> str | None:
    return to_wire(value) if value is not None else None
