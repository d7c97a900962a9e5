"""The clock that leases go by: it never stops, not even while a machine sleeps, and nobody can set it."""

import time


def now_s() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)
