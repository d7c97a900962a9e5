"""From a payload on the LAN to a command for the engine, or to the reason why it is none."""

import json
import logging
import re
from collections.abc import Callable
from functools import partial
from time import monotonic

from pydantic import ValidationError

from branch_server.domain.asking import HOUSE, WEB, Sender
from branch_server.engine.engine import Engine
from branch_server.engine.journal import Answer
from foleni.link.packets import Incoming
from foleni.logs import Seldom
from foleni.messages.commands import Command, CounterCommand, parse_command
from foleni.messages.replies import Code, Reply, refusal

_log = logging.getLogger(__name__)

MOST_BYTES = 16 * 1024
"""No command is longer."""

CATCH_UP_S = 5.0
"""At most so long after a session is resumed, what comes may have waited at the broker while nobody could act on it."""

_READABLE = re.compile(r"[ -~]{1,64}")


class Commands:
    """Takes what devices ask, on the link's thread, and hands it to the engine. Never raises, whatever comes."""

    def __init__(self, engine: Engine, reply: Callable[[str, bytes], object]) -> None:
        """`reply` publishes an answer to a device; called by the engine's writer."""
        self._engine = engine
        self._reply = reply
        self._stale_until = 0.0
        self._mark = b""
        self._seldom = Seldom(_log)

    def resumed(self, mark: bytes) -> None:
        """The link is up again in an old session: presses that waited there are void.

        What waited comes before what is sent from now on, so `mark`, which we send to ourselves as `HOUSE`, ends the waiting.
        """
        self._mark = mark
        self._stale_until = monotonic() + CATCH_UP_S

    @property
    def is_catching_up(self) -> bool:
        """Whether what comes may still be old."""
        return monotonic() < self._stale_until

    def work_off(self) -> None:
        """All that the link had read was taken: now it is done."""
        self._engine.work_off()

    def take(self, device: str, incoming: Incoming) -> None:
        """One message on a device's commands topic."""
        if device == HOUSE and incoming.payload == self._mark:
            self._stale_until = 0.0
            return
        if incoming.retain:
            self._seldom.warning(device, "a retained command of %s was ignored: a command is asked once, not kept", device)
            return
        try:
            command = _parsed(incoming.payload)
        except ValueError as error:
            self._refuse(device, incoming.payload, error)
            return
        deadline = self._deadline(command, incoming)
        sender = Sender(device, trusted=device == WEB)
        self._engine.hand_in(command, sender, partial(self._answered, device), deadline=deadline)

    def _deadline(self, command: Command, incoming: Incoming) -> float | None:
        """Until when the command may be begun; a press without an expiry out of a resumed session is over already.

        With an expiry the broker has dropped what was too old.
        """
        if incoming.expiry_s is not None:
            return monotonic() + incoming.expiry_s
        return monotonic() if isinstance(command, CounterCommand) and self.is_catching_up else None

    def _answered(self, device: str, answer: Answer) -> None:
        self._reply(device, answer.payload)

    def _say(self, device: str, reply: Reply) -> None:
        self._reply(device, reply.to_wire())

    def _refuse(self, device: str, payload: bytes, error: ValueError) -> None:
        command_id = _readable_id(payload)
        if command_id is None:
            self._seldom.warning(device, "%s sent what is no command (%d bytes)", device, len(payload))
        else:
            self._say(device, refusal(command_id, Code.INVALID, f"This is no valid command: {_in_words(error)}."))


def _parsed(payload: bytes) -> Command:
    if len(payload) > MOST_BYTES:
        raise ValueError(f"longer than {MOST_BYTES} bytes")
    return parse_command(payload)


def _readable_id(payload: bytes) -> str | None:
    """The id of a payload that is a JSON object with one, however wrong the rest is."""
    try:
        value = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    found = value.get("id") if isinstance(value, dict) else None
    return found if isinstance(found, str) and _READABLE.fullmatch(found) else None


def _in_words(error: ValueError) -> str:
    """The first fault, without the value that was wrong: it may be a phone number."""
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    if first["type"] == "union_tag_invalid":
        return "its type is not known"
    place = ".".join(str(part) for part in first["loc"][1:]) or "type"
    return f"{place}: {first['msg'].lower()}"
