"""What belongs to a backup: everything in the data folder that could not be made anew, and the settings beside it."""

import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from branch_server.adapters.db.connections import FILE_NAME
from branch_server.keeping.copying import check_room, copy_database, forget_passing
from branch_server.keeping.errors import ArchiveError
from branch_server.keeping.places import LOCK, RECIPIENTS, folder_of
from branch_server.web.store.opening import FILE_NAME as WEB_FILE_NAME

SETTINGS = "settings"
"""The folder of an archive, and of a restored branch's `backup/`, with settings files that stood elsewhere."""

DATABASES = (FILE_NAME, WEB_FILE_NAME)
_MOST_BYTES = 64 * 1024 * 1024
_MAKINGS = 3
"""So many times the size of what is copied is on the disk at the worst moment: the copies, packed, and locked."""
_PAIR = "standby"
"""Which server of a pair this was; a restored one is alone until it is paired anew."""
_BUNDLES = frozenset({".raucb", ".incoming"})
"""An update for devices, or one that comes in: large, and whoever brought it has it still."""
_PASSING = frozenset({"lock", "pid", "mosquitto.db", "mosquitto.db.new", "mosquitto.conf"})
"""What a broker or a server makes anew at each start."""


def gather(data: Path, settings: Sequence[Path], place: Path) -> list[str]:
    """Copies what belongs to a backup into the empty folder `place`; the names of the files, the journal first.

    Raises `TargetError` where the disk is too full, `ArchiveError` where something cannot be read.
    """
    files = list(_files(data))
    sizes = sum(path.stat().st_size for path in data.glob("*.db*")) + sum(size for _, _, size in files)
    check_room(data, _MAKINGS * sizes)
    names = []
    for name in DATABASES:
        if (data / name).exists():
            copy_database(data / name, place / name)
            names.append(name)
    if WEB_FILE_NAME in names:
        forget_passing(place / WEB_FILE_NAME)
    small = [(name, path) for name, path, _ in files]
    for name, path in [*small, *((f"{SETTINGS}/{path.name}", path) for path in settings if path.is_file())]:
        if _copied(path, place / name):
            names.append(name)
    return names


def _files(data: Path) -> Iterator[tuple[str, Path, int]]:
    """Small files that are no database and nothing passing, with their sizes. Unknown ones belong to it: what a later program
    keeps, too.
    """
    for path in sorted(data.rglob("*")):
        name = path.relative_to(data)
        size = _size_of(path) if _belongs(name) else None
        if size is not None and size <= _MOST_BYTES:
            yield str(name), path, size


def _size_of(path: Path) -> int | None:
    """None for what is no file, or has gone meanwhile."""
    with suppress(FileNotFoundError):
        found = path.lstat()
        return found.st_size if stat.S_ISREG(found.st_mode) else None
    return None


def _belongs(name: Path) -> bool:
    if name.parts[0] == _PAIR or name.suffix in _BUNDLES:
        return False
    if name.parts[0] == folder_of(Path()).name:
        return name.name == RECIPIENTS
    is_database = len(name.parts) == 1 and ".db" in name.name
    return not (is_database or name.name in _PASSING or name.name == LOCK or any(part.startswith(".") for part in name.parts))


def _copied(path: Path, place: Path) -> bool:
    """False where it has gone meanwhile: a device was cut off at this moment."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        shutil.copyfile(path, place)
        place.chmod(0o600)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise ArchiveError(f"{path} cannot be copied: {error.strerror}") from error
    return True
