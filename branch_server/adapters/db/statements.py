"""Statements that run for every command: built of the tables once, then given to the driver as they are.

SQLAlchemy compiles an upsert anew at each execution, which took three times as long as the commit itself.
"""

from collections.abc import Collection

from sqlalchemy import ClauseElement, Insert, Table
from sqlalchemy.dialects.sqlite import dialect, insert

_DIALECT = dialect(paramstyle="named")


def compiled(statement: ClauseElement) -> str:
    """The text of a statement with named parameters."""
    return str(statement.compile(dialect=_DIALECT))


def replacing(table: Table, key: str, columns: Collection[str] | None = None) -> Insert:
    """An insert of `columns` (all by default) that takes the place of the row with the same `key`."""
    names = list(columns) if columns is not None else [column.name for column in table.columns]
    put = insert(table).values(dict.fromkeys(names))
    changed = {name: put.excluded[name] for name in names if name != key}
    return put.on_conflict_do_update(index_elements=[key], set_=changed)
