"""A branch's log as its cloud has kept it, page by page."""

from collections.abc import Callable, Iterator
from typing import Any

from pydantic import ValidationError

from branch_server.adapters.sync.errors import CloudAwayError, SyncError
from branch_server.adapters.sync.wire import Wire
from foleni.link.backoff import Backoff
from foleni.messages.sync import MOST_EVENTS, SyncEvent

TRIES = 10
"""So often the same page is asked for, over about a minute."""
_READ_S = 60.0


class LostError(SyncError):
    """What the cloud has kept is no whole log."""


def pages_of(wire: Wire, rest: Callable[[float], object], after: int = 0) -> Iterator[list[SyncEvent]]:
    """Every event behind number `after` to the last, in pages. `rest` waits for so many seconds between two tries.

    Raises `CloudRefusedError`, `CloudAwayError` where it does not come back, `LostError`.
    """
    while page := _page(wire, after, rest):
        for event in page:
            if event.seq != after + 1:
                raise LostError(f"the cloud has no event {after + 1}")
            after = event.seq
        yield page


def _page(wire: Wire, after: int, rest: Callable[[float], object]) -> list[SyncEvent]:
    """The events behind number `after`; fewer at once after each failure, because an answer may be too large for its way."""
    backoff = Backoff(0.5, 15.0, floor_s=0.1)
    limit = MOST_EVENTS
    for turn in range(TRIES):
        try:
            return _read(wire.get("events", {"after": after, "limit": limit}, _READ_S))
        except CloudAwayError:
            if turn == TRIES - 1:
                raise
            limit = max(1, limit // 2)
            rest(backoff.next_s())
    raise AssertionError("unreachable")


def _read(body: dict[str, Any]) -> list[SyncEvent]:
    events = body.get("events")
    if not isinstance(events, list):
        raise CloudAwayError("what it sends are no events")
    try:
        return [SyncEvent.model_validate(event) for event in events]
    except ValidationError as error:
        raise LostError(
            f"an event that the cloud has kept cannot be read: {error.errors(include_input=False)[0]['msg']}"
        ) from error
