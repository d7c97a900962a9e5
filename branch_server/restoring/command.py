"""The command line of `foleni-branch restore`."""

import os
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from sqlite3 import Error as SqliteError

from pydantic import Field

from branch_server.adapters.db.connections import FILE_NAME
from branch_server.adapters.sync.address import CloudUrl, TokenFile
from branch_server.adapters.sync.clocks import CloudClock
from branch_server.adapters.sync.errors import SyncError
from branch_server.adapters.sync.fetching import pages_of
from branch_server.adapters.sync.wire import Wire
from branch_server.domain.state import State
from branch_server.engine.journal import EngineError, StorageError
from branch_server.restoring.rebuilding import Rebuilding
from foleni import logs, settings
from foleni.ids import Slug
from foleni.settings import Settings

PROGRAM = "foleni-branch restore"
ASIDE = ".restoring"
"""The folder below the data folder in which the database is made."""
_LOCK = "lock"
_TELL_EVERY_S = 1.0

Tell = Callable[[str], None]


class RestoreSettings(Settings):
    """What `foleni-branch restore` is started with."""

    from_cloud: CloudUrl = Field(description="https://… of the cloud that knows the branch")
    cloud_token_file: TokenFile = Field(description="file that holds the cloud's token for this branch")
    branch: Slug = Field(description="id of the branch")
    data: Path = Field(description="folder of the branch's data, with nothing in it yet")


def main(argv: Sequence[str] | None = None) -> int:
    """The exit status: 0 where the branch is there again, 1 where it could not be made, 2 for a wrong setting."""
    given = settings.load(RestoreSettings, PROGRAM, argv)
    logs.set_up(given.log_level)
    if _is_in_use(given.data):
        _tell(f"wrong settings: --data: there is something in {given.data} already; it stays as it is")
        return settings.WRONG
    try:
        state = restore(given, _tell)
    except (SyncError, EngineError) as error:
        _tell(f"nothing was restored: {error}")
        return 1
    except (OSError, SqliteError) as error:
        _tell(f"nothing was restored: {given.data} cannot be written: {error}")
        return 1
    for line in _next_steps(given, state):
        _tell(line)
    return 0


def restore(given: RestoreSettings, tell: Tell) -> State:
    """Fetches the log and puts the database in its place, whole or not at all; the branch as it then is.

    Raises `SyncError`, `EngineError`, `OSError`.
    """
    aside = given.data / ASIDE
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True, mode=0o700)
    try:
        state = _rebuilt(given, aside, tell)
        _put_in_place(aside / FILE_NAME, given.data / FILE_NAME)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return state


def _rebuilt(given: RestoreSettings, aside: Path, tell: Tell) -> State:
    wire = Wire(given.from_cloud, given.branch, given.cloud_token_file, CloudClock())
    with closing(Rebuilding(aside)) as rebuilding:
        told_at = time.monotonic()
        for page in pages_of(wire, time.sleep):
            rebuilding.add(page)
            if time.monotonic() - told_at >= _TELL_EVERY_S:
                told_at = time.monotonic()
                tell(f"{rebuilding.state.seq} events, up to {rebuilding.state.day}")
        if rebuilding.state.branch is None:
            raise StorageError("the cloud has no events of this branch")
        rebuilding.finish()
        return rebuilding.state


def _put_in_place(made: Path, place: Path) -> None:
    """In one step, and never over a database that came there meanwhile."""
    _sync(made)
    try:
        os.link(made, place)
    except FileExistsError as error:
        raise StorageError(f"{place} is there now; it stays as it is") from error
    _sync(place.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_in_use(data: Path) -> bool:
    return data.exists() and (not data.is_dir() or any(path.name not in {ASIDE, _LOCK} for path in data.iterdir()))


def _next_steps(given: RestoreSettings, state: State) -> list[str]:
    """What is not in any event, and so has to be made anew."""
    admins = [person.id for person in state.staff.values() if person.role == "admin" and person.active]
    codes = [f"  foleni-code --data {given.data} {person}" for person in admins]
    return [
        f"branch {given.branch} is there again, up to event {state.seq} of {state.day}. What it had not sent is lost.",
        "Start the branch server; then, because PINs are in no event, make a one-time code for whoever is to sign in first:",
        *codes,
        f"Devices get new passwords at that start, in {given.data / 'devices'}; links on older tickets no longer open.",
    ]


def _tell(line: str) -> None:
    print(f"{PROGRAM}: {line}", file=sys.stderr, flush=True)  # noqa: T201 - for whoever started it
