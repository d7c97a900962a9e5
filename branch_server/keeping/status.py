"""What the last backup came to, for pages, metrics and `foleni doctor`: `last-backup.json`."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from branch_server.keeping.errors import Fault
from branch_server.keeping.places import LOCK, STATUS, WANTED, folder_of
from foleni.files import write_whole
from foleni.times import Instant, WireTime


class Kept(BaseModel):
    """How it went at one place, and when it last went well there."""

    model_config = ConfigDict(frozen=True)

    target: str
    where: str
    tried_at: WireTime | None = None
    good_at: WireTime | None = None
    name: str | None = None
    bytes: int = 0
    fault: Fault | None = None
    words: str | None = None


class Status(BaseModel):
    """The last backup. `fault` is what kept it from being made at all; `seq` and `day` are the branch's as it was copied."""

    model_config = ConfigDict(frozen=True)

    at: WireTime
    ok: bool
    seconds: float = 0.0
    seq: int = 0
    day: str = ""
    bytes: int = 0
    fault: Fault | None = None
    words: str | None = None
    targets: tuple[Kept, ...] = ()
    good_at: WireTime | None = None

    def before(self, target: str) -> Kept | None:
        """How it was at a place."""
        return next((one for one in self.targets if one.target == target), None)


def read_status(data: Path) -> Status | None:
    """None before the first backup, or where the file cannot be read."""
    with suppress(OSError, ValidationError):
        return Status.model_validate_json((folder_of(data) / STATUS).read_bytes())
    return None


def write_status(data: Path, status: Status) -> None:
    """Whole or not at all."""
    good = [one.good_at for one in status.targets if one.good_at is not None]
    whole = status.model_copy(update={"good_at": max(good, default=None)})
    write_whole(folder_of(data) / STATUS, whole.model_dump_json(indent=1).encode())


def ask_for_one(data: Path, who: str) -> None:
    """Leaves word that a backup is wanted now: the service manager waits for this file, and starts `foleni-branch backup`."""
    folder = folder_of(data)
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / WANTED).write_text(f"{who}\n", encoding="utf-8")


def is_wanted(data: Path) -> bool:
    """Whether somebody asked and nobody has begun."""
    return (folder_of(data) / WANTED).exists()


def is_running(data: Path) -> bool:
    """Whether a backup is being made at this moment."""
    try:
        descriptor = os.open(folder_of(data) / LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def age_s(status: Status | None, now: Instant) -> float | None:
    """Seconds since the last good backup; None where there was none."""
    return max(0, now - status.good_at) / 1e6 if status is not None and status.good_at is not None else None
