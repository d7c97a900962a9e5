"""The public events, as anybody on the LAN may read them: never a phone number, never a customer's name."""

from typing import Literal, get_args

from pydantic import ConfigDict

from foleni.messages.base import Message

EventType = Literal[
    "ticket_joined", "ticket_called", "ticket_recalled", "ticket_started", "ticket_completed", "ticket_skipped",
    "ticket_no_show", "ticket_parked", "ticket_transferred", "ticket_cancelled", "ticket_expired", "ticket_renumbered",
    "ticket_checked_in", "ticket_rated", "ticket_restored", "ticket_returned", "priority_changed",
    "counter_opened", "counter_closed", "counter_on_break", "service_opened", "service_paused",
    "service_closed", "announced", "day_closed", "alert_raised", "alert_cleared",
]  # fmt: skip

PUBLIC_TYPES: frozenset[str] = frozenset(get_args(EventType))


class PublicEvent(Message):
    """One line of the log as the LAN sees it. Fields of the type stand beside these, as the type needs them."""

    model_config = ConfigDict(frozen=True, extra="allow")

    seq: int
    id: str
    type: EventType
    at: str
    ticket: str | None = None
    number: str | None = None
    service: str | None = None
    counter: str | None = None
