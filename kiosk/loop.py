"""The kiosk's own thread: all taps, news and time come here, one after the other."""

import logging
import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue

from foleni.messages.state import DeviceConfig, Services
from foleni.station.station import Reach
from foleni.times import Instant
from kiosk.desk.desk import Desk
from kiosk.pages import Page, Tap
from kiosk.presenter.news import News, Now, Wish
from kiosk.presenter.presenter import Presenter

logger = logging.getLogger(__name__)

Work = Callable[[], object]
_STOP_S = 1.0
_MICRO = 1000


def now() -> Now:
    """The present moment."""
    return Now(time.monotonic(), Instant(time.time_ns() // _MICRO))


class Inbox:
    """What anybody may bring, from any thread: it is dealt with in order."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[Tap | News | Work | None] = SimpleQueue()

    def put(self, item: Tap | News | Work) -> None:
        """A tap, news, or something to be done on the kiosk's thread."""
        self._queue.put(item)

    def wake(self) -> None:
        self._queue.put(None)

    def next(self, timeout_s: float) -> Tap | News | Work | None:
        """None after `timeout_s`, or when woken."""
        try:
            return self._queue.get(timeout=timeout_s)
        except Empty:
            return None


class Loop:
    """A part of a program. `show` is called on its thread with each page that differs from the one before; `on_dead` where
    it ended though nobody stopped it, `beat` at least once a second.
    """

    def __init__(
        self,
        inbox: Inbox,
        presenter: Presenter,
        desk: Desk,
        show: Callable[[Page], object],
        *,
        on_dead: Callable[[str], object],
        beat: Callable[[], object],
        clock: Callable[[], Now] = now,
    ) -> None:
        self._inbox = inbox
        self._presenter = presenter
        self._desk = desk
        self._show = show
        self._on_dead = on_dead
        self._beat = beat
        self._clock = clock
        self._shown: Page | None = None
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """The desk recovers first; then the first page is shown."""
        self._thread = threading.Thread(target=self._run, name="kiosk", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._inbox.wake()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(_STOP_S)

    def _run(self) -> None:
        try:
            self._desk.start()
            while not self._stopping.is_set():
                self._beat()
                self._take(self._inbox.next(self._presenter.wake_s(self._clock())))
        except Exception:
            logger.exception("the kiosk's thread died")
            self._on_dead("the kiosk's thread died")

    def _take(self, item: Tap | News | Work | None) -> None:
        """One thing at a time. A page is shown before what is wished for on it is done."""
        wishes: list[Wish] = []
        if isinstance(item, Tap):
            wishes = self._presenter.tap(item, self._clock())
        elif callable(item):
            item()
        elif item is not None:
            self._presenter.hear(item, self._clock())
            if isinstance(item, DeviceConfig | Services | Reach):
                self._desk.hear(item)
        self._desk.tick()
        self._presenter.tick(self._clock())
        self._show_page()
        for wish in wishes:
            self._desk.do(wish)

    def _show_page(self) -> None:
        page = self._presenter.page(self._clock())
        if page != self._shown:
            self._shown = page
            self._show(page)
