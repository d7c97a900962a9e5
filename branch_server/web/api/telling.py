"""Tickets as people and integrations may read them: the standing for all, names and words only for those with the right."""

import json
import re
from dataclasses import asdict
from typing import Any

from branch_server.adapters.mqtt.payloads import public_event
from branch_server.domain.asking import Moment
from branch_server.domain.events import Recorded, Why
from branch_server.domain.results import standing
from branch_server.domain.state import State
from branch_server.domain.tickets import Ticket
from branch_server.web.people import rights
from branch_server.web.people.person import Person, Role, Scope
from branch_server.web.people.rights import Action
from foleni.times import to_wire

MOST_FOUND = 20
_LEAST_DIGITS = 6
_INSTANTS = ("called_at", "started_at", "ended_at", "appointment")
_NOT_DIGIT = re.compile(r"\D")


def may_follow(person: Person) -> bool:
    """Whether somebody may read where a ticket stands: whoever sees the queue, and whoever may make tickets."""
    return rights.may(person, Action.SEE_QUEUE) or rights.may(person, "join")


def may_seek_phones(person: Person) -> bool:
    """Whether somebody may read names and phone numbers at all: staff, and integrations that make tickets."""
    return person.role is not Role.INTEGRATION or Scope.TICKETS in person.scopes


def may_name(person: Person, service: str) -> bool:
    """Whether somebody may read names and phone numbers of a service's customers."""
    return may_seek_phones(person) and person.touches(service)


def told(state: State, ticket: Ticket, moment: Moment, person: Person) -> dict[str, Any]:
    """A ticket as `person` may know it."""
    fields: dict[str, Any] = {"seq": state.seq, **standing(state, ticket, moment)}
    fields |= {"channel": ticket.channel, "priority": ticket.priority, "counter": ticket.counter, "outcome": ticket.outcome}
    fields |= {name: _time(getattr(ticket, name)) for name in _INSTANTS}
    if may_name(person, ticket.service):
        fields |= {"name": ticket.name, "phone": ticket.phone, "language": ticket.language, "notes": list(ticket.notes)}
    return {name: value for name, value in fields.items() if value is not None}


def story(recorded: list[Recorded], *, in_full: bool) -> list[dict[str, Any]]:
    """What happened to a ticket, oldest first; `in_full` with who did it and with the words that people typed."""
    return [line for one in recorded if (line := _line(one, in_full=in_full)) is not None]


def why_of(why: Why) -> dict[str, Any]:
    """The reason of a call, as public events carry it."""
    heads = [{**asdict(head), "rank_at": to_wire(head.rank_at)} for head in why.heads]
    return {"rule": why.rule, "reason": why.reason, "heads": heads}


def by_number(state: State, number: str) -> list[Ticket]:
    """Today's tickets with this number; spaces and small letters are of no account."""
    wanted = "".join(number.split()).upper()
    return [ticket for ticket in state.tickets.values() if ticket.number == wanted]


def by_phone(state: State, phone: str) -> list[Ticket]:
    """Today's tickets of a phone number, written in any usual way, with the country's digits or without."""
    digits = _NOT_DIGIT.sub("", phone).lstrip("0")
    if len(digits) < _LEAST_DIGITS:
        return []
    return [ticket for ticket in state.tickets.values() if ticket.phone is not None and ticket.phone.endswith(digits)]


def _line(recorded: Recorded, *, in_full: bool) -> dict[str, Any] | None:
    if recorded.event.type == "note_added" and not in_full:
        return None
    line: dict[str, Any] = json.loads(public_event(recorded))
    if in_full:
        line["actor"] = recorded.actor
        for name in ("text", "reason"):
            if getattr(recorded.event, name, None):
                line[name] = getattr(recorded.event, name)
    return line


def _time(value: int | None) -> str | None:
    return to_wire(value) if value is not None else None
