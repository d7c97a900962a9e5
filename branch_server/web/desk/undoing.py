"""What a counter could take back now."""

from typing import Any

from branch_server.domain.handlers.undoing import UNDO_US, undoable
from branch_server.domain.state import Act, Desk, State
from branch_server.domain.tickets import Status
from branch_server.web.follower import Follower
from foleni.times import to_wire

_ACTS = {Status.COMPLETED: "complete", Status.NO_SHOW: "no_show"}


def undo_of(follower: Follower, desk: Desk) -> dict[str, Any] | None:
    """The last complete, skip or no-show at a counter, and until when it can be taken back; None where there is nothing.
    It is `blocked` while a ticket is in hand that would have nowhere to go.
    """
    act = undoable(desk, follower.now())
    if act is None:
        return None
    return {
        "ticket": act.before.id, "number": act.before.number, "act": _ACTS.get(act.after.status, "skip"),
        "until": to_wire(act.at + UNDO_US), "blocked": _is_blocked(follower.state, desk, act),
    }  # fmt: skip


def _is_blocked(state: State, desk: Desk, act: Act) -> bool:
    held = state.hand(desk)
    return held is not None and (held.status is not Status.CALLED or held.id != act.next)
