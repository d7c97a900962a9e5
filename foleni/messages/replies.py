"""What the server answers: done, with a result; or refused, with a stable code and a sentence for people."""

from enum import StrEnum
from typing import Any

from pydantic import Field

from foleni.messages.base import Message


class Code(StrEnum):
    """Why a command was refused. Stable: programs decide by it."""

    SERVICE_CLOSED = "service_closed"
    SERVICE_PAUSED = "service_paused"
    SERVICE_FULL = "service_full"
    UNKNOWN_SERVICE = "unknown_service"
    UNKNOWN_COUNTER = "unknown_counter"
    UNKNOWN_TICKET = "unknown_ticket"
    NOTHING_WAITING = "nothing_waiting"
    NOTHING_IN_HAND = "nothing_in_hand"
    COUNTER_CLOSED = "counter_closed"
    NOT_ALLOWED = "not_allowed"
    ALREADY_QUEUED = "already_queued"
    WRONG_STATE = "wrong_state"
    INVALID = "invalid"
    UNAVAILABLE = "unavailable"


class Error(Message):
    """A refusal. `ticket` and `number` tell which ticket stands in the way, where one does."""

    code: Code
    message: str
    ticket: str | None = None
    number: str | None = None


class Reply(Message):
    """The answer to one command. `seq` is the last event that it reflects."""

    command: str
    ok: bool
    seq: int | None = None
    result: dict[str, Any] | None = None
    error: Error | None = None


class JoinResult(Message):
    """What a customer is told. Waits in seconds."""

    ticket: str
    number: str
    service: str
    joined_at: str
    position: int = Field(ge=1)
    ahead: int = Field(ge=0)
    wait_p50_s: int = Field(ge=0)
    wait_p90_s: int = Field(ge=0)
    url: str


def refusal(command: str, code: Code, message: str) -> Reply:
    """A reply that says no."""
    return Reply(command=command, ok=False, error=Error(code=code, message=message))
