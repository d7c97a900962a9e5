"""The forms of the API's answers, as OpenAPI describes them."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from foleni.messages.base import Texts
from foleni.messages.state import CounterStatus, InHand


class Form(BaseModel):
    """An object of an answer; fields may be added to it."""

    model_config = ConfigDict(extra="allow")


class Fault(Form):
    code: str = Field(description="stable: programs decide by it")
    message: str = Field(description="a sentence for people")
    ticket: str | None = Field(None, description="the ticket that stands in the way, where one does")
    number: str | None = None


class Refusal(Form):
    """What was not done, and why. Nothing was changed."""

    error: Fault
    command: str | None = Field(None, description="the command's id, where it came so far")
    result: dict[str, Any] | None = None


class Standing(Form):
    """A ticket as its customer may know it. Waits in seconds; out of the queue they are 0 and `position` is 1."""

    ticket: str
    number: str
    service: str
    status: str
    joined_at: str
    position: int
    ahead: int
    wait_p50_s: int
    wait_p90_s: int
    url: str


class AtCounter(Form):
    counter: str
    in_hand: InHand | None
    waiting: int


class OfService(Form):
    service: str
    state: str
    reopens_at: str | None


class Nothing(Form):
    """An empty object."""


class Done(Form):
    """A command that was done. `seq` is the last event that the answer reflects."""

    command: str
    ok: bool
    seq: int


class TicketDone(Done):
    result: Standing


class CounterDone(Done):
    result: AtCounter


class ServiceDone(Done):
    result: OfService


class BranchDone(Done):
    result: Nothing


class TicketTold(Standing):
    """A ticket in full. Name, phone, language, notes and the story's words only for those who may see them."""

    seq: int
    channel: str
    priority: str
    counter: str | None = None
    called_at: str | None = None
    started_at: str | None = None
    ended_at: str | None = None
    appointment: str | None = None
    outcome: str | None = None
    name: str | None = None
    phone: str | None = None
    language: str | None = None
    notes: list[str] | None = None
    story: list[dict[str, Any]] | None = None


class TicketsFound(Form):
    seq: int
    tickets: list[TicketTold]


class Counters(Form):
    seq: int
    counters: dict[str, CounterStatus]


class Reason(Form):
    rule: str
    reason: str
    heads: list[dict[str, Any]]


class NextTicket(Form):
    """Whom the next call would bring; `ticket` and `why` are null where nobody waits."""

    seq: int
    counter: str
    ticket: TicketTold | None
    why: Reason | None


class Notice(Form):
    text: Texts


class Alive(Form):
    status: str


class Ready(Form):
    """`reasons` is empty where the web side is ready; `lag` counts the events that it has not read yet."""

    ready: bool
    seq: int
    lag: int | None
    reasons: list[str]
