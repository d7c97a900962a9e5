"""From what the cloud sends down to a command for the engine, or to the reason why it is none."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

from pydantic import ValidationError

from branch_server.adapters.sync.clocks import BranchClock, CloudClock
from branch_server.domain.asking import REMOTE_ISSUER
from foleni.messages.commands import Command, Join, parse_command
from foleni.messages.replies import Code, Reply, refusal
from foleni.times import SECOND_US, Instant, from_wire

ALLOWED = frozenset({
    "join", "cancel", "check_in", "rate", "call_next", "skip", "open_service", "pause_service", "close_service", "announce",
})  # fmt: skip
"""What may be asked from afar. The setup, the day and what only somebody at the counter can know are the branch's own."""
MOST_BYTES = 16 * 1024
"""No command is longer."""
_READABLE = re.compile(r"[ -~]{1,64}")
_MOST_ACTOR = 64
_SKEW_US = 2 * SECOND_US
"""Clocks that differ by less are taken as one."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A command, and the `time.monotonic` after which it is void."""

    command: Command
    deadline: float | None

    @property
    def is_late(self) -> bool:
        return self.deadline is not None and monotonic() >= self.deadline


class Understanding:
    """Reads commands with both clocks at hand."""

    def __init__(self, cloud: CloudClock, branch: BranchClock) -> None:
        self._cloud = cloud
        self._branch = branch

    def read(self, raw: Mapping[str, Any]) -> Wanted | Reply | None:
        """What is wanted; or the refusal; or None where nobody can be answered, because there is no id."""
        command_id = raw.get("id")
        if not isinstance(command_id, str) or not _READABLE.fullmatch(command_id):
            return None
        kind = raw.get("type")
        if isinstance(kind, str) and kind not in ALLOWED:
            return refusal(command_id, Code.NOT_ALLOWED, "This cannot be asked from outside of the branch.")
        try:
            deadline = self._deadline(raw.get("expires_at"))
            command = _parsed(raw)
        except (ValueError, RecursionError) as error:
            return refusal(command_id, Code.INVALID, f"This is no valid command: {_in_words(error)}.")
        return Wanted(self._told_here(command), deadline)

    def _deadline(self, expires_at: Any) -> float | None:
        if expires_at is None:
            return None
        if not isinstance(expires_at, str):
            raise ValueError("expires_at is no time")
        return monotonic() + self._cloud.left_s(from_wire(expires_at))

    def _told_here(self, command: Command) -> Command:
        """In the branch's own terms: nobody out there speaks in the name of its people, and its clock may be wrong."""
        changes: dict[str, Any] = {"actor": _actor(command.actor)}
        if isinstance(command, Join) and command.joined_at is not None:
            changes["joined_at"] = self._by_branch_clock(command.joined_at)
        return command.model_copy(update=changes)

    def _by_branch_clock(self, instant: Instant) -> Instant:
        """An instant of the cloud's clock as the branch's clock showed it then, so that a place in a queue is the right one."""
        now = self._cloud.now()
        if now is None:
            return instant
        skew = self._branch.now() - now
        return Instant(instant + skew) if abs(skew) > _SKEW_US else instant


def _actor(actor: str | None) -> str:
    return REMOTE_ISSUER if actor in {None, REMOTE_ISSUER} else f"{REMOTE_ISSUER}:{actor}"[:_MOST_ACTOR]


def _parsed(raw: Mapping[str, Any]) -> Command:
    payload = json.dumps(raw, ensure_ascii=False).encode("utf-8", "surrogatepass")
    if len(payload) > MOST_BYTES:
        raise ValueError(f"longer than {MOST_BYTES} bytes")
    return parse_command(payload)


def _in_words(error: ValueError | RecursionError) -> str:
    """The first fault, without the value that was wrong: it may be a phone number."""
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"][1:]) or "type"
    return f"{place}: {first['msg'].lower()}"
