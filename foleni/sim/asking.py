"""Asking a branch: each command is repeated with its id until it is answered, or until its message expiry is over."""

import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import paho.mqtt.client as mqtt
from pydantic import BaseModel, ConfigDict, ValidationError

from foleni.ids import Uuid7
from foleni.messages.replies import Code, Reply
from foleni.sim.client import Connection
from foleni.sim.summary import Tally
from foleni.times import to_wire
from foleni.topics import Topics

EXPIRY_S = 5
GRACE_S = 1.0
_FIRST_REPEAT_S, _LAST_REPEAT_S = 1.5, 15.0

OnReply = Callable[[Reply | None], None]


class _ReplyFrame(BaseModel):
    """The part of a reply that is readable even where its code is unknown."""

    model_config = ConfigDict(extra="ignore")
    command: str


@dataclass(slots=True)
class Voice:
    """A device that may ask: `kind` and `counter` tell what, `connection` how."""

    device: str
    kind: str
    connection: Connection
    counter: str | None = None


@dataclass(slots=True)
class _Asked:
    """A command on its way. `expires` is false for joins, which are repeated until they are answered."""

    voice: Voice
    payload: bytes
    expires: bool
    at_s: float
    on_reply: OnReply
    sent: float | None = None
    repeat_at: float = 0.0
    repeat_s: float = _FIRST_REPEAT_S
    tries: int = 0
    was_away: bool = False


@dataclass(slots=True)
class Asking:
    """All commands on their way. `branch_online` follows the branch's own word, its last will included."""

    topics: Topics
    tally: Tally
    branch_online: bool = True
    _open: dict[str, _Asked] = field(default_factory=dict)
    _repeated: dict[str, object] = field(default_factory=dict)
    _new_id: Uuid7 = field(default_factory=Uuid7)

    def __len__(self) -> int:
        return len(self._open)

    def earliest_s(self) -> float | None:
        """The simulated time of the oldest command that is unanswered."""
        return min((asked.at_s for asked in self._open.values()), default=None)

    def ask(self, voice: Voice, at_s: float, fields: dict[str, Any], on_reply: OnReply) -> None:
        """Send a command; `on_reply` gets the reply, or None where the command is void."""
        command = self._new_id()
        now = to_wire(time.time_ns() // 1000)
        payload = {"id": command, "actor": voice.device, "at": now, **fields}
        asked = _Asked(voice, json.dumps(payload).encode(), fields["type"] != "join", at_s, on_reply)
        self._open[command] = asked
        self._send(asked, time.monotonic())

    def heard(self, message: mqtt.MQTTMessage) -> None:
        """A message on a `replies` topic."""
        payload = bytes(message.payload)
        reply = self._read(payload)
        if reply is None:
            return
        asked = self._open.pop(reply.command, None)
        if asked is None:
            self._compare(reply)
            return
        self._count(asked, reply)
        asked.on_reply(reply)

    def tick(self) -> None:
        """Repeat what is due, and give up what has expired."""
        now = time.monotonic()
        for command, asked in list(self._open.items()):
            asked.was_away = asked.was_away or not self._reachable(asked.voice)
            if asked.expires and asked.sent is not None and now >= asked.sent + EXPIRY_S + GRACE_S:
                self._give_up(command, asked)
            elif now >= asked.repeat_at and not (asked.expires and asked.sent and now >= asked.sent + EXPIRY_S - 1):
                self._send(asked, now)

    def _send(self, asked: _Asked, now: float) -> None:
        if not self._reachable(asked.voice):
            return
        asked.sent = asked.sent if asked.sent is not None else now
        left_s = max(1, round(asked.sent + EXPIRY_S - now)) if asked.expires else None
        asked.tries += 1
        asked.repeat_at = now + asked.repeat_s * random.uniform(0.8, 1.2)  # noqa: S311
        asked.repeat_s = min(asked.repeat_s * 2, _LAST_REPEAT_S)
        self.tally.repeats += asked.tries > 1
        asked.voice.connection.publish(self.topics.commands(asked.voice.device), asked.payload, left_s)

    def _reachable(self, voice: Voice) -> bool:
        return self.branch_online and voice.connection.ready

    def _count(self, asked: _Asked, reply: Reply) -> None:
        self.tally.answers += 1
        if asked.sent is not None:
            self.tally.latencies_ms.append((time.monotonic() - asked.sent) * 1000)
        if asked.tries > 1:
            self._repeated[reply.command] = _essence(reply)
        if not reply.ok:
            self.tally.refuse(reply.error)

    def _compare(self, reply: Reply) -> None:
        known = self._repeated.get(reply.command)
        if known is not None and known != _essence(reply):
            self.tally.contradict(f"command {reply.command} got two answers: {known} and {_essence(reply)}")

    def _give_up(self, command: str, asked: _Asked) -> None:
        del self._open[command]
        self.tally.void += 1
        if not asked.was_away:
            self.tally.contradict(f"command {command} was never answered in {asked.tries} tries")
        asked.on_reply(None)

    def _read(self, payload: bytes) -> Reply | None:
        try:
            reply = Reply.model_validate_json(payload)
        except ValidationError as error:
            self.tally.contradict(f"no valid reply: {error.errors()[0]['msg']}: {payload[:200]!r}")
            return _unreadable(payload)
        if not reply.ok and reply.error is None:
            self.tally.contradict(f"a refusal without an error: {payload[:200]!r}")
        return reply


def _unreadable(payload: bytes) -> Reply | None:
    """A stand-in that ends the command of a reply which breaks the contract."""
    try:
        return Reply(command=_ReplyFrame.model_validate_json(payload).command, ok=False)
    except ValidationError:
        return None


def _essence(reply: Reply) -> tuple[bool, Code | None, object, object]:
    result = reply.result or {}
    return reply.ok, reply.error.code if reply.error else None, result.get("ticket"), result.get("number")
