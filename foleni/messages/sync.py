"""What a branch and the cloud say to each other. The branch always asks; events go up, commands come down."""

from typing import Any

from pydantic import Field, model_validator

from foleni.ids import Slug
from foleni.messages.base import Message
from foleni.messages.replies import Reply
from foleni.times import Instant, WireTime

MOST_EVENTS = 500
"""In one message."""


class SyncEvent(Message):
    """One line of the branch's log. `at` and `steady` are whole microseconds in `at_us` and `steady_us`, so that the log can be
    built again from it; `data` are the fields of the event's type, as the branch keeps them.

    A sender that knows only public events leaves `data` out and puts the fields beside the others.
    """

    seq: int = Field(ge=1)
    id: str = Field(min_length=1, max_length=64)
    type: str = Field(pattern=r"^[a-z_]{1,40}$")
    at: WireTime
    at_us: int | None = None
    steady_us: int | None = None
    day: str = ""
    actor: str = ""
    command: str | None = None
    data: dict[str, Any] = {}

    @model_validator(mode="before")
    @classmethod
    def _gathered(cls, value: Any) -> Any:
        """The fields of a flat event, put where those of a whole one stand."""
        if not isinstance(value, dict) or "data" in value:
            return value
        return {**value, "data": {name: field for name, field in value.items() if name not in _ENVELOPE}}

    @property
    def when(self) -> Instant:
        """The wall clock of the branch, to the microsecond where it is known."""
        return Instant(self.at_us) if self.at_us is not None else self.at


_ENVELOPE = frozenset({"seq", "id", "type", "at", "at_us", "steady_us", "actor"})


class WaitPicture(Message):
    """What the branch tells somebody who would join now. Seconds."""

    id: Slug
    waiting: int = Field(ge=0)
    wait_p50_s: int = Field(ge=0)
    wait_p90_s: int = Field(ge=0)


class EventsUp(Message):
    """Events from number `first` on, without a gap; an empty list asks how far the cloud has come. `now` is the branch's clock,
    `waits` its estimates after the last of these events.
    """

    first: int = Field(ge=1)
    events: tuple[SyncEvent, ...] = Field(max_length=MOST_EVENTS)
    now: WireTime | None = None
    waits: tuple[WaitPicture, ...] = ()


class Acked(Message):
    """The cloud has kept every event up to `acked`."""

    acked: int
    now: str | None = None


class CommandsDown(Message):
    """Commands in their own form, in their order; `cursor` is the last one's place. A command with `expires_at` is void after
    that instant of the cloud's clock, which shows `now`.
    """

    cursor: int
    commands: tuple[dict[str, Any], ...]
    now: WireTime | None = None


class RepliesUp(Message):
    """The branch's answers to commands that came down."""

    replies: tuple[Reply, ...] = Field(max_length=MOST_EVENTS)
