"""What would change from one setup to another: in commands for the queue, and in words for people."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from branch_server.domain.asking import WEB, Moment, Sender
from branch_server.domain.decide import decide
from branch_server.domain.folds import fold_of
from branch_server.domain.refusals import Refused
from branch_server.domain.state import Desk, Queue, State
from branch_server.domain.tickets import ACTIVE
from branch_server.web.admin.kinds import BRANCH, KINDS, fields_of
from branch_server.web.admin.moving import Things
from foleni.ids import uuid7
from foleni.messages.commands import Command
from foleni.messages.setup import BUILT_IN_PRIORITIES, Setting
from foleni.times import Instant

_COMMANDS = {str(command.model_fields["type"].default): command for command in Command.__subclasses__()}
_BUILT_IN = frozenset(known.id for known in BUILT_IN_PRIORITIES)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not the same: `before` is None for an added one, `after` for a removed one."""

    kind: str
    id: str
    before: Setting | None
    after: Setting | None

    @property
    def what(self) -> str:
        return "added" if self.before is None else "removed" if self.after is None else "changed"

    def command(self) -> Command:
        """What brings it about."""
        if self.after is None:
            return _COMMANDS[f"remove_{self.kind}"].model_validate({"id": uuid7(), self.kind: self.id})
        return _COMMANDS[f"save_{self.kind}"].model_validate({"id": uuid7(), self.kind: fields_of(self.after)})

    def fields(self) -> Iterator[tuple[str, Any, Any]]:
        """Each field that is not the same, as JSON has it before and after; inner tables by their fields."""
        before = fields_of(self.before) if self.before is not None else {}
        after = fields_of(self.after) if self.after is not None else {}
        yield from _different(before, after)


@dataclass(slots=True)
class Plan:
    """`steps` can be done one after the other; `refused` cannot, and why."""

    steps: list[Change] = field(default_factory=list)
    refused: list[tuple[Change, str]] = field(default_factory=list)


def changes(before: Things, after: Things) -> list[Change]:
    """All that is not the same: first what is saved, in an order in which each finds what it names, then what goes."""
    saved = [Change(kind, name, before[kind].get(name), thing)
             for kind in KINDS for name, thing in after[kind].items() if before[kind].get(name) != thing]  # fmt: skip
    gone = [Change(kind, name, thing, None)
            for kind in reversed(KINDS) for name, thing in before[kind].items() if _goes(kind, name, after)]  # fmt: skip
    return [*saved, *gone]


def planned(wanted: Sequence[Change], state: State, now: Instant) -> Plan:
    """Rehearses changes on a likeness of the branch, in rounds: what one needs may come only with another."""
    likeness, plan, left = _likeness(state), Plan(), list(wanted)
    while left:
        refused: list[tuple[Change, str]] = []
        for change in left:
            fault = _tried(likeness, change, now)
            if fault is None:
                plan.steps.append(change)
            else:
                refused.append((change, fault))
        if len(refused) == len(left):
            plan.refused = refused
            break
        left = [change for change, _ in refused]
    return plan


def _goes(kind: str, name: str, after: Things) -> bool:
    return kind != BRANCH and name not in after[kind] and not (kind == "priority" and name in _BUILT_IN)


def _tried(likeness: State, change: Change, now: Instant) -> str | None:
    """Does a change to the likeness; why it cannot be done, where it cannot."""
    try:
        events = decide(likeness, change.command(), Moment(now, Sender(WEB, trusted=True), uuid7))
    except Refused as refused:
        return refused.message
    for event in events:
        fold = fold_of(type(event))
        if fold is not None:
            fold(likeness, event, now)
    return None


def _likeness(state: State) -> State:
    """The branch with its setup and who is in it, apart from the real one."""
    like = State(day=state.day, branch=state.branch, priorities=dict(state.priorities), devices=dict(state.devices))
    like.staff, like.templates = dict(state.staff), dict(state.templates)
    like.queues = {name: Queue(queue.service, queue.state) for name, queue in state.queues.items()}
    like.desks = {name: Desk(desk.counter, desk.state, desk.staff, desk.in_hand) for name, desk in state.desks.items()}
    like.tickets = {ticket.id: ticket for ticket in state.tickets.values() if ticket.status in ACTIVE}
    return like


def _different(before: Mapping[str, Any], after: Mapping[str, Any], path: str = "") -> Iterable[tuple[str, Any, Any]]:
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        if old == new or (name == "id" and not path):
            continue
        if isinstance(old, dict) and isinstance(new, dict) and name == "alerts":
            yield from _different(old, new, f"{path}{name}.")
        else:
            yield f"{path}{name}", old, new
