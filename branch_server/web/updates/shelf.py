"""Bundles on the branch server's disk, each under its digest: taken in piece by piece, never more than there is room for."""

import hashlib
import logging
import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from pydantic import ValidationError

from branch_server.web.updates.reading import BundleError, manifest_of
from foleni.files import keep_names, write_whole
from foleni.messages.base import Message
from foleni.messages.updates import Compatible, Release, Sha256

_log = logging.getLogger(__name__)

MOST_BUNDLE_BYTES = 2 * 1024**3
QUOTA_BYTES = 6 * 1024**3
_KEPT_FREE_BYTES = 512 * 1024**2
"""So much of the disk is the queue's own, whatever is brought."""
_KEYRING = Path("/etc/rauc/keyring.pem")
_CHECK_S = 120.0


class Stored(Message):
    """A bundle on the shelf."""

    sha256: Sha256
    size: int
    compatible: Compatible
    version: Release
    by: str
    at: str


class Shelf:
    """Its methods block on the disk. Faults are `BundleError`, in words for the administrator, or `OSError`."""

    def __init__(self, folder: Path, keyring: Path = _KEYRING, quota_bytes: int = QUOTA_BYTES) -> None:
        self._folder = folder
        self._keyring = keyring
        self._quota_bytes = quota_bytes
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in folder.glob("*.incoming"):
            left.unlink(missing_ok=True)
        self._stored = {stored.sha256: stored for path in folder.glob("*.json") if (stored := self._read(path)) is not None}
        for left in folder.glob("*.raucb"):  # its word was not written before the power went, or cannot be read
            if left.stem not in self._stored:
                left.unlink(missing_ok=True)

    def all(self) -> list[Stored]:
        """The newest first."""
        return sorted(self._stored.values(), key=lambda stored: stored.at, reverse=True)

    def find(self, sha256: str) -> Stored | None:
        return self._stored.get(sha256)

    def path(self, stored: Stored) -> Path:
        return self._folder / f"{stored.sha256}.raucb"

    def room_bytes(self) -> int:
        """How large the next bundle may be at most."""
        used = sum(stored.size for stored in self._stored.values())
        free = shutil.disk_usage(self._folder).free - _KEPT_FREE_BYTES
        return max(0, min(MOST_BUNDLE_BYTES, self._quota_bytes - used, free))

    def incoming(self) -> "Incoming":
        """A bundle that comes in from now on."""
        return Incoming(self._folder / f"{uuid4()}.incoming", self.room_bytes())

    def take(self, incoming: "Incoming", by: str, at: str) -> Stored:
        """Puts a bundle that has come in whole on the shelf. The same one twice is there once."""
        path, digest, size = incoming.whole()
        try:
            manifest = manifest_of(path)
            self._check_signature(path)
            known = self._stored.get(digest)
            if known is not None:
                path.unlink()
                return known
            stored = Stored(sha256=digest, size=size, compatible=manifest.compatible, version=manifest.version, by=by, at=at)
            path.replace(self.path(stored))
            keep_names(self._folder)
            write_whole(self._folder / f"{digest}.json", stored.model_dump_json().encode())
        except BundleError:
            path.unlink(missing_ok=True)
            raise
        except OSError:
            if digest not in self._stored:
                (self._folder / f"{digest}.raucb").unlink(missing_ok=True)
            raise
        self._stored[digest] = stored
        return stored

    def remove(self, sha256: str) -> None:
        """One that is gone already is well."""
        self._stored.pop(sha256, None)
        for ending in ("json", "raucb"):
            (self._folder / f"{sha256}.{ending}").unlink(missing_ok=True)

    def _read(self, path: Path) -> Stored | None:
        with suppress(OSError, ValidationError):
            stored = Stored.model_validate_json(path.read_bytes())
            if self.path(stored).stat().st_size == stored.size:
                return stored
        _log.warning("%s belongs to no whole bundle", path)
        return None

    def _check_signature(self, path: Path) -> None:
        """Where this machine has RAUC and a key ring, a stranger's bundle is not even offered."""
        rauc = shutil.which("rauc")
        if rauc is None or not self._keyring.exists():
            return
        command = [rauc, "--keyring", str(self._keyring), "info", str(path)]
        try:
            done = subprocess.run(  # noqa: S603 - names of our own
                command, capture_output=True, text=True, errors="replace", timeout=_CHECK_S, check=False
            )
        except (OSError, subprocess.SubprocessError) as error:
            _log.warning("the signature is not checked here, only by the boxes: %s", error)
            return
        if done.returncode != 0:
            _log.warning("a bundle was refused: %s", done.stderr.strip()[-400:])
            raise BundleError("This bundle is not signed by whom these boxes trust, or it was changed.")


class Incoming:
    """A bundle on its way in. It blocks on the disk; `OSError` where that does not work."""

    def __init__(self, path: Path, room_bytes: int) -> None:
        self._path = path
        self._room_bytes = room_bytes
        self._size = 0
        self._digest = hashlib.sha256()
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")

    def add(self, piece: bytes) -> None:
        """Raises `BundleError` where there is no room for it."""
        self._size += len(piece)
        if self._size > self._room_bytes:
            raise BundleError("There is no room for this bundle. Delete one that is not needed any more.")
        self._digest.update(piece)
        self._file.write(piece)

    def whole(self) -> tuple[Path, str, int]:
        """Nothing more comes: the file, which the disk has now, its digest and its size."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return self._path, self._digest.hexdigest(), self._size

    def drop(self) -> None:
        """It did not come whole."""
        with suppress(OSError):
            self._file.close()
        self._path.unlink(missing_ok=True)
