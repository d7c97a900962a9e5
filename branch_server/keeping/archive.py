"""One encrypted file of many, and back: tar, gzip, age. Anybody with the key can open it without this program, too."""

import gzip
import os
import tarfile
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from pydantic import ValidationError

from branch_server.keeping.age import Identity, Recipient, decrypt, encrypt
from branch_server.keeping.errors import ArchiveError
from branch_server.keeping.manifest import FORMAT, NAME, Manifest, entry_of
from foleni import __version__

_LEVEL = 6
_MOST_FILES = 20_000


def pack(folder: Path, names: Iterable[str], place: Path) -> None:
    """The files of a folder, in this order, as a compressed archive. Raises `OSError`."""
    with gzip.open(place, "wb", _LEVEL) as zipped, tarfile.open(fileobj=zipped, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        for name in names:
            tar.add(folder / name, name, recursive=False, filter=_nobodys)


def lock(packed: Path, place: Path, recipients: Sequence[Recipient]) -> None:
    """Encrypts an archive for everybody in `recipients`, durably. Raises `ArchiveError`, `OSError`."""
    with packed.open("rb") as reading, place.open("xb") as writing:
        encrypt(reading, writing, recipients)
        writing.flush()
        os.fsync(writing.fileno())


def unlock(locked: Path, place: Path, identities: Sequence[Identity]) -> None:
    """Decrypts into `place`. Raises `ArchiveError` for another key, and for what is damaged or cut off anywhere; `OSError`."""
    with locked.open("rb") as reading, place.open("xb") as writing:
        decrypt(reading, writing, identities)


def unpack(packed: Path, folder: Path) -> Manifest:
    """Puts the files into the empty `folder`, each checked. Raises `ArchiveError`; then what is there must not be used."""
    try:
        with tarfile.open(packed, "r:gz") as tar:
            for count, member in enumerate(tar):
                _check_member(member, count)
                _extract(tar, member, folder)
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ArchiveError(f"what is in it cannot be read: {error}") from error
    return _checked(folder)


def _checked(folder: Path) -> Manifest:
    try:
        text = (folder / NAME).read_bytes()
        manifest = Manifest.model_validate_json(text)
    except FileNotFoundError as error:
        raise ArchiveError("this is no backup of a branch: it has no manifest") from error
    except ValidationError as error:
        raise ArchiveError("its manifest cannot be read") from error
    if manifest.format > FORMAT:
        raise ArchiveError(f"it was made by a newer program, Foleni {manifest.version}; this is {__version__}: update first")
    (folder / NAME).unlink()
    found = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    if found.keys() != manifest.files.keys():
        raise ArchiveError("files in it are missing, or too many")
    wrong = [name for name, entry in manifest.files.items() if entry_of(found[name]) != entry]
    if wrong:
        raise ArchiveError(f"damaged in it: {', '.join(wrong)}")
    return manifest


def _check_member(member: tarfile.TarInfo, count: int) -> None:
    """Whoever has the public key can make an archive, so nothing in one is believed."""
    path = PurePosixPath(member.name)
    is_plain = member.isreg() and "\n" not in member.name and not path.is_absolute() and ".." not in path.parts
    if not is_plain or count > _MOST_FILES:
        raise ArchiveError("this is no backup of a branch: it has entries that none has")


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    place = folder / member.name
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    source = tar.extractfile(member)
    assert source is not None, "a regular file"
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        while chunk := source.read(1024 * 1024):
            out.write(chunk)


def _nobodys(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without names and ids of the machine that it was made on."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member
