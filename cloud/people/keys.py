"""Keys of this installation, in the table `secrets`: all processes have the same, and they change without a restart."""

import secrets as chance
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from cloud.store.database import upserting
from cloud.store.tables import secrets
from foleni.ids import uuid7

_PASSES = "pass:"
_FRESH_S = 30.0


@dataclass(frozen=True, slots=True)
class Keys:
    """`passes` sign access tokens, by their ids; `newest` signs. `pepper` is mixed into what is kept of codes and tokens."""

    passes: dict[str, str]
    newest: str
    pepper: bytes


def read_keys(c: Connection) -> Keys:
    """The keys; those that are missing are made."""
    found = _passes(c)
    if not found:
        add_pass_key(c)
        found = _passes(c)
    _keep(c, "pepper")
    pepper = c.execute(select(secrets.c.value).where(secrets.c.name == "pepper")).scalar_one()
    return Keys(found, max(found), str(pepper).encode())


def add_pass_key(c: Connection) -> str:
    """From now on access tokens are signed by a new key. Returns its id; older ones are believed until they are removed."""
    name = uuid7()
    _keep(c, f"{_PASSES}{name}")
    return name


def remove_older_pass_keys(c: Connection) -> int:
    """Access tokens of all but the newest key are worth nothing any more; whoever has one asks for another. How many keys."""
    older = sorted(_passes(c))[:-1]
    return c.execute(delete(secrets).where(secrets.c.name.in_([f"{_PASSES}{name}" for name in older]))).rowcount


class KeyRing:
    """The keys at hand, looked up again after half a minute. From any thread."""

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s = clock_s
        self._lock = threading.Lock()
        self._keys: Keys | None = None
        self._read_at = 0.0

    def of(self, c: Connection, *, named: str | None = None) -> Keys:
        """The keys; read anew where `named`, the id of one that is needed, is not among them."""
        with self._lock:
            keys, now = self._keys, self._clock_s()
            if keys is None or now - self._read_at > _FRESH_S or (named is not None and named not in keys.passes):
                keys = self._keys = read_keys(c)
                self._read_at = now
            return keys


def _passes(c: Connection) -> dict[str, str]:
    rows = c.execute(select(secrets).where(secrets.c.name.startswith(_PASSES, autoescape=True)))
    return {row.name.removeprefix(_PASSES): row.value for row in rows}


def _keep(c: Connection, name: str) -> None:
    c.execute(upserting(c, secrets).values(name=name, value=chance.token_urlsafe(32)).on_conflict_do_nothing())
