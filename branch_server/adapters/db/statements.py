"""Statements that run for every command: built of the tables once, then given to the driver as they are.

SQLAlchemy compiles an upsert anew at each execution, which took three times as long as the commit itself.
"""

import sqlite3
from collections.abc import Collection, Sequence
from itertools import chain
from typing import Any

from sqlalchemy import ClauseElement, Insert, Table
from sqlalchemy.dialects.sqlite import dialect, insert

_DIALECT = dialect(paramstyle="named")
_BY_PLACE = dialect(paramstyle="qmark")
_SIZES = (64, 16)


def compiled(statement: ClauseElement) -> str:
    """The text of a statement with named parameters."""
    return str(statement.compile(dialect=_DIALECT))


def replacing(table: Table, key: str, columns: Collection[str] | None = None) -> Insert:
    """An insert of `columns` (all by default) that takes the place of the row with the same `key`."""
    names = list(columns) if columns is not None else [column.name for column in table.columns]
    put = insert(table).values(dict.fromkeys(names))
    changed = {name: put.excluded[name] for name in names if name != key}
    return put.on_conflict_do_update(index_elements=[key], set_=changed)


class Put:
    """An insert of rows, which are tuples in the order of the table's columns, many with one statement.

    The driver lets go of the interpreter, and has to wait for it again, at each execution of a statement.
    """

    def __init__(self, statement: Insert) -> None:
        self._one = str(statement.compile(dialect=_BY_PLACE))
        before, values, after = self._one.partition("VALUES ")
        end = after.index(")") + 1
        self._many = [(size, before + values + ", ".join([after[:end]] * size) + after[end:]) for size in _SIZES]

    def __call__(self, raw: sqlite3.Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert them in their order."""
        at = 0
        for size, statement in self._many:
            while len(rows) - at >= size:
                raw.execute(statement, tuple(chain.from_iterable(rows[at : at + size])))
                at += size
        if at < len(rows):
            raw.executemany(self._one, rows[at:])
