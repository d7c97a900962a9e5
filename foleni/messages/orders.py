"""What a branch tells a device to do, and what came of it. An order is asked for by a person who waits for its outcome."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, model_validator

from foleni.ids import Slug
from foleni.messages.base import LanguageCode, Message, Uuid
from foleni.messages.setup import Template

WITHIN_S = 10.0
"""So long an outcome is waited for."""
EXPIRY_S = 30
"""An order that a device could not hear for so long is void."""


class Came(StrEnum):
    """What came of an order. Stable: pages choose their words by it."""

    DONE = "done"
    LATER = "later"
    """It will be done as soon as nobody is served there."""
    PRINTED = "printed"
    NOT_PRINTED = "not_printed"
    UNSURE = "unsure"
    """The printer went away in mid-ticket: there may be paper, and there may be none."""
    BUSY = "busy"
    """Somebody is being served; nothing was done."""
    INVALID = "invalid"
    UNKNOWN = "unknown"
    """The device does not know such an order."""
    NOT_THERE = "not_there"
    """The device is not connected, so it was not told."""
    NO_ANSWER = "no_answer"
    """The device was told, and did not say in time what came of it."""


class Order(Message):
    """Any order. The same `id` twice is done once."""

    id: Uuid
    type: str
    at: str | None = None


class Identify(Order):
    """Show where you are."""

    type: Literal["identify"] = "identify"


class Restart(Order):
    """End and start again, as soon as nobody is served."""

    type: Literal["restart"] = "restart"


class GivenTicket(Message):
    """A ticket as a `join` answers it. What is not known is not printed."""

    number: Annotated[str, Field(min_length=1, max_length=12)]
    service: Slug
    joined_at: str
    ticket: str | None = None
    ahead: Annotated[int, Field(ge=0)] | None = None
    wait_p50_s: Annotated[int, Field(ge=0)] | None = None
    wait_p90_s: Annotated[int, Field(ge=0)] | None = None
    url: str | None = None


class Print(Order):
    """Print a ticket, or a test page that is none. `template` stands in for the kiosk's own, on the kiosk's own paper;
    a `copy` says on its paper that it is one.
    """

    type: Literal["print"] = "print"
    ticket: GivenTicket | None = None
    test: bool = False
    copy_of: bool = Field(False, alias="copy")
    language: LanguageCode = "en"
    template: Template | None = None

    @model_validator(mode="after")
    def _consistent(self) -> "Print":
        if (self.ticket is None) is not self.test:
            raise ValueError("print either a ticket or a test page")
        return self


KnownOrder = Identify | Restart | Print
known_orders: TypeAdapter[KnownOrder] = TypeAdapter(Annotated[KnownOrder, Field(discriminator="type")])
"""Reads an order that this program knows."""
KNOWN_TYPES = frozenset({"identify", "restart", "print"})


class Outcome(Message):
    """What came of an order: `code` for programs, `message` for people."""

    order: str
    ok: bool
    message: str
    code: str = Came.DONE
