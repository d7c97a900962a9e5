"""One batch in the making: commands are decided one after the other, each upon what the one before it left."""

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from time import monotonic

from branch_server.domain import rights
from branch_server.domain.apply import apply
from branch_server.domain.asking import HOUSE, Moment, Sender
from branch_server.domain.decide import decide
from branch_server.domain.events import (
    AlertCleared,
    AlertRaised,
    DayOpened,
    Event,
    Recorded,
    TicketEvent,
)
from branch_server.domain.handlers.days import fall_due, roll_over
from branch_server.domain.refusals import Refused
from branch_server.domain.results import result_of, standing
from branch_server.domain.state import State
from branch_server.domain.timetable import Timetables
from branch_server.domain.waits import WaitModel
from branch_server.engine.clock import Reading, SteadyClock
from branch_server.engine.codec import compact, dump_state
from branch_server.engine.journal import Answer, Batch, Snapshot
from foleni.ids import Uuid7
from foleni.messages.commands import CloseDay, Command, Join
from foleni.messages.replies import Code, refusal
from foleni.times import HOUR_US, Instant

_log = logging.getLogger(__name__)

LEAP_ALERT = "clock_leap"

_new_id = Uuid7()

Done = Callable[[Answer], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """A command, who asks, whom to tell, and the `time.monotonic` after which it is void."""

    command: Command
    sender: Sender
    done: Done
    deadline: float | None = None

    @property
    def is_late(self) -> bool:
        return self.deadline is not None and monotonic() >= self.deadline


@dataclass(frozen=True, slots=True)
class Parts:
    """What decisions are made with beside the state. `link_of` makes a ticket's public link from its id."""

    clock: SteadyClock
    link_of: Callable[[str], str]
    waits: WaitModel
    timetables: Timetables = field(default_factory=Timetables)


def unavailable(asked: Asked, message: str) -> Answer:
    """The answer to a command of which nothing was done. It is not kept: the same id may try again."""
    payload = refusal(asked.command.id, Code.UNAVAILABLE, message).to_wire()
    return Answer(asked.command.id, asked.sender.name, payload)


class Work:
    """Decides commands and collects what must become durable. It changes `state`; if the batch fails, drop the state."""

    def __init__(self, state: State, parts: Parts, known: Mapping[str, Answer]) -> None:
        self.state = state
        self.batch = Batch()
        self.answered: list[tuple[Done, Answer]] = []
        self.now = state.steady
        self.accepts_leap = False
        self._parts = parts
        self._known = dict(known)

    def keep_time(self) -> None:
        """Records what falls due by time: the day's roll-over, services that open and close, alerts about the clock."""
        reading = self._read()
        self._record(self._clock_alerts(reading), reading, HOUSE, None)
        self._record(roll_over(self.state, reading.steady), reading, HOUSE, None)
        self._record(fall_due(self.state, reading.steady, self._parts.timetables), reading, HOUSE, None)

    def take(self, asked: Asked) -> None:
        """Decides one command; the same id again gets the answer that it had."""
        earlier = self._known.get(asked.command.key)
        if earlier is None or _printed_otherwise(self.state, earlier, asked):
            self._answer(asked)
        elif earlier.sender == asked.sender.name:
            self.answered.append((asked.done, earlier))
        else:
            message = "Another sender has used this command id."
            payload = refusal(asked.command.id, Code.NOT_ALLOWED, message).to_wire()
            self.answered.append((asked.done, Answer(asked.command.id, asked.sender.name, payload)))

    def _answer(self, asked: Asked) -> None:
        if asked.is_late:
            self.answered.append((asked.done, unavailable(asked, "This came too late to act on; nothing was done.")))
            return
        try:
            payload, is_kept = self._decide(asked)
        except Exception:  # noqa: BLE001 - the rules are pure: whatever went wrong in them, the state is as it was
            _log.exception("command %s (%s) could not be decided", asked.command.id, asked.command.type)
            self.answered.append((asked.done, unavailable(asked, "This could not be done. Please try again.")))
            return
        answer = Answer(asked.command.key, asked.sender.name, payload)
        self.answered.append((asked.done, answer))
        if is_kept:
            self._known[answer.command] = answer
            self.batch.answers.append(answer)

    def _decide(self, asked: Asked) -> tuple[bytes, bool]:
        """The reply, and whether it is kept: who may not ask at all does not get to fill the disk."""
        command, state = asked.command, self.state
        reading = self._read()
        moment = Moment(reading.steady, asked.sender, _new_id, self._parts.link_of, self._parts.waits)
        try:
            if isinstance(command, CloseDay) and reading.leap_us:
                rights.check(state, asked.sender, command)
                self.accepts_leap = True
                reading = self._read()
                moment = Moment(reading.steady, asked.sender, _new_id, self._parts.link_of, self._parts.waits)
            events = decide(state, command, moment)
        except Refused as refused:
            return _refusal(state, command, refused, moment), refused.code is not Code.NOT_ALLOWED
        self._record(events, reading, _actor(state, asked), command.key)
        result = result_of(state, command, moment)
        return compact({"command": command.id, "ok": True, "seq": state.seq, "result": result}), True

    def _read(self) -> Reading:
        """The clock; with an acceptance in this batch it has leaped already, for as long as the batch is not given up."""
        reading = self._parts.clock.read()
        if self.accepts_leap:
            reading = Reading(reading.wall, Instant(max(reading.wall, reading.steady, self.now + 1)))
        self.now = reading.steady
        return reading

    def _record(self, events: Iterable[Event], reading: Reading, actor: str, command: str | None) -> None:
        state, batch = self.state, self.batch
        for event in events:
            day = event.opened if isinstance(event, DayOpened) else state.day
            recorded = Recorded(state.seq + 1, _new_id(), reading.wall, reading.steady, day, actor, command, event)
            apply(state, recorded)
            batch.events.append(recorded)
            if isinstance(event, TicketEvent):
                batch.tickets[event.ticket] = state.tickets[event.ticket]
            elif isinstance(event, DayOpened):
                batch.snapshots.append(Snapshot(state.seq, state.day, dump_state(state)))

    def _clock_alerts(self, reading: Reading) -> list[Event]:
        raised = LEAP_ALERT in self.state.alerts
        if reading.leap_us and not raised:
            hours = round(reading.leap_us / HOUR_US)
            message = f"The clock leaped forward by {hours} h. Set it right, or close the day to accept it."
            _log.error("%s", message)
            return [AlertRaised(LEAP_ALERT, message)]
        if raised and not reading.leap_us:
            return [AlertCleared(LEAP_ALERT)]
        return []


def _actor(state: State, asked: Asked) -> str:
    """Who acts: a console speaks for the person it names, any other device for itself."""
    device = state.devices.get(asked.sender.name)
    speaks_for_others = asked.sender.trusted or (device is not None and device.kind == "console")
    return asked.command.actor if speaks_for_others and asked.command.actor else asked.sender.name


def _printed_otherwise(state: State, earlier: Answer, asked: Asked) -> bool:
    """Whether an issuer hands in a number that is on paper, and we had answered the same command of today otherwise."""
    command = asked.command
    if not isinstance(command, Join) or command.number is None or earlier.sender != asked.sender.name:
        return False
    reply = json.loads(earlier.payload)
    if reply["ok"]:
        return command.key in state.joins and reply["result"]["number"] != command.number
    return True


def _refusal(state: State, command: Command, refused: Refused, moment: Moment) -> bytes:
    error = {"code": str(refused.code), "message": refused.message}
    reply = {"command": command.id, "ok": False, "seq": state.seq, "error": error}
    ticket = state.tickets.get(refused.ticket or "")
    if ticket is not None:
        error |= {"ticket": ticket.id, "number": ticket.number}
        if refused.code is Code.ALREADY_QUEUED:
            reply["result"] = standing(state, ticket, moment)
    return compact(reply)
