"""Which request an `Idempotency-Key` belongs to, so that it cannot stand for another one."""

import hashlib
import json
import time
from typing import Any

from sqlalchemy import Engine, delete, select
from sqlalchemy.dialects.sqlite import insert

from branch_server.web.store.hooks_tables import asked_keys

KEPT_US = 7 * 86_400 * 1_000_000
_CLEAN_EVERY = 1000


class Repeats:
    """Remembers a digest of each request that came with a key, for a week and over restarts."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._noted = 0

    def is_same(self, command: str, mark: str) -> bool:
        """Whether this is the first request with the id `command`, or that one again."""
        now = time.time_ns() // 1000
        with self._engine.begin() as connection:
            connection.execute(insert(asked_keys).values(command=command, mark=mark, at=now).on_conflict_do_nothing())
            first = connection.execute(select(asked_keys.c.mark).where(asked_keys.c.command == command)).scalar_one()
            if self._noted % _CLEAN_EVERY == 0:
                connection.execute(delete(asked_keys).where(asked_keys.c.at < now - KEPT_US))
        self._noted += 1
        return bool(first == mark)


def mark_of(person: str, fields: dict[str, Any]) -> str:
    """A digest of who asks for what; the order of the fields is of no account."""
    text = json.dumps([person, fields], sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
