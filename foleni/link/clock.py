"""Whether this machine's clock can be believed: a box without a battery starts in the past, or anywhere."""

import ctypes
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

EARLIEST = datetime(2026, 11, 1, tzinfo=UTC)
"""No clock that is right says less: this program did not exist."""

TIMESYNC = Path("/run/systemd/timesync")
_SYNCHRONIZED = "synchronized"
_TIME_ERROR = 5
_TIMEX_BYTES = 256


def is_set(
    now_s: Callable[[], float] = time.time, timesync: Path | None = None, kernel_says: Callable[[], int] | None = None
) -> bool:
    """False where the clock is evidently not set: before `EARLIEST`, or never synchronised since the machine has started.

    Where nobody can tell, it counts as set. `kernel_says` is what adjtimex(2) returns.
    """
    if now_s() < EARLIEST.timestamp():
        return False
    timesync = timesync or TIMESYNC
    if (timesync / _SYNCHRONIZED).exists():
        return True
    state = (kernel_says or _adjtimex)()
    return not timesync.exists() if state < 0 else state != _TIME_ERROR


def _adjtimex() -> int:
    """Asks and changes nothing; -1 where that is not allowed."""
    return int(ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES)))
