"""From the log to the state: at start, and whenever memory cannot be trusted any more."""

from collections.abc import Iterable
from typing import Protocol

from branch_server.domain.apply import apply
from branch_server.domain.events import Recorded
from branch_server.domain.state import State
from branch_server.engine.codec import load_state
from branch_server.engine.journal import DamagedError, Snapshot


class Readable(Protocol):
    """The part of a journal that the past is read from."""

    def load(self) -> tuple[Snapshot | None, Iterable[Recorded]]: ...


def recover(journal: Readable) -> State:
    """Folds the events behind the last snapshot into it. Raises `DamagedError` where they do not fit."""
    snapshot, events = journal.load()
    try:
        state = load_state(snapshot.state) if snapshot is not None else State()
    except ValueError as error:
        raise DamagedError(f"the snapshot at event {snapshot.seq if snapshot else 0} cannot be read") from error
    for recorded in events:
        if recorded.seq != state.seq + 1:
            raise DamagedError(f"the log has a gap: event {recorded.seq} follows event {state.seq}")
        try:
            apply(state, recorded)
        except (KeyError, ValueError) as error:
            raise DamagedError(f"event {recorded.seq} ({recorded.event.type}) does not fit what came before it") from error
    return state
