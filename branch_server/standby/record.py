"""What a server of a pair must not forget: its role, the highest term that it knows, and where the other one is."""

import json
import threading
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from branch_server.engine.journal import DamagedError, StorageError
from branch_server.standby.messages import Role
from foleni.files import write_whole
from foleni.messages.base import Message

FOLDER = "standby"


class Standing(Message):
    """`other` is `HOST:PORT` of the other server, as a pair; `other_mqtt` is its broker. `other_takes_over` tells that it may
    do so by itself, if it was attached to us; `devices` were online when both last agreed. `by` and `skipped` are of a term
    that is to begin."""

    role: Role = "primary"
    term: int = 0
    other: str = ""
    other_mqtt: str = ""
    other_takes_over: bool = False
    devices: tuple[str, ...] = ()
    side: Literal[0, 1] = 0
    """The founder's terms are even, those of the server that came second are odd: the two never begin the same."""
    by: str = ""
    skipped: int = 0

    @property
    def next_term(self) -> int:
        """The first term behind the known ones that this server may begin."""
        return self.term + 1 if (self.term + 1) % 2 == self.side else self.term + 2


class Record:
    """`DATA/standby/standing.json`, and beside it `now.json`: how the pair stands at this moment, for whoever looks."""

    def __init__(self, data: Path) -> None:
        """Raises `DamagedError` where it cannot be read: whoever might serve twice must not guess."""
        self._folder = data / FOLDER
        self._path = self._folder / "standing.json"
        self.standing = self._read()
        self._shown: dict[str, object] = {}
        self._lock = threading.Lock()

    @property
    def exists(self) -> bool:
        return self._path.exists()

    def keep(self, **changed: object) -> Standing:
        """Writes the changes, on the disk when this returns. For any thread. Raises `StorageError`."""
        with self._lock:
            standing = Standing.model_validate(self.standing.model_dump() | changed)
            if standing != self.standing or not self.exists:
                self._write(self._path, standing.to_wire())
                self.standing = standing
            return standing

    def show(self, **now: object) -> None:
        """Tells whoever looks how it is now. For any thread. What cannot be written is only not shown."""
        with self._lock:
            told = {"role": self.standing.role, "term": self.standing.term, "other": self.standing.other} | now
            if told == self._shown:
                return
            try:
                self._write(self._folder / "now.json", json.dumps(told).encode())
                self._shown = told
            except StorageError:
                self._shown = {}

    def _read(self) -> Standing:
        try:
            return Standing.model_validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return Standing()
        except (OSError, ValidationError) as error:
            raise DamagedError(f"{self._path} cannot be read ({error}): who serves this branch is not known") from error

    def _write(self, path: Path, content: bytes) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(path, content)
        except OSError as error:
            raise StorageError(f"{path} cannot be written: {error.strerror}") from error


def now_of(data: Path) -> dict[str, object]:
    """What `show` told last; empty where there is no pair."""
    try:
        told = json.loads((data / FOLDER / "now.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}
