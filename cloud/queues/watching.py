"""Those who watch their tickets: when a branch looks otherwise, each of them is told what is new about the own ticket."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError

from cloud.queues.pictures import Key, Pictures
from cloud.queues.status import ACTIVE
from cloud.queues.view import TicketView
from cloud.site import Site
from foleni.web.errors import WebError

_log = logging.getLogger(__name__)

HEARTBEAT_S = 10.0
MOST_STREAMS = 5_000
_LOOKS_S = 5.0
"""A bell may be lost: so often everybody is looked after."""
_SETTLE_S = 0.02
"""What changes together is told together."""


class _Follower:
    def __init__(self, key: Key) -> None:
        self.key = key
        self.view: TicketView | None = None
        self.news = asyncio.Event()

    def take(self, view: TicketView) -> None:
        """Wakes up where it looks otherwise; that a connected branch was heard again is no news."""
        if self.view is None or _calm(view) != _calm(self.view):
            self.view = view
            self.news.set()


class Watchers:
    """All streams of this process. On the loop."""

    def __init__(self, site: Site, pictures: Pictures) -> None:
        self._site = site
        self._pictures = pictures
        self._followers: dict[str, set[_Follower]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._open = 0
        self._is_over = False

    def end(self) -> None:
        """Ends every stream; their readers come back."""
        self._is_over = True
        for task in self._tasks.values():
            task.cancel()
        for followers in self._followers.values():
            for follower in followers:
                follower.news.set()

    def check(self) -> None:
        """Raises `WebError` 503 where there are as many streams as this process should carry."""
        if self._open >= MOST_STREAMS:
            raise WebError(503, "unavailable", "There are too many open pages. Please ask again.", {"Retry-After": "10"})

    async def stream(self, key: Key) -> AsyncIterator[bytes]:
        """The bytes of an event stream: `status` with the ticket's view as data, at once and after each change, until the
        ticket is over; `beat` in between.
        """
        follower = _Follower(key)
        self._open += 1
        self._followers.setdefault(key.branch, set()).add(follower)
        try:
            yield b"retry: 1000\n\n"
            await self._look(key.branch, {follower})
            if key.branch not in self._tasks:
                self._tasks[key.branch] = asyncio.create_task(self._follow(key.branch), name=f"watch {key.branch}")
            while not self._is_over:
                told = await self._news(follower)
                yield told
                if follower.view is not None and follower.view.status not in ACTIVE and not follower.news.is_set():
                    break
        finally:
            self._open -= 1
            self._leave(follower)

    async def _news(self, follower: _Follower) -> bytes:
        with suppress(TimeoutError):
            await asyncio.wait_for(follower.news.wait(), HEARTBEAT_S)
        if not follower.news.is_set() or follower.view is None:
            return b"event: beat\ndata: {}\n\n"
        follower.news.clear()
        return b"event: status\ndata: " + follower.view.model_dump_json().encode() + b"\n\n"

    async def _follow(self, branch: str) -> None:
        """As long as somebody watches a branch."""
        with self._site.bus.listening(f"changed:{branch}") as bell:
            while branch in self._followers:
                if await bell.heard(_LOOKS_S):
                    await asyncio.sleep(_SETTLE_S)
                    bell.took()
                try:
                    await self._look(branch, set(self._followers.get(branch, ())))
                except SQLAlchemyError as error:
                    _log.warning("those who watch %s are told later: %s", branch, error)

    async def _look(self, branch: str, followers: set[_Follower]) -> None:
        picture, now = await self._pictures.of(branch), self._site.now()
        for follower in followers:
            view = picture.view(follower.key.ticket, now) or await self._pictures.view(follower.key)
            if view is not None:
                follower.take(view)

    def _leave(self, follower: _Follower) -> None:
        branch = follower.key.branch
        followers = self._followers.get(branch, set())
        followers.discard(follower)
        if not followers:
            self._followers.pop(branch, None)
            task = self._tasks.pop(branch, None)
            if task is not None:
                task.cancel()


def _calm(view: TicketView) -> TicketView:
    return view.model_copy(update={"heard_at": None}) if view.live else view
