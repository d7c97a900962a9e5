"""How bytes come to a printer and back: one small port."""

from collections.abc import Callable
from typing import Protocol

SLICE_S = 0.2
"""The longest that a transport waits at a time."""

Turn = Callable[[], object]
"""Called between waits; may raise to end them."""


class TransportError(Exception):
    """The printer cannot be reached, or was lost; the text says why."""


class Transport(Protocol):
    """An open way to a printer. Nothing blocks longer than `SLICE_S`; everything raises `TransportError`."""

    def write(self, data: bytes) -> int:
        """Hand over as many bytes as are taken within `SLICE_S`, and tell how many."""

    def read(self, timeout_s: float) -> bytes:
        """What came in; empty where nothing did in `timeout_s` (at most `SLICE_S`)."""

    def unsent(self) -> int:
        """How many bytes that were written have not reached the printer yet, as far as this can be known."""

    def check(self) -> None:
        """Raise where the printer is gone: for those that cannot be asked."""

    def close(self, *, drop: bool = False) -> None:
        """Let go of the printer; with `drop` also of what it has not taken yet. Never raises."""
