"""A folder on another disk."""

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from branch_server.keeping.errors import Fault, TargetError
from branch_server.keeping.manifest import digest_of
from branch_server.keeping.naming import SUFFIX
from foleni.files import keep_names

_CHUNK = 1024 * 1024
_PARTIAL = ".partial"
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_GONE = frozenset({errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.ENOTCONN})
_FAULTY = frozenset({errno.EIO, errno.EUCLEAN})


class Folder:
    """`not_beside` is a folder whose disk it must not share: a disk that is not mounted leaves an empty folder behind, and a
    backup in that would be lost with what it is of.
    """

    def __init__(self, path: Path, not_beside: Path | None = None) -> None:
        self._path = path
        self._not_beside = not_beside

    def names(self) -> list[str]:
        with self._told():
            self._check()
            return [path.name for path in self._path.iterdir() if path.is_file() and not path.name.startswith(".")]

    def put(self, file: Path, name: str) -> None:
        with self._told():
            self._check()
            self._tidy()
            partial = self._path / f".{name}{_PARTIAL}"
            try:
                digest = _written(file, partial)
                _forget_cached(partial)
                if digest_of(partial) != digest:
                    raise TargetError(
                        Fault.DAMAGED, f"{self._path} gives back something else than was written: its disk is failing"
                    )
                partial.replace(self._path / name)
                keep_names(self._path)
            finally:
                with suppress(OSError):
                    partial.unlink(missing_ok=True)

    def fetch(self, name: str, place: Path) -> None:
        with self._told():
            shutil.copyfile(self._path / name, place)

    def remove(self, name: str) -> None:
        with self._told():
            (self._path / name).unlink(missing_ok=True)

    def _check(self) -> None:
        if not self._path.is_dir():
            raise TargetError(Fault.NOT_THERE, f"{self._path} is not there: is its disk plugged in and mounted?")
        if self._not_beside is not None and self._path.stat().st_dev == self._not_beside.stat().st_dev:
            raise TargetError(
                Fault.NOT_THERE,
                f"{self._path} is on the disk of the branch's own data: is its disk mounted? (same_disk = true allows it)",
            )

    def _tidy(self) -> None:
        """What a try that was cut off has left: ours by its name."""
        for path in self._path.glob(f".foleni-*{SUFFIX}{_PARTIAL}"):
            path.unlink(missing_ok=True)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise TargetError(_fault_of(error), f"{self._path}: {error.strerror}") from error


def _written(file: Path, place: Path) -> str:
    """Copies it, onto the disk; the SHA-256 of what was written."""
    digest = hashlib.sha256()
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with file.open("rb") as reading, os.fdopen(descriptor, "wb") as writing:
        while chunk := reading.read(_CHUNK):
            digest.update(chunk)
            writing.write(chunk)
        writing.flush()
        os.fsync(writing.fileno())
    return digest.hexdigest()


def _forget_cached(path: Path) -> None:
    """So that reading it asks the disk."""
    with path.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _fault_of(error: OSError) -> Fault:
    if error.errno in _FULL:
        return Fault.FULL
    if error.errno in _GONE:
        return Fault.NOT_THERE
    return Fault.DAMAGED if error.errno in _FAULTY else Fault.REFUSED
