"""Wrong PINs, counted by person and by address, and the growing time that each must wait. Kept over restarts."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, Engine, delete, func, select
from sqlalchemy.dialects.sqlite import insert

from branch_server.web.store.keeping import keeping
from branch_server.web.store.tables import failures
from foleni.times import DAY_US, SECOND_US

FREE = {"staff": 3, "address": 10}
"""So many wrong tries before waits begin. Many people may share an address, so it has more."""
FIRST_WAIT_US = 2 * SECOND_US
LONGEST_WAIT_US = 15 * 60 * SECOND_US
FORGOTTEN_AFTER_US = DAY_US
MOST_ROWS = 5000
_DOUBLINGS = 12


class Failures:
    """One row for each key that failed lately."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def until(self, keys: Sequence[str], now: int) -> int:
        """When the last of these keys may try again; 0 where all may now."""
        wanted = select(func.max(failures.c.until)).where(failures.c.key.in_(keys), failures.c.until > now)
        with self._engine.connect() as connection:
            return int(connection.scalar(wanted) or 0)

    def note(self, keys: Sequence[str], now: int, keep: Collection[str] = ()) -> bool:
        """Counts a wrong try for each key; whether one of them must wait now. Where the table is full, the oldest goes
        that is not in `keep`: invented names fill nothing, and free nobody who is real.
        """
        waits = False
        with keeping(self._engine, "a wrong PIN") as connection:
            for key in keys:
                row = connection.execute(select(failures.c.count, failures.c.last_at).where(failures.c.key == key)).first()
                count = row[0] + 1 if row is not None and now - row[1] < FORGOTTEN_AFTER_US else 1
                until = now + wait_us(key, count)
                values = {"count": count, "last_at": now, "until": until}
                put = insert(failures).values(key=key, **values)
                connection.execute(put.on_conflict_do_update(index_elements=["key"], set_=values))
                waits = waits or until > now
            _shrink(connection, keep)
        return waits

    def clear(self, keys: Sequence[str]) -> None:
        """A right PIN, or an administrator."""
        with keeping(self._engine, "a wrong PIN") as connection:
            connection.execute(delete(failures).where(failures.c.key.in_(keys)))

    def waiting(self, now: int) -> dict[str, int]:
        """Keys that must wait, and until when."""
        wanted = select(failures.c.key, failures.c.until).where(failures.c.until > now)
        with self._engine.connect() as connection:
            return {row.key: row.until for row in connection.execute(wanted)}

    def forget(self, now: int) -> None:
        """Drops what is so old that it no longer counts."""
        with keeping(self._engine, "a wrong PIN") as connection:
            connection.execute(delete(failures).where(failures.c.last_at < now - FORGOTTEN_AFTER_US))


def wait_us(key: str, count: int) -> int:
    """How long a key waits after its wrong try number `count`: 2 s, 4 s, 8 s … at most 15 min."""
    over = count - FREE[key.partition(":")[0]]
    return 0 if over < 0 else min(FIRST_WAIT_US << min(over, _DOUBLINGS), LONGEST_WAIT_US)


def _shrink(connection: Connection, keep: Collection[str]) -> None:
    total = connection.scalar(select(func.count()).select_from(failures)) or 0
    if total <= MOST_ROWS:
        return
    oldest = select(failures.c.key).where(failures.c.key.notin_(keep)).order_by(failures.c.last_at).limit(total - MOST_ROWS)
    connection.execute(delete(failures).where(failures.c.key.in_(oldest)))
