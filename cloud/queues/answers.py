"""The bodies of the API for those who join from afar, and the refusals that every route may give."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from cloud.queues.places import BranchView, ServiceView
from cloud.queues.view import TicketView
from foleni.ids import Slug
from foleni.messages.base import LanguageCode, Message, Name
from foleni.times import WireTime


class ErrorView(Message):
    """`code` is stable, `message` is for people. Of `already_queued` also the ticket that is in the way."""

    code: str
    message: str
    ticket: str | None = None
    number: str | None = None
    token: str | None = None


class Refusal(Message):
    """Why a request was not done."""

    error: ErrorView


Responses = dict[int | str, dict[str, Any]]


def refusals(*statuses: int) -> Responses:
    """For a route's `responses`."""
    return {status: {"model": Refusal} for status in statuses}


class OrganizationView(Message):
    """`branches`: how many are in use."""

    id: str
    name: str
    branches: int


class Organizations(Message):
    organizations: tuple[OrganizationView, ...]


class Branches(Message):
    branches: tuple[BranchView, ...]


class Services(Message):
    services: tuple[ServiceView, ...]


class MyTickets(Message):
    """The newest first."""

    active: tuple[TicketView, ...]
    history: tuple[TicketView, ...]


class JoinRequest(Message):
    """With `appointment` the place is kept for that time; the customer says when they are there."""

    service: Slug
    priority: Literal["normal", "priority"] = "normal"
    language: LanguageCode | None = None
    name: Name | None = None
    appointment: WireTime | None = None


class RateRequest(Message):
    stars: Annotated[int, Field(ge=1, le=5, strict=True)]
    text: Annotated[str, StringConstraints(max_length=500)] = ""
