"""Keeps the plan in `web.db`."""

import time
from collections.abc import Iterable, Sequence

from sqlalchemy import Engine, delete, select
from sqlalchemy.dialects.sqlite import insert

from branch_server.web.shifts.planning import Shift
from branch_server.web.store.shifts_tables import shifts

_FIELDS = (shifts.c.id, shifts.c.staff, shifts.c.counter, shifts.c.day, shifts.c.starts_min, shifts.c.ends_min, shifts.c.note)


class Shifts:
    """All planned shifts. `version` counts up with each change, for pages that are open."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.version = 0

    def between(self, first: str, last: str) -> list[Shift]:
        """Those of the days from `first` to `last`, in their order."""
        wanted = select(*_FIELDS).where(shifts.c.day >= first, shifts.c.day <= last)
        wanted = wanted.order_by(shifts.c.day, shifts.c.starts_min, shifts.c.counter, shifts.c.id)
        with self._engine.connect() as connection:
            return [Shift(*row) for row in connection.execute(wanted)]

    def find(self, shift: str) -> Shift | None:
        with self._engine.connect() as connection:
            row = connection.execute(select(*_FIELDS).where(shifts.c.id == shift)).one_or_none()
        return Shift(*row) if row is not None else None

    def save(self, planned: Sequence[Shift], by: str) -> None:
        """Writes them, each in the place of the one with its id."""
        if not planned:
            return
        now = time.time_ns() // 1000
        rows = [
            {
                "id": shift.id, "staff": shift.staff, "counter": shift.counter, "day": shift.day, "note": shift.note,
                "starts_min": shift.starts_min, "ends_min": shift.ends_min, "changed_at": now, "changed_by": by,
            }
            for shift in planned
        ]  # fmt: skip
        statement = insert(shifts)
        changed = {column.name: statement.excluded[column.name] for column in shifts.c if column.name != "id"}
        with self._engine.begin() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=[shifts.c.id], set_=changed), rows)
        self.version += 1

    def remove(self, ids: Iterable[str]) -> None:
        with self._engine.begin() as connection:
            connection.execute(delete(shifts).where(shifts.c.id.in_(list(ids))))
        self.version += 1
