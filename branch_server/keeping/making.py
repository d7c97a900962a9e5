"""Makes one backup: copied, proved, packed, locked. Nothing leaves the box that was not folded first."""

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from branch_server.keeping.age import Recipient
from branch_server.keeping.archive import lock, pack
from branch_server.keeping.content import SETTINGS, gather
from branch_server.keeping.errors import ArchiveError
from branch_server.keeping.manifest import NAME, Manifest, entry_of
from branch_server.keeping.naming import BackupName, mark_of, stamp_of
from branch_server.keeping.places import MAKING, folder_of
from branch_server.keeping.proving import Proved, prove
from foleni import __version__
from foleni.times import Instant

Clock = Callable[[], int]

_COPIES, _PACKED = "copies", "packed"


def _wall_us() -> int:
    return time.time_ns() // 1000


@dataclass(frozen=True, slots=True)
class Made:
    """A locked backup in a file that goes when its places have it."""

    name: BackupName
    file: Path
    seq: int
    day: str


def make(data: Path, settings: Sequence[Path], recipients: Sequence[Recipient], wall_us: Clock = _wall_us) -> Made:
    """A backup of the branch in `data` and of these settings files, to be locked for `recipients`.

    Raises `TargetError` where the branch's own disk is too full, `ArchiveError` where its journal is no good, `OSError`.
    """
    room = folder_of(data) / MAKING
    forget(data)
    copies = room / _COPIES
    copies.mkdir(parents=True, mode=0o700)
    names = gather(data, settings, copies)
    proved = prove(copies)
    now = wall_us()
    name = BackupName(stamp_of(now, proved.state.steady), proved.state.seq, proved.branch, mark_of(proved.first_event))
    manifest = _manifest(copies, names, settings, proved, Instant(now))
    (copies / NAME).write_text(manifest.model_dump_json(indent=1), encoding="utf-8")
    pack(copies, [NAME, *names], room / _PACKED)
    shutil.rmtree(copies)
    lock(room / _PACKED, room / str(name), recipients)
    (room / _PACKED).unlink()
    return Made(name, room / str(name), proved.state.seq, proved.state.day)


def forget(data: Path) -> None:
    """Clears away what is left of the making, also of one that was cut off."""
    shutil.rmtree(folder_of(data) / MAKING, ignore_errors=True)


def _manifest(copies: Path, names: Sequence[str], settings: Sequence[Path], proved: Proved, now: Instant) -> Manifest:
    state = proved.state
    if len(set(names)) < len(names):
        raise ArchiveError("two settings files have the same name")
    return Manifest(
        branch=proved.branch, mark=mark_of(proved.first_event), seq=state.seq, day=state.day,
        waiting=sum(queue.length for queue in state.queues.values()), made_at=now, version=__version__,
        files={name: entry_of(copies / name) for name in names},
        origins={f"{SETTINGS}/{path.name}": str(path.absolute()) for path in settings},
    )  # fmt: skip
