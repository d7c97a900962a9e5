"""Whether a copy of the journal is a branch: read whole and folded, as a start of the branch server would."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from branch_server.adapters.db.checking import check_whole
from branch_server.adapters.db.journal import SqlJournal
from branch_server.adapters.db.reading import LogReader
from branch_server.domain.events import Recorded
from branch_server.domain.state import State
from branch_server.engine.journal import EngineError, Snapshot
from branch_server.engine.recovery import recover
from branch_server.keeping.errors import ArchiveError

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Proved:
    """A branch as its journal gives it."""

    branch: str
    first_event: str
    state: State


def prove(folder: Path) -> Proved:
    """Reads every page, and folds what follows the last snapshot. Raises `ArchiveError`."""
    _check(folder)
    return _within(folder, recover)


def prove_wholly(folder: Path) -> Proved:
    """The same, of a backup that an older program may have made: its database is brought to the form of this one. And from the
    first event on, which must give the same branch. Raises `ArchiveError`.
    """

    def both(reader: LogReader) -> State:
        state = recover(reader)
        if recover(_FromTheFirst(reader)) != state:
            raise ArchiveError("its events do not give the branch of its snapshot")
        return state

    _check(folder)
    try:
        SqlJournal(folder).close()
    except EngineError as error:
        raise ArchiveError(f"the journal in it is no good: {error}") from error
    return _within(folder, both)


def _check(folder: Path) -> None:
    try:
        check_whole(folder)
    except EngineError as error:
        raise ArchiveError(f"the journal in it is no good: {error}") from error


def _within(folder: Path, fold: Callable[[LogReader], State]) -> Proved:
    try:
        with closing(LogReader(folder)) as reader:
            state = fold(reader)
            first = reader.read(0, 1)
    except EngineError as error:
        raise ArchiveError(f"the journal in it is no good: {error}") from error
    if state.branch is None or not first:
        raise ArchiveError("there is no branch in it")
    return Proved(state.branch.id, first[0].id, state)


class _FromTheFirst:
    """A log without its snapshots."""

    def __init__(self, reader: LogReader) -> None:
        self._reader = reader

    def load(self) -> tuple[Snapshot | None, Iterator[Recorded]]:
        return None, self._events()

    def _events(self) -> Iterator[Recorded]:
        after = 0
        while chunk := self._reader.read(after, _CHUNK):
            yield from chunk
            after = chunk[-1].seq
