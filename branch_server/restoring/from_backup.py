"""A lost branch server made anew from a backup, and from what its cloud knows beyond that."""

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from branch_server.adapters.db.reading import LogReader
from branch_server.adapters.sync.clocks import CloudClock
from branch_server.adapters.sync.fetching import LostError, pages_of
from branch_server.adapters.sync.wire import Wire
from branch_server.keeping.age import Identity
from branch_server.keeping.content import SETTINGS
from branch_server.keeping.errors import KeyFaultError, TargetError
from branch_server.keeping.keys import identities_of
from branch_server.keeping.manifest import Manifest
from branch_server.keeping.opening import KEY_FILE, open_newest, read_identities, source_of
from branch_server.keeping.places import folder_of
from branch_server.keeping.settings import BackupTarget
from branch_server.keeping.targets.stick import mounted_stick
from branch_server.restoring.rebuilding import Rebuilding
from branch_server.restoring.settings import RestoreSettings

Tell = Callable[[str], None]


def gather(given: RestoreSettings, folder: Path, tell: Tell) -> Manifest:
    """Unpacks the newest good backup into the empty `folder`, and adds what the cloud knows beyond it.

    Raises `KeepingError`, `SyncError`, `EngineError`, `OSError`.
    """
    source = source_of(given.from_backup or "", given.backup)
    identities = _identities(given.identity, source)
    manifest, proved = open_newest(source, identities, folder, tell, given.branch)
    tell(f"backup of {manifest.branch}, event {manifest.seq} of {manifest.day}, {manifest.waiting} waiting: good")
    if given.from_cloud is not None and given.cloud_token_file is not None:
        wire = Wire(given.from_cloud, proved.branch, given.cloud_token_file, CloudClock())
        tell(f"{_follow(wire, folder, proved.state.seq)} later events from the cloud")
    return manifest


def wanted(given: RestoreSettings) -> bool:
    """Whether there is something to restore from at all: for a start that nobody watches."""
    source = source_of(given.from_backup or "", given.backup)
    try:
        return _identity_file(given.identity, source).is_file()
    except TargetError:
        return False


def is_stick(given: RestoreSettings) -> bool:
    """Whether the backup is on a stick, which may come up later than we do."""
    return source_of(given.from_backup or "", given.backup).to.kind == "usb"


def arrange(folder: Path) -> None:
    """Puts settings files that stood elsewhere where a person finds them: this program does not know their places here."""
    settings = folder / SETTINGS
    if settings.is_dir():
        folder_of(folder).mkdir(mode=0o700, exist_ok=True)
        settings.rename(folder_of(folder) / SETTINGS)


def _follow(wire: Wire, folder: Path, last: int) -> int:
    """Adds the events behind `last` that the cloud has; how many. Both must have the same one there."""
    with closing(LogReader(folder)) as reader:
        own = reader.read(last - 1, 1)[0]
    added = 0
    with closing(Rebuilding(folder)) as rebuilding:
        for page in pages_of(wire, time.sleep, last - 1):
            if page[0].seq == last and page[0].id != own.id:
                raise LostError(f"the cloud knows another past of this branch: its event {last} is not the one of the backup")
            fresh = [event for event in page if event.seq > last]
            rebuilding.add(fresh)
            added += len(fresh)
        rebuilding.finish()
    return added


def _identities(path: Path | None, source: BackupTarget) -> list[Identity]:
    if path is not None and str(path) == "-":
        return identities_of(input("secret key of the backups (AGE-SECRET-KEY-1…): "))
    return read_identities(_identity_file(path, source))


def _identity_file(path: Path | None, source: BackupTarget) -> Path:
    """The file that was named, or the one beside the backups."""
    if path is not None:
        return path
    if source.to.kind == "usb":
        return mounted_stick(source.to.path) / KEY_FILE
    if source.to.kind == "folder":
        place = Path(source.to.path)
        return (place if place.is_dir() else place.parent) / KEY_FILE
    raise KeyFaultError("--identity FILE names the secret key")
