"""What a customer can do with a ticket: give it up, and say how it was."""

import time
import uuid
from dataclasses import dataclass

from fastapi import Request
from pydantic import ValidationError

from branch_server.domain.tickets import Ticket
from branch_server.web.errors import WebError, status_of
from branch_server.web.public.board import ROOM
from branch_server.web.site import Site
from foleni.messages.commands import Cancel, Command, Rate
from foleni.messages.replies import Code
from foleni.times import Instant
from foleni.web.forms import fields_of_form, is_own_form
from foleni.web.limits import Buckets, Limit
from foleni.words import Words, words

ACTOR = "customer"
MOST_LETTERS = 500
_OF_TICKET, _OF_ADDRESS = Limit(0.2, 10), Limit(1.0, 60)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`code` is empty where it was done; else `message` says why not, in the customer's language."""

    status: int = 200
    code: str = ""
    message: str = ""


class Acting:
    """Asks the branch in a customer's name. The log is the record of it."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._tickets, self._addresses = Buckets(_OF_TICKET), Buckets(_OF_ADDRESS)

    async def cancel(self, request: Request, ticket: Ticket, language: str) -> Outcome:
        """Gives the place up. The command's id is the ticket's own until it is called and waits again."""
        self._admit(request, ticket)
        await fields_of_form(request)
        command = Cancel(id=_id_of(ticket, f"cancel {ticket.status} {ticket.skips}"), ticket=ticket.id, **_asker())
        return await self._ask(command, words(ROOM, language))

    async def rate(self, request: Request, ticket: Ticket, language: str) -> Outcome:
        """Stars, and words where there are any."""
        self._admit(request, ticket)
        say, given = words(ROOM, language), await fields_of_form(request)
        text = given.get("text", "").replace("\r\n", "\n").strip()
        if len(text) > MOST_LETTERS:
            return Outcome(422, Code.INVALID, say("Please write at most {count} letters.", count=MOST_LETTERS))
        stars = int(given["stars"]) if given.get("stars", "") in {"1", "2", "3", "4", "5"} else 0
        try:
            command = Rate(id=str(uuid.uuid4()), ticket=ticket.id, stars=stars, text=text, **_asker())
        except ValidationError:
            return Outcome(422, Code.INVALID, say("Please choose one to five stars."))
        return await self._ask(command, say)

    def _admit(self, request: Request, ticket: Ticket) -> None:
        if not is_own_form(request):
            raise WebError(403, "not_allowed", "This was asked from another site.")
        address = request.client.host if request.client is not None else ""
        if max(self._tickets.wait_s(ticket.id), self._addresses.wait_s(address)) > 0:
            raise WebError(429, "too_many", "These are too many requests. Please wait a moment.", {"Retry-After": "5"})

    async def _ask(self, command: Command, say: Words) -> Outcome:
        reply = await self._site.lan.ask(command)
        if reply.ok:
            if reply.seq is not None:
                await self._site.follower.reached(reply.seq)
            return Outcome()
        code = reply.error.code if reply.error is not None else Code.UNAVAILABLE
        return Outcome(status_of(code), code, _why(code, command, say))


def _why(code: Code, command: Command, say: Words) -> str:
    if code is Code.WRONG_STATE and isinstance(command, Cancel):
        return say("This ticket is no longer waiting, so it cannot be given up.")
    if code is Code.WRONG_STATE:
        return say("You can tell us how it was as soon as you have been served.")
    return say("This cannot be done now. Please try again in a moment.")


def _asker() -> dict[str, object]:
    return {"actor": ACTOR, "at": Instant(time.time_ns() // 1000)}


def _id_of(ticket: Ticket, what: str) -> str:
    return str(uuid.uuid5(uuid.UUID(ticket.id), what))
