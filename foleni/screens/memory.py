"""How a screen program keeps its memory small over the years."""

import ctypes
import gc
from contextlib import suppress

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_LARGE_BYTES = 128 * 1024


def keep_small() -> None:
    """Large pictures that are no longer shown go back to the system at once (mallopt(3)): about 10 MiB less after some
    visits. Does nothing where the C library is not glibc.
    """
    with suppress(OSError, AttributeError):
        allocator = ctypes.CDLL(None)
        allocator.mallopt(_ARENA_MAX, 2)
        allocator.mallopt(_MMAP_THRESHOLD, _LARGE_BYTES)
        allocator.mallopt(_TRIM_THRESHOLD, _LARGE_BYTES)


def give_back() -> None:
    """What is free goes back to the system (malloc_trim(3)); some 20 ms, for a moment when nobody waits."""
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
