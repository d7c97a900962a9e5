"""From a locked backup back to the branch's files: each step checked, and nothing used before all of them were."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from branch_server.keeping.age import Identity
from branch_server.keeping.archive import unlock, unpack
from branch_server.keeping.errors import ArchiveError, KeepingError, KeyFaultError, TargetError
from branch_server.keeping.keys import identities_of
from branch_server.keeping.manifest import Manifest
from branch_server.keeping.naming import BackupName
from branch_server.keeping.proving import Proved, prove_wholly
from branch_server.keeping.settings import BackupTarget, Where
from branch_server.keeping.targets.opening import opened
from branch_server.keeping.targets.target import Target

KEY_FILE = "key.txt"
"""The secret key, where somebody has put it beside the backups on a stick."""
_MOST_KEY_BYTES = 64 * 1024

Tell = Callable[[str], None]


def open_newest(
    source: BackupTarget, identities: Sequence[Identity], folder: Path, tell: Tell, branch: str | None = None
) -> tuple[Manifest, Proved]:
    """Unpacks the newest good backup of a place (or the one file that is named) into the empty `folder`, and folds it.

    An older one is taken where a newer one is damaged; `tell` hears of it. Raises `ArchiveError`, `TargetError`.
    """
    path = Path(source.to.path)
    if source.to.kind == "folder" and not path.is_dir():
        if not path.is_file():
            raise ArchiveError(f"there is no file {path}")
        return open_file(path, identities, folder)
    place = opened(source)
    backups = _backups_of(place, branch)
    for backup in backups:
        try:
            return _open_one(place, str(backup), identities, folder)
        except ArchiveError as error:
            tell(f"{backup}: {error}")
            _empty(folder)
    raise ArchiveError(f"no backup in {source.to} is any good" if backups else f"there is no backup in {source.to}")


def open_file(locked: Path, identities: Sequence[Identity], folder: Path) -> tuple[Manifest, Proved]:
    """Unpacks one backup into the empty `folder`, and folds it. Raises `ArchiveError`, `OSError`."""
    packed = folder.with_name(f"{folder.name}.packed")
    try:
        unlock(locked, packed, identities)
        manifest = unpack(packed, folder)
    finally:
        packed.unlink(missing_ok=True)
    proved = prove_wholly(folder)
    if (proved.branch, proved.state.seq) != (manifest.branch, manifest.seq):
        raise ArchiveError("its journal is not the one that its manifest speaks of")
    return manifest, proved


def read_identities(path: Path) -> list[Identity]:
    """The secret keys in a file. Raises `KeyFaultError`."""
    try:
        with path.open("rb") as file:
            return identities_of(file.read(_MOST_KEY_BYTES).decode("utf-8-sig", "replace"))
    except OSError as error:
        raise KeyFaultError(f"the key {path} cannot be read: {error.strerror}") from error


def _backups_of(place: Target, branch: str | None) -> list[BackupName]:
    """The newest first. Where a place holds those of several branches, it must be said which."""
    known = [one for name in place.names() if (one := BackupName.read(name)) is not None]
    known = [one for one in known if branch is None or one.branch == branch]
    found = {(one.branch, one.mark) for one in known}
    if len(found) > 1:
        names = ", ".join(sorted(f"{branch} ({mark})" for branch, mark in found))
        raise ArchiveError(f"there are backups of several branches: {names}. Name one with --branch, or a single file")
    return sorted(known, reverse=True)


def _open_one(place: Target, name: str, identities: Sequence[Identity], folder: Path) -> tuple[Manifest, Proved]:
    locked = folder.with_name(f"{folder.name}.locked")
    try:
        place.fetch(name, locked)
        return open_file(locked, identities, folder)
    except TargetError as error:
        raise ArchiveError(str(error)) from error
    finally:
        locked.unlink(missing_ok=True)


def _empty(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir(mode=0o700)


def source_of(text: str, tables: Sequence[BackupTarget]) -> BackupTarget:
    """A file or a place as somebody names it: one of the `tables` by its name or address, a folder, a stick."""
    known = next((one for one in tables if text in {one.name, str(one.to)}), None)
    if known is not None:
        return known
    try:
        where = Where.parse(text)
    except ValueError:
        where = Where("folder", str(Path(text).absolute()))
    if where.kind in {"sftp", "s3"}:
        raise KeepingError(f"{text} needs keys: describe it as [[backup]] in a file, and name that with --config")
    return BackupTarget(to=where, same_disk=True)
