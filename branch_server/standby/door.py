"""Whether somebody at the standby's page is an administrator: by the log and the PINs that have come from the other server."""

import sqlite3
import threading
from contextlib import closing, suppress
from pathlib import Path
from time import monotonic

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from branch_server.adapters.db.connections import FILE_NAME
from branch_server.adapters.db.reading import LogReader
from branch_server.engine.journal import EngineError
from branch_server.engine.recovery import recover
from branch_server.standby.record import FOLDER

MOST_WRONG = 5
CLOSED_S = 300.0
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


class ShutError(Exception):
    """After too many wrong tries nobody gets in for a while."""

    def __init__(self, minutes: int) -> None:
        super().__init__(f"closed for {minutes} min")
        self.minutes = minutes


class Door:
    """Tries one PIN at a time. Safe to use from several threads."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._lock = threading.Lock()
        self._wrong = 0
        self._until = 0.0

    def opens(self, staff: str, pin: str) -> bool:
        """Whether this is an administrator's PIN; it takes as long for somebody who is not there. Raises `ShutError`."""
        with self._lock:
            if monotonic() < self._until:
                raise ShutError(max(1, round((self._until - monotonic()) / 60)))
            known = self._hash_of(staff) if self._is_administrator(staff) else None
            is_right = self._fits(known or _NOBODY, pin) and known is not None
            self._wrong = 0 if is_right else self._wrong + 1
            if self._wrong >= MOST_WRONG:
                self._wrong, self._until = 0, monotonic() + CLOSED_S
            return is_right

    def _fits(self, known: str, pin: str) -> bool:
        try:
            return self._hasher.verify(known, pin)
        except (VerificationError, InvalidHashError):
            return False

    def _is_administrator(self, staff: str) -> bool:
        try:
            log = LogReader(self._data)
        except EngineError:
            return False
        with closing(log):
            person = recover(log).staff.get(staff)
        return person is not None and person.active and person.role == "admin"

    def _hash_of(self, staff: str) -> str | None:
        """What the person has chosen, else what the setup gave; a one-time code opens nothing here."""
        for path in (self._data / FOLDER / "incoming" / "web.db", self._data / "web.db"):
            found = _one(path, "SELECT kind, hash FROM credentials WHERE staff = ?", staff)
            if found is not None:
                return str(found[1]) if found[0] == "pin" else None
        found = _one(self._data / FILE_NAME, "SELECT value FROM secrets WHERE name = 'pin:' || ?", staff)
        return str(found[0]) if found is not None else None


def _one(path: Path, statement: str, staff: str) -> tuple[object, ...] | None:
    if not path.exists():
        return None
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=2)) as raw:
        found: tuple[object, ...] | None = raw.execute(statement, (staff,)).fetchone()
        return found
    return None
