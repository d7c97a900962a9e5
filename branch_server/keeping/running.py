"""One run: a backup is made and brought to every place; what came of each is written down at once."""

import fcntl
import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from branch_server.keeping import making
from branch_server.keeping.errors import Fault, KeepingError, KeyFaultError, TargetError
from branch_server.keeping.keys import recipients_of
from branch_server.keeping.making import Made
from branch_server.keeping.naming import own
from branch_server.keeping.places import LOCK, WANTED, folder_of
from branch_server.keeping.retention import superfluous
from branch_server.keeping.settings import BackupSettings, BackupTarget
from branch_server.keeping.status import Kept, Status, read_status, write_status
from branch_server.keeping.targets.opening import opened
from branch_server.keeping.targets.target import Target
from foleni.times import Instant

_log = logging.getLogger(__name__)

_PATIENCE_S = 2.0
_LOOK_S = 0.05


def back_up(given: BackupSettings, settings: Sequence[Path], tell: Callable[[str], None]) -> Status:
    """Makes a backup and brings it to every target; one that fails keeps none of the others from theirs.

    Raises `KeepingError` where another one is running, `OSError` where the branch's folder cannot be written.
    """
    folder_of(given.data).mkdir(mode=0o700, exist_ok=True)
    with _alone(given.data):
        (folder_of(given.data) / WANTED).unlink(missing_ok=True)
        begun = time.monotonic()
        before = read_status(given.data)
        try:
            made = making.make(given.data, settings, recipients_of(given.data, given.backup_recipients))
        except (KeepingError, OSError) as error:
            making.forget(given.data)
            return _not_made(given, before, error, tell)
        try:
            return _bring(given, made, before, begun, tell)
        finally:
            making.forget(given.data)


def _not_made(given: BackupSettings, before: Status | None, error: Exception, tell: Callable[[str], None]) -> Status:
    fault = Fault.NO_KEY if isinstance(error, KeyFaultError) else Fault.SOURCE
    tell(f"no backup was made: {error}")
    known = tuple(_kept(target, before, None) for target in given.targets)
    status = Status(at=Instant(_now()), ok=False, fault=fault, words=str(error), targets=known)
    write_status(given.data, status)
    return status


def _bring(given: BackupSettings, made: Made, before: Status | None, begun: float, tell: Callable[[str], None]) -> Status:
    size = made.file.stat().st_size
    done: dict[str, Kept] = {target.label: _kept(target, before, None) for target in given.targets}
    status = Status(at=Instant(_now()), ok=False, seq=made.seq, day=made.day, bytes=size)
    for target in given.targets:
        done[target.label] = kept = _brought(target, made, given.data, before)
        tell(f"{target.label}: {kept.words or f'{made.name}, {size} bytes'}")
        tried = [done[one.label] for one in given.targets]
        is_well = all(one.fault is None and one.name == str(made.name) for one in tried)
        seconds = round(time.monotonic() - begun, 1)
        status = status.model_copy(update={"targets": tuple(tried), "ok": is_well, "seconds": seconds})
        write_status(given.data, status)
    return status


def _brought(target: BackupTarget, made: Made, data: Path, before: Status | None) -> Kept:
    now = Instant(_now())
    try:
        place = opened(target, data)
        place.put(made.file, str(made.name))
        _thin_out(place, made)
    except TargetError as error:
        return _kept(target, before, now, error)
    size = made.file.stat().st_size
    return Kept(target=target.label, where=str(target.to), tried_at=now, good_at=now, name=str(made.name), bytes=size)


def _thin_out(place: Target, made: Made) -> None:
    """Only of this branch, only behind a new one that was read back, and no fault of the backup where it fails."""
    try:
        for old in superfluous(own(place.names(), made.name.branch, made.name.mark), made.name):
            place.remove(str(old))
    except TargetError as error:
        _log.warning("old backups cannot be cleared away: %s", error)


def _kept(target: BackupTarget, before: Status | None, now: Instant | None, error: TargetError | None = None) -> Kept:
    """How a place was before, and what has gone wrong there now."""
    known = before.before(target.label) if before is not None else None
    found = known or Kept(target=target.label, where=str(target.to), tried_at=now)
    changed: dict[str, object] = {"where": str(target.to)}
    if now is not None:
        changed |= {"tried_at": now, "fault": error.fault if error else None, "words": str(error) if error else None}
    return found.model_copy(update=changed)


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """One backup at a time; the kernel lets go of the lock however the process ends."""
    descriptor = os.open(folder_of(data) / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        gives_up_at = time.monotonic() + _PATIENCE_S
        while not _locked(descriptor):
            if time.monotonic() > gives_up_at:
                raise KeepingError("another backup is being made")
            time.sleep(_LOOK_S)
        yield
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _now() -> int:
    return time.time_ns() // 1000
