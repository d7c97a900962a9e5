"""Joins what is heard to what is seen and spoken. For one thread only, the screen's."""

import logging
import time
from collections.abc import Callable, Sequence
from math import inf
from typing import Protocol

from display.moment import Moment
from display.picture import Announcement, Picture
from display.presenter import Presenter
from foleni.look.fonts import shaping_fault
from foleni.messages.base import Message
from foleni.messages.state import Board, DeviceConfig, Services
from foleni.station.station import Reach
from foleni.times import Instant

logger = logging.getLogger(__name__)

_MICRO = 1000
_REST_S = 0.03
"""Between two pictures, so that a flood of news leaves time to draw them."""

After = Callable[[float, Callable[[], object]], object]
"""Calls back on the screen's thread after so many seconds."""


class Speaker(Protocol):
    """What speaks the calls."""

    def take(self, announcements: Sequence[Announcement], in_hand: frozenset[str]) -> None: ...

    def speak_in(self, languages: tuple[str, ...]) -> None:
        """The languages of the calls; with none of them there is only the chime."""
        ...


def this_moment() -> Moment:
    return Moment(Instant(time.time_ns() // _MICRO), time.monotonic())


class Silence:
    """Nobody speaks."""

    def take(self, announcements: Sequence[Announcement], in_hand: frozenset[str]) -> None:
        """Nothing is said."""

    def speak_in(self, languages: tuple[str, ...]) -> None:
        """In no language."""


class Show:
    """What is heard is drawn at once. What comes in a flood is drawn together a moment later, and still spoken call by call."""

    def __init__(self, presenter: Presenter, clock: Callable[[], Moment] = this_moment) -> None:
        self._presenter = presenter
        self._clock = clock
        self._draw: Callable[[Picture], object] = lambda _picture: None
        self._after: After | None = None
        self._speaker: Speaker = Silence()
        self._is_silent = False
        self._drawn_at_s = -inf
        self._is_due = False

    def draws_with(self, draw: Callable[[Picture], object], after: After | None = None) -> None:
        """Who draws from now on, and who calls back later; without the latter every picture is drawn at once."""
        self._draw, self._after = draw, after
        self.tick()

    def speaks_through(self, speaker: Speaker) -> None:
        """Who speaks from now on."""
        self._speaker = speaker

    def hear_news(self, _topic: str, message: Message) -> None:
        if isinstance(message, Board):
            announcements = self._presenter.hear_board(message, self._clock())
            self._changed()
            self._speaker.take(() if self._is_silent else announcements, self._presenter.tickets_in_hand)
        elif isinstance(message, Services):
            self._presenter.hear_services(message)
            self._changed()

    def hear_config(self, config: DeviceConfig) -> None:
        before = self._presenter.place.languages
        self._presenter.hear_config(config, self._clock())
        languages = self._presenter.place.languages
        if languages != before and (fault := shaping_fault(languages)):
            logger.warning("%s", fault)
        sound = self._presenter.place.tv.sound
        self._is_silent = sound == "none"
        self._speaker.speak_in(languages if sound == "voice" else ())
        self._changed()

    def hear_reach(self, reach: Reach) -> None:
        self._presenter.hear_reach(reach, self._clock())
        self._changed()

    def hear_sound(self, works: bool) -> None:
        self._presenter.hear_sound(works=works)
        self._changed()

    def hear_photos(self, paths: Sequence[str]) -> None:
        self._presenter.hear_photos(paths)
        self._changed()

    def identify(self) -> None:
        """Somebody looks for this screen."""
        self._presenter.identify(self._clock())
        self._changed()

    def tick(self) -> None:
        """Time goes on."""
        now = self._clock()
        self._drawn_at_s, self._is_due = now.steady_s, False
        self._draw(self._presenter.picture(now))

    def _changed(self) -> None:
        rested_s = self._clock().steady_s - self._drawn_at_s
        if self._after is None or rested_s >= _REST_S:
            self.tick()
        elif not self._is_due:
            self._is_due = True
            self._after(_REST_S - rested_s, self._draw_if_due)

    def _draw_if_due(self) -> None:
        if self._is_due:
            self.tick()
