"""Bells between those who make something happen and those who wait for it.

A bell may be missed (a process ends, Redis is restarted), so nobody trusts it: who waits looks into the database before, and
again when the time is over. Topics: `commands:<branch>` something goes down, `reply:<command>` the branch has answered (with
the reply as payload), `changed:<branch>` the branch's queue looks otherwise.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Bell:
    """One waiter's ear. On the loop's thread only."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self.payload = b""

    def ring(self, payload: bytes) -> None:
        self.payload = payload
        self._event.set()

    def took(self) -> bool:
        """Whether it rang since it was made, or since this or `heard` was last true; without waiting."""
        rang = self._event.is_set()
        self._event.clear()
        return rang

    async def heard(self, within_s: float) -> bool:
        """Whether it rang since it was made, or since this was last true."""
        try:
            await asyncio.wait_for(self._event.wait(), within_s)
        except TimeoutError:
            return False
        self._event.clear()
        return True


class Bus(Protocol):
    """On the loop's thread."""

    @property
    def is_well(self) -> bool:
        """Whether other processes hear us."""

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    def ring(self, topic: str, payload: bytes = b"") -> None:
        """Tells everybody who listens to a topic, in every process; what fails is logged."""

    def listening(self, topic: str) -> AbstractContextManager[Bell]:
        """A bell that rings with the topic, as long as the context lasts."""


class LocalBus:
    """For one process alone."""

    is_well = True

    def __init__(self) -> None:
        self._bells: defaultdict[str, set[Bell]] = defaultdict(set)

    async def open(self) -> None:
        return None

    async def close(self) -> None:
        return None

    def ring(self, topic: str, payload: bytes = b"") -> None:
        for bell in self._bells.get(topic, ()):
            bell.ring(payload)

    def ring_all(self) -> None:
        """Everybody looks: what was rung meanwhile may be lost."""
        for bells in self._bells.values():
            for bell in bells:
                bell.ring(b"")

    @contextmanager
    def listening(self, topic: str) -> Iterator[Bell]:
        bell = Bell()
        self._bells[topic].add(bell)
        try:
            yield bell
        finally:
            self._bells[topic].discard(bell)
            if not self._bells[topic]:
                del self._bells[topic]
