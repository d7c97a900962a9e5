"""The kinds of things that a branch is made of, and what of each the state has."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from branch_server.domain.state import State
from foleni.messages.setup import Branch, Counter, Device, PriorityClass, Service, Setting, Staff, Template

BRANCH = "branch"


@dataclass(frozen=True, slots=True)
class Kind:
    """`name` is also the last word of its commands (`save_service`) and their field; `things` are those of a state by id."""

    name: str
    model: type[Setting]
    things: Callable[[State], Mapping[str, Setting]]


def _branch_of(state: State) -> dict[str, Setting]:
    return {state.branch.id: state.branch} if state.branch is not None else {}


KINDS = {
    kind.name: kind
    for kind in (
        Kind(BRANCH, Branch, _branch_of),
        Kind("priority", PriorityClass, lambda state: state.priorities),
        Kind("service", Service, lambda state: {name: queue.service for name, queue in state.queues.items()}),
        Kind("counter", Counter, lambda state: {name: desk.counter for name, desk in state.desks.items()}),
        Kind("device", Device, lambda state: state.devices),
        Kind("staff", Staff, lambda state: state.staff),
        Kind("template", Template, lambda state: state.templates),
    )
}
"""In an order in which each finds what it names."""


def fields_of(thing: Setting) -> dict[str, Any]:
    """A thing as JSON has it, all its fields named."""
    fields: dict[str, Any] = thing.model_dump(mode="json")
    return fields


def version_of(thing: Setting | None) -> str:
    """Letters that change with a thing; empty for one that is not there."""
    return _mark(fields_of(thing)) if thing is not None else ""


def version_of_all(state: State) -> str:
    """Letters that change with any thing of the setup."""
    return _mark([[name, [fields_of(thing) for thing in _sorted(kind.things(state))]] for name, kind in KINDS.items()])


def _sorted(things: Mapping[str, Setting]) -> Iterable[Setting]:
    return (things[name] for name in sorted(things))


def _mark(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]
