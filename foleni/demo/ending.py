"""Signals that end the demo: the first one interrupts the main thread, wherever it is; after it none is heeded."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def interrupted_by_signals() -> Iterator[None]:
    """Within it a signal raises `KeyboardInterrupt` on the main thread; behind it signals are not heeded any more.

    The system may hand a signal to any thread. Python notes it there, and the main thread would sleep on in its system
    call: so whoever hears of it wakes the main thread.
    """
    ear, mouth = os.pipe()
    os.set_blocking(mouth, False)
    threading.Thread(target=_wake_main, args=(ear,), name="signals", daemon=True).start()
    before = signal.set_wakeup_fd(mouth, warn_on_full_buffer=False)
    for number in _ENDS:
        signal.signal(number, _end)
    try:
        yield
    finally:
        _heed_no_signals()
        signal.set_wakeup_fd(before)
        os.close(mouth)


def _wake_main(ear: int) -> None:
    """Wakes it once, and reads on until nobody can write to the pipe any more: its own signal is noted there too."""
    main = threading.main_thread().ident
    woken = False
    with open(ear, "rb", buffering=0) as bell:
        while noted := bell.read(1):
            if main is not None and noted[0] in _ENDS and not woken:
                woken = True
                signal.pthread_kill(main, noted[0])


def _end(_number: int, _frame: FrameType | None) -> None:
    _heed_no_signals()
    raise KeyboardInterrupt


def _heed_no_signals() -> None:
    """The end has begun and takes a few seconds at most."""
    for number in _ENDS:
        signal.signal(number, signal.SIG_IGN)
