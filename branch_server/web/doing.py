"""The one door from a person to the queue: rights, then the engine, and a line in the audit log whatever came of it."""

import time
from typing import Any

from pydantic import TypeAdapter, ValidationError

from branch_server.domain.refusals import Refused
from branch_server.web.people import rights
from branch_server.web.people.person import Person
from branch_server.web.site import Site
from foleni.ids import uuid7
from foleni.messages.commands import AnyCommand, Command
from foleni.messages.replies import Code, Reply, refusal
from foleni.times import Instant, to_wire

_commands: TypeAdapter[Any] = TypeAdapter(AnyCommand)


async def do(site: Site, person: Person, command: Command) -> Reply:
    """Asks for a command in somebody's name. The reply is a refusal with `not_allowed` where it is not theirs to ask.

    When it returns, the site's own state has what the command did.
    """
    try:
        rights.check_command(person, command, site.follower.state)
    except Refused as refused:
        reply = refusal(command.id, refused.code, refused.message)
    else:
        reply = await site.lan.ask(command.model_copy(update={"actor": person.id}))
        if reply.ok and reply.seq is not None:
            await site.follower.reached(reply.seq)
    site.store.audit.note(person, command.type, subject_of(command), outcome_of(reply), command.key, seq=reply.seq)
    return reply


def command_of(fields: dict[str, Any], person: Person) -> Command:
    """The command of fields as the contract names them, with an id where none is given. Raises `Refused` with `invalid`."""
    filled = {"id": uuid7(), **fields, "actor": person.id, "at": to_wire(Instant(time.time_ns() // 1000))}
    try:
        command: Command = _commands.validate_python(filled)
    except ValidationError as error:
        raise Refused(Code.INVALID, _in_words(error)) from None
    return command


def subject_of(command: Command) -> str:
    """What a command is about, for the audit log: a ticket, a counter, a service, or what is set up."""
    for name in ("ticket", "counter", "service", "staff", "device", "priority", "template", "branch"):
        value = getattr(command, name, None)
        if value is not None:
            return str(getattr(value, "id", value))
    return ""


def outcome_of(reply: Reply) -> str:
    """`ok`, or the code of the refusal."""
    return "ok" if reply.ok else str(reply.error.code if reply.error is not None else Code.UNAVAILABLE)


def _in_words(error: ValidationError) -> str:
    """The first fault, without the value that was wrong: it may be a phone number."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"][1:]) or "type"
    return f"{place}: {first['msg']}"
