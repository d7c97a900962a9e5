"""Each branch's queue at hand in this process, read again when a bell says that it looks otherwise: so that many who look at
one branch cost as much as one.
"""

import asyncio
from bisect import bisect_left
from collections import OrderedDict
from contextlib import ExitStack
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Row, select

from cloud.bus.bus import Bell
from cloud.queues.status import ACTIVE, Status
from cloud.queues.surroundings import Surroundings, surroundings
from cloud.queues.view import TicketView, by_key, draw, view_of
from cloud.site import Site
from cloud.store.tables import tickets
from foleni.times import Instant

TicketRow = Row[Any]
_NOTE = "queues.pictures"
_GOOD_FOR_S = 2.0
_GOOD_FOR_WHILE_DEAF_S = 1.0
_MOST_BRANCHES = 2_000
_MOST_KEYS = 100_000


@dataclass(frozen=True, slots=True)
class BranchPicture:
    """The tickets of a branch that are not over, by our id, and the ranks of those who wait in each service, in their order."""

    around: Surroundings
    rows: dict[str, TicketRow]
    ranks: dict[str, list[tuple[int, str]]]

    def view(self, ticket: str, now: Instant) -> TicketView | None:
        """A ticket's view; None for one that is over, or unknown."""
        row = self.rows.get(ticket)
        if row is None:
            return None
        waits = row.status == Status.WAITING and row.rank_at is not None
        ahead = bisect_left(self.ranks[row.service], (row.rank_at, row.id)) if waits else None
        return draw(row, self.around, ahead, now)


@dataclass(frozen=True, slots=True)
class Key:
    """What a key of a ticket leads to. `token` opens it for everybody who has it."""

    ticket: str
    token: str
    branch: str
    user: str | None
    phone: str | None


@dataclass(slots=True)
class _Kept:
    bell: Bell
    listening: ExitStack
    picture: BranchPicture | None = None
    read_at: float = 0.0
    begun: int = 0
    """How many readings were begun, and the number of the last that came to its end."""
    ended: int = 0
    reading: "asyncio.Task[None] | None" = None


@dataclass(slots=True)
class Pictures:
    """On the loop. The branches and keys that were not asked for the longest are forgotten."""

    site: Site
    _kept: OrderedDict[str, _Kept] = field(default_factory=OrderedDict)
    _keys: OrderedDict[str, Key] = field(default_factory=OrderedDict)

    async def find(self, key: str) -> Key | None:
        """What a token or an id leads to."""
        known = self._keys.get(key)
        if known is not None:
            self._keys.move_to_end(key)
            return known
        row = await self.site.database.run(lambda c: by_key(c, key))
        if row is None:
            return None
        known = self._keys[key] = Key(row.id, row.token, row.branch, row.user, row.phone)
        if len(self._keys) > _MOST_KEYS:
            self._keys.popitem(last=False)
        return known

    async def view(self, key: Key) -> TicketView | None:
        """The ticket as it is now; None where it was erased."""
        picture = await self.of(key.branch)
        view = picture.view(key.ticket, self.site.now())
        return view or await self.site.database.run(lambda c: _view(c, key.ticket, self.site.now()))

    async def of(self, branch: str) -> BranchPicture:
        """A branch's queue; whatever was rung before this was asked is in it."""
        kept = self._of(branch)
        good_for_s = _GOOD_FOR_S if self.site.bus.is_well else _GOOD_FOR_WHILE_DEAF_S
        wanted = kept.ended
        if kept.bell.took() or kept.picture is None:
            wanted = kept.begun + 1
        elif monotonic() - kept.read_at > good_for_s:
            wanted = kept.ended + 1
        while kept.ended < wanted or kept.picture is None:
            if kept.reading is None:
                kept.begun += 1
                kept.reading = asyncio.create_task(self._read(branch, kept, kept.begun))
            await asyncio.shield(kept.reading)
        return kept.picture

    async def _read(self, branch: str, kept: _Kept, number: int) -> None:
        began = monotonic()
        try:
            kept.picture = await self.site.database.run(lambda c: read(c, branch))
            kept.read_at, kept.ended = began, number
        finally:
            kept.reading = None

    def _of(self, branch: str) -> _Kept:
        kept = self._kept.get(branch)
        if kept is not None:
            self._kept.move_to_end(branch)
            return kept
        listening = ExitStack()
        kept = _Kept(listening.enter_context(self.site.bus.listening(f"changed:{branch}")), listening)
        self._kept[branch] = kept
        if len(self._kept) > _MOST_BRANCHES:
            self._kept.popitem(last=False)[1].listening.close()
        return kept


def pictures_of(site: Site) -> Pictures:
    """The pictures of a process."""
    pictures = site.notes.setdefault(_NOTE, Pictures(site))
    assert isinstance(pictures, Pictures)
    return pictures


def read(c: Connection, branch: str) -> BranchPicture:
    """A branch's queue as it is now."""
    rows = c.execute(select(tickets).where(tickets.c.branch == branch, tickets.c.status.in_(ACTIVE))).all()
    ranks: dict[str, list[tuple[int, str]]] = {}
    for row in rows:
        waiting = ranks.setdefault(row.service, [])
        if row.status == Status.WAITING and row.rank_at is not None:
            waiting.append((row.rank_at, row.id))
    for waiting in ranks.values():
        waiting.sort()
    return BranchPicture(surroundings(c, branch), {row.id: row for row in rows}, ranks)


def _view(c: Connection, ticket: str, now: Instant) -> TicketView | None:
    row = by_key(c, ticket)
    return view_of(c, row, now) if row is not None else None
