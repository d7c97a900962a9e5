"""The command line of `foleni-branch restore`."""

import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from sqlite3 import Error as SqliteError

from branch_server.adapters.sync.clocks import CloudClock
from branch_server.adapters.sync.errors import SyncError
from branch_server.adapters.sync.fetching import pages_of
from branch_server.adapters.sync.wire import Wire
from branch_server.domain.state import State
from branch_server.engine.journal import EngineError, StorageError
from branch_server.keeping.errors import KeepingError
from branch_server.keeping.manifest import Manifest
from branch_server.restoring import from_backup
from branch_server.restoring.numbers import begin_anew
from branch_server.restoring.placing import clear, is_in_use, put_in_place, take_back
from branch_server.restoring.rebuilding import Rebuilding
from branch_server.restoring.settings import RestoreSettings
from foleni import logs, settings
from foleni.times import to_wire

PROGRAM = "foleni-branch restore"
_TELL_EVERY_S = 1.0

Tell = Callable[[str], None]


def main(argv: Sequence[str] | None = None) -> int:
    """The exit status: 0 where the branch is there again, 1 where it could not be made, 2 for a wrong setting."""
    from branch_server.bootstrap import BranchSettings  # noqa: PLC0415 - only for the names in a settings file

    given = settings.load(RestoreSettings, PROGRAM, argv, beside=BranchSettings)
    logs.set_up(given.log_level)
    return run(given)


def run(given: RestoreSettings) -> int:
    """As `main`, with these settings."""
    if is_in_use(given.data):
        if given.if_there:
            return 0
        _tell(f"wrong settings: --data: there is something in {given.data} already; it stays as it is")
        return settings.WRONG
    try:
        if given.if_there and given.from_backup is not None and not from_backup.wanted(given):
            return 0
        lines = _restored(given)
    except (SyncError, EngineError, KeepingError) as error:
        _tell(f"nothing was restored: {error}")
        return 1
    except (OSError, SqliteError) as error:
        _tell(f"nothing was restored: {given.data} cannot be written: {error}")
        return 1
    for line in lines:
        _tell(line)
    return 0


def _restored(given: RestoreSettings) -> list[str]:
    """Makes everything aside and puts it in its place, whole or not at all; what is said of it."""
    aside = clear(given.data)
    made = aside / "made"
    made.mkdir(mode=0o700)
    try:
        manifest = from_backup.gather(given, made, _tell) if given.from_backup is not None else None
        state = _rebuilt(given, made, _tell) if manifest is None else None
        if manifest is not None or given.numbers_behind is not None:
            state = begin_anew(made, given.numbers_behind)
        assert state is not None, "one of the two was asked for"
        from_backup.arrange(made)
        (made / "lock").unlink(missing_ok=True)
        put_in_place(made, given.data)
    finally:
        take_back(given.data)
    return _said_of_cloud(given, state) if manifest is None else _said_of_backup(given, manifest, state)


def _rebuilt(given: RestoreSettings, aside: Path, tell: Tell) -> State:
    if given.from_cloud is None or given.cloud_token_file is None or given.branch is None:
        raise StorageError("there is nothing to restore from")
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


def _said_of_cloud(given: RestoreSettings, state: State) -> list[str]:
    """What is not in any event, and so has to be made anew."""
    admins = [person.id for person in state.staff.values() if person.role == "admin" and person.active]
    codes = [f"  foleni-code --data {given.data} {person}" for person in admins]
    return [
        f"branch {given.branch} is there again, up to event {state.seq} of {state.day}. What it had not sent is lost.",
        "Start the branch server; then, because PINs are in no event, make a one-time code for whoever is to sign in first:",
        *codes,
        f"Devices get new passwords at that start, in {given.data / 'devices'}; links on older tickets no longer open.",
    ]


def _said_of_backup(given: RestoreSettings, manifest: Manifest, state: State) -> list[str]:
    """What is back, and what people must know before they open the doors."""
    waiting = sum(queue.length for queue in state.queues.values())
    series = ", ".join(
        f"{queue.service.prefix}{state.last_number.get(queue.service.prefix, 0) + 1:03d}" for queue in state.queues.values()
    )
    lines = [
        f"branch {manifest.branch} is there again, up to event {state.seq} of {state.day}; {waiting} tickets wait.",
        "People sign in and devices come back by themselves: accounts, PINs and certificates are those of the backup.",
        f"What happened after {to_wire(manifest.made_at)} is lost, but for what the cloud knew.",
        f"So that no number on paper in the hall is given twice, numbers go on at {series}.",
    ]
    if manifest.origins:
        lines.append(f"The lost server's settings lie in {given.data / 'backup' / 'settings'}; compare them with yours.")
    return [*lines, "See to it that the old server stays off: two servers of one branch cannot both be right."]


def _tell(line: str) -> None:
    print(f"{PROGRAM}: {line}", file=sys.stderr, flush=True)  # noqa: T201 - for whoever started it
