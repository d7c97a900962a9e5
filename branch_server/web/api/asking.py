"""From an HTTP request to a command: its fields, its id, and the engine's answer."""

import re
import time
from typing import Annotated, Any
from uuid import NAMESPACE_URL, uuid5

from fastapi import Depends, Request
from pydantic_core import from_json
from starlette.responses import Response

from branch_server.domain.refusals import Refused
from branch_server.web import errors
from branch_server.web.api.notes import notes_of
from branch_server.web.api.repeats import mark_of
from branch_server.web.doing import command_of, do, outcome_of
from branch_server.web.errors import WebError
from branch_server.web.people.current import signed_in
from branch_server.web.people.person import Person, Role
from branch_server.web.site import site_of
from foleni.ids import canonical_uuid
from foleni.messages.replies import Code

MOST_BODY_BYTES = 64 * 1024
Caller = Annotated[Person, Depends(signed_in)]
"""Whoever sent the request."""

_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_JSON = re.compile(r"application/(?:[\w.+-]+\+)?json\s*(?:;.*)?", re.IGNORECASE)
_OURS = frozenset({"id", "type", "actor", "at"})
"""Fields of every command that the path, the header and the sign-in say."""
_TAKEN = "This Idempotency-Key was used for another request. Choose a new one."
_UNKNOWN = {
    "ticket": (Code.UNKNOWN_TICKET, "There is no such ticket today."),
    "counter": (Code.UNKNOWN_COUNTER, "There is no such counter."),
    "service": (Code.UNKNOWN_SERVICE, "There is no such service."),
}


async def ask(request: Request, person: Person, command_type: str) -> Response:
    """Asks for a command of this type with the fields of the path and the body, and answers with the reply."""
    notes, site = notes_of(request), site_of(request)
    fields = {**await fields_of(request), **_named(request)}
    command_id = id_of(request, person) or fields.get("id")
    told = {name: value for name, value in fields.items() if name not in _OURS}
    asked = {**_filled(command_type, told, person), "type": command_type}
    command = command_of(asked if command_id is None else {**asked, "id": command_id}, person)
    if command_id is not None and not notes.repeats.is_same(command.key, mark_of(person.id, asked)):
        raise Refused(Code.INVALID, _TAKEN)
    began = time.monotonic()
    reply = await do(site, person, command)
    notes.meter.command(command_type, outcome_of(reply), time.monotonic() - began)
    return errors.answer(reply)


async def fields_of(request: Request, most_bytes: int = MOST_BODY_BYTES) -> dict[str, Any]:
    """The JSON object in a request's body; empty where there is no body. Raises `WebError` and `Refused`."""
    body = await _body_of(request, most_bytes)
    if not body.strip():
        return {}
    if not _JSON.fullmatch(request.headers.get("content-type", "")):
        raise WebError(415, "not_json", "Send the body as application/json.")
    try:
        fields = from_json(body, allow_inf_nan=False)
    except ValueError:
        raise Refused(Code.INVALID, "The body is not JSON.") from None
    if not isinstance(fields, dict):
        raise Refused(Code.INVALID, "The body is not a JSON object.")
    return fields


def id_of(request: Request, person: Person) -> str | None:
    """The command's id that an `Idempotency-Key` stands for: a UUID is the id itself; any other key makes one that is the
    caller's own. None where there is no key.
    """
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        raise Refused(Code.INVALID, "An Idempotency-Key has 1 to 255 visible ASCII letters.")
    try:
        canonical_uuid(key)
    except ValueError:
        return str(uuid5(NAMESPACE_URL, f"foleni:{person.id}:{key}"))
    return key


async def _body_of(request: Request, most_bytes: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most_bytes:
            raise WebError(413, "too_large", f"A request here has at most {most_bytes} bytes.")
    return bytes(body)


def _named(request: Request) -> dict[str, str]:
    """What the path names. A name that could be nobody's is one that is unknown."""
    named: dict[str, str] = dict(request.path_params)
    for kind, name in named.items():
        check_name(kind, name)
    return named


def check_name(kind: str, name: str) -> None:
    """Refuses a ticket, counter or service whose name is none, as unknown."""
    if kind == "ticket":
        try:
            canonical_uuid(name)
        except ValueError:
            raise Refused(*_UNKNOWN[kind]) from None
    elif not re.fullmatch(r"[a-z0-9-]{1,32}", name):
        raise Refused(*_UNKNOWN[kind])


def _filled(command_type: str, fields: dict[str, Any], person: Person) -> dict[str, Any]:
    """The fields with what goes without saying: how a ticket was made, and who sits down at a counter."""
    is_person = person.role is not Role.INTEGRATION
    if command_type == "join":
        return {"channel": "staff" if is_person else "api", **fields}
    if command_type == "open_counter" and is_person:
        return {"staff": person.id, **fields}
    return fields
