"""Walking a long table backwards by its number, a bounded piece for each page."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar

from sqlalchemy import Column, ColumnElement, Connection, func, select

CHUNK = 300
WINDOW = 20_000
MOST_LOOKED_AT = 300_000
"""Rows that one page may look at; a search that finds little says so, and goes on from there."""

Item = TypeVar("Item")


class Walk(Generic[Item]):
    """The rows of a table whose `number` is below `before` and at least `lowest`, the newest first, as far as they fit.
    `head` is the next one; None where there is none, or where the walk was `cut` because it has looked at enough.
    """

    def __init__(
        self,
        connection: Connection,
        number: Column[int],
        filters: Iterable[ColumnElement[bool]],
        bounds: tuple[int | None, int],
        made: Callable[[list[Any]], list[Item]],
    ) -> None:
        """`bounds` are `before` (None is the end) and `lowest`; `made` turns rows into items and may leave some out."""
        self._connection, self._number, self._filters, self._made = connection, number, list(filters), made
        newest = int(connection.scalar(select(func.max(number))) or 0) + 1
        self._before = min(newest, bounds[0]) if bounds[0] is not None else newest
        self._floor = max(bounds[1], self._before - MOST_LOOKED_AT)
        self._is_all = self._floor <= bounds[1]
        self._items = self._walked()
        self.head: Item | None = None
        self.take()

    @property
    def cut(self) -> bool:
        return self.head is None and not self._is_all

    @property
    def floor(self) -> int:
        """Where a walk that was cut goes on."""
        return self._floor

    def take(self) -> Item | None:
        """The head; the one behind it is the head now."""
        taken, self.head = self.head, next(self._items, None)
        return taken

    def _walked(self) -> Iterator[Item]:
        before = self._before
        while before > self._floor:
            low = max(self._floor, before - WINDOW)
            query = select(self._number.table).where(self._number >= low, self._number < before, *self._filters)
            rows = list(self._connection.execute(query.order_by(self._number.desc()).limit(CHUNK)))
            yield from self._made(rows)
            before = rows[-1]._mapping[self._number] if len(rows) == CHUNK else low  # noqa: SLF001 - SQLAlchemy's own name for it
