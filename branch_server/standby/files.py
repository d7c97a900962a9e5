"""What must be at the standby beside the log: who may sign in at the broker, and what the web side keeps.

A file travels in blocks, and only those that have changed. The standby keeps the last whole state of each apart, and puts it
in its place when it needs it.
"""

import hashlib
import logging
import os
import re
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from pydantic import ValidationError

from branch_server.standby.record import FOLDER
from branch_server.standby.wire import PairError
from foleni.files import keep_names, write_whole
from foleni.messages.base import Message

_log = logging.getLogger(__name__)

_BLOCK = 64 * 1024
_MOST_BYTES = 512 * 1024 * 1024
_NAME = re.compile(r"web\.db|accounts\.json|devices/[a-z0-9-]{1,40}\.[a-z]{1,8}")
_ACCOUNTS = Path("mosquitto") / "accounts.json"
_WEB = "web.db"


class Piece(Message):
    """A block of a file, or with `names` the files that there are. `digest` comes with the last block: of the whole file."""

    name: str = ""
    size: int = 0
    at: int = 0
    digest: str = ""
    names: tuple[str, ...] | None = None


class Changes:
    """What one follower has not been told yet."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._told: dict[str, list[bytes]] = {}
        self._names: tuple[str, ...] | None = None
        self._web: tuple[sqlite3.Connection, int] | None = None

    def pieces(self) -> Iterator[bytes]:
        """Bodies of frames."""
        found = self._small() | self._web_side()
        names = tuple(sorted(found.keys() | ({_WEB} & self._told.keys())))
        if names != self._names:
            self._names = names
            yield _framed(Piece(names=names), b"")
        for name, content in found.items():
            yield from self._blocks(name, content)

    def close(self) -> None:
        if self._web is not None:
            self._web[0].close()

    def _blocks(self, name: str, content: bytes) -> Iterator[bytes]:
        blocks = [content[at : at + _BLOCK] for at in range(0, len(content), _BLOCK)] or [b""]
        digests = [hashlib.sha256(block).digest() for block in blocks]
        told = self._told.get(name, [])
        if told == digests:
            return
        changed = [n for n, digest in enumerate(digests) if n >= len(told) or told[n] != digest] or [len(blocks) - 1]
        self._told[name] = digests
        whole = hashlib.sha256(content).hexdigest()
        for n in changed:
            digest = whole if n == changed[-1] else ""
            yield _framed(Piece(name=name, size=len(content), at=n * _BLOCK, digest=digest), blocks[n])

    def _small(self) -> dict[str, bytes]:
        found = {}
        paths = {"accounts.json": self._data / _ACCOUNTS}
        with suppress(OSError):
            paths |= {f"devices/{path.name}": path for path in (self._data / "devices").iterdir()}
        for name, path in paths.items():
            if _NAME.fullmatch(name):
                with suppress(OSError):
                    found[name] = path.read_bytes()
        return found

    def _web_side(self) -> dict[str, bytes]:
        """The web side's database as it is at one moment, where it has changed."""
        path = self._data / _WEB
        if not path.exists() or path.stat().st_size > _MOST_BYTES:
            return {}
        try:
            raw, known = self._web or (_read_only(path), -1)
            (version,) = raw.execute("PRAGMA data_version").fetchone()
            self._web = raw, version
            if version == known:
                return {}
            with closing(sqlite3.connect(":memory:")) as copy:
                raw.backup(copy)
                return {_WEB: copy.serialize()}
        except sqlite3.Error as error:
            _log.debug("the web side's database cannot be read: %s", error)
            return {}


class Incoming:
    """The files of the server that is followed, as far as they have come."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._folder = data / FOLDER / "incoming"
        self._partial = data / FOLDER / "incoming.partial"
        self._coming = ""
        """Whose blocks the partial file has."""
        self.has_accounts_changed = False
        self._lock = threading.Lock()

    def put(self, body: bytes) -> None:
        """Takes a piece. Raises `PairError` for what is none, `OSError`."""
        with self._lock:
            self._put(body)

    def put_accounts_in_place(self) -> None:
        """So that the broker here knows the devices. Raises `OSError`."""
        with self._lock:
            self.has_accounts_changed = False
            self._install_accounts()

    def _put(self, body: bytes) -> None:
        head, _, block = body.partition(b"\n")
        try:
            piece = Piece.model_validate_json(head)
        except ValidationError as error:
            raise PairError("a piece of no file") from error
        if piece.names is not None:
            self._keep_only(piece.names)
            return
        if not _NAME.fullmatch(piece.name) or not 0 <= piece.at <= piece.size <= _MOST_BYTES or len(block) > _BLOCK:
            raise PairError(f"a piece of {piece.name[:40]!r}")
        self._take_block(self._folder / piece.name, piece, block)
        self.has_accounts_changed = self.has_accounts_changed or (bool(piece.digest) and piece.name != _WEB)

    def _take_block(self, path: Path, piece: Piece, block: bytes) -> None:
        """The other server may die between two blocks: what was whole stays until what follows it is."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if piece.name != self._coming:
            self._coming = ""
            self._partial.unlink(missing_ok=True)
            with suppress(FileNotFoundError):
                shutil.copy(path, self._partial)
            self._coming = piece.name
        _write_block(self._partial, piece, block)
        if piece.digest:
            self._coming = ""
            self._partial.replace(path)
            keep_names(path.parent)

    def _install_accounts(self) -> None:
        devices = self._data / "devices"
        accounts = self._folder / "accounts.json"
        if accounts.exists():
            _install(accounts, self._data / _ACCOUNTS)
        coming = self._folder / "devices"
        names = {path.name for path in coming.iterdir()} if coming.exists() else set()
        for name in names:
            _install(coming / name, devices / name)
        if devices.exists() and coming.exists():
            for path in devices.iterdir():
                if path.name not in names:
                    path.unlink()

    def put_web_side_in_place(self) -> None:
        """So that people can sign in here. Raises `OSError`."""
        coming, path = self._folder / _WEB, self._data / _WEB
        if not coming.exists():
            return
        for beside in ("-wal", "-shm"):
            Path(f"{path}{beside}").unlink(missing_ok=True)
        _install(coming, path)
        coming.unlink()

    def _keep_only(self, names: tuple[str, ...]) -> None:
        for path in self._folder.rglob("*"):
            if path.is_file() and str(path.relative_to(self._folder)) not in names:
                path.unlink()
                self.has_accounts_changed = True


def _install(source: Path, target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(target, source.read_bytes())


def _write_block(path: Path, piece: Piece, block: bytes) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        file.seek(piece.at)
        file.write(block)
        if not piece.digest:
            return
        file.truncate(piece.size)
        file.flush()
        os.fsync(file.fileno())
        file.seek(0)
        if hashlib.file_digest(file, "sha256").hexdigest() != piece.digest:
            raise PairError(f"{piece.name} did not arrive whole")


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=2, isolation_level=None, check_same_thread=False
    )


def _framed(piece: Piece, block: bytes) -> bytes:
    return piece.to_wire() + b"\n" + block
