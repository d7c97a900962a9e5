"""Builds and wires the display: the only place that knows all its parts."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from display.photos import Photos
from display.pixels import Pixels
from display.presenter import SIGN_S, Presenter
from display.settings import DisplaySettings
from display.show import Show
from display.voice.announcer import Announcer
from display.voice.player import AlsaPlayer, FilePlayer, Player
from display.voice.running import Runner
from display.voice.voices import Clips, Espeak, Voice
from foleni.life import Life, Part
from foleni.messages.base import Message
from foleni.messages.orders import Came, Identify, KnownOrder, Restart
from foleni.messages.state import Board, Services
from foleni.screens import Stage, prepare
from foleni.screens.memory import give_back
from foleni.station.orders import Answer, unknown
from foleni.station.station import Ears, Station
from foleni.topics import Topics

if TYPE_CHECKING:
    from display.views.wall import Wall

TITLE = "Foleni Display"
_BEAT_WITHIN_S = 20.0
_GIVE_BACK_S = 600.0
_TICK_S = 0.25
"""Blinking steps are twice as long; the clock is never later than this."""


@dataclass(frozen=True, slots=True)
class Display:
    """A display, ready to be run: its parts in order, its window, and what it says when it is ready."""

    parts: Sequence[tuple[str, Part]]
    stage: Stage
    station: Station
    ready: Callable[[], str]


def build(settings: DisplaySettings, life: Life) -> Display:
    """Wires everything; starts nothing and opens no window."""
    prepare(TITLE, settings.size_px, settings.fullscreen, at=settings.at_px)
    show, screen = Show(Presenter()), _Screen()
    stage = Stage(lambda: screen.build(show, stage), beat=_beat(life, "screen"))
    station = _station(settings, life, stage, show)
    parts: list[tuple[str, Part]] = [("screen", _Opening(stage))]
    if not settings.mute and settings.sound != "none":
        hear_sound = _on(stage, show.hear_sound)

        def tell(works: bool) -> None:
            hear_sound(works)
            station.tell_sound(is_heard=works)

        announcer = _announcer(settings, life, tell)
        show.speaks_through(announcer)
        parts.append(("voice", announcer))
    if settings.media is not None:
        found, read = _on(stage, show.hear_photos), _on(stage, screen.show_photo)
        screen.photos = Photos(settings.media, found, read, on_dead=life.fail, beat=_beat(life, "photos"))
        parts.append(("photos", screen.photos))
    parts.append(("station", station))
    stage.every(_TICK_S, show.tick)
    stage.every(_GIVE_BACK_S, give_back)
    seat = settings.taken_seat
    return Display(parts, stage, station, lambda: f"{seat.device} of branch {seat.branch}, {seat.mqtt}")


def _announcer(settings: DisplaySettings, life: Life, on_sound: Callable[[bool], None]) -> Announcer:
    halted, beat = threading.Event(), _beat(life, "voice")
    runner = Runner(halted, beat)
    voices: list[Voice] = [Clips(settings.clips)] if settings.clips is not None else []
    voices.append(Espeak(runner))
    return Announcer(voices, _player(settings.sound, runner), halted, on_sound=on_sound, on_dead=life.fail, beat=beat)


def _player(sound: str, runner: Runner) -> Player:
    return AlsaPlayer(runner) if sound == "alsa" else FilePlayer(Path(sound.removeprefix("file:")))


def _station(settings: DisplaySettings, life: Life, stage: Stage, show: Show) -> Station:
    seat = settings.taken_seat
    topics = Topics(seat.branch)
    ears = Ears(
        on_news=_on(stage, show.hear_news),
        on_config=_on(stage, show.hear_config),
        on_reach=_on(stage, show.hear_reach),
        on_dead=life.fail,
        beat_link=_beat(life, "link"),
        beat_asker=_beat(life, "asker"),
        on_order=_on(stage, lambda order, answer: _obey(order, answer, show, life)),
    )
    followed: dict[str, type[Message]] = {topics.board: Board, topics.services: Services}
    return Station(seat.mqtt, topics, seat.device, "display", followed, ears, settings.memory)


def _obey(order: KnownOrder, answer: Answer, show: Show, life: Life) -> None:
    match order:
        case Identify():
            show.identify()
            answer(Came.DONE, f"It shows its name for {SIGN_S:.0f} seconds.")
        case Restart():
            answer(Came.DONE, "It restarts now.")
            life.restart("ordered by the branch")
        case _:
            unknown(order, answer)


def _on(stage: Stage, hear: Callable[..., object]) -> Callable[..., None]:
    """The same, done on the screen's thread."""
    return lambda *heard: stage.hand_over(lambda: hear(*heard))


def _beat(life: Life, name: str) -> Callable[[], None]:
    return life.watch.beat(name, _BEAT_WITHIN_S).tick


class _Screen:
    """The wall, once the window is open, and where it gets its photos."""

    def __init__(self) -> None:
        self.photos: Photos | None = None
        self._wall: Wall | None = None

    def build(self, show: Show, stage: Stage) -> object:
        from display.views.wall import Wall  # noqa: PLC0415 - needs the open window

        self._wall = Wall(self._want)
        show.draws_with(self._wall.show, stage.after)
        return self._wall.root

    def show_photo(self, path: str, pixels: Pixels) -> None:
        if self._wall is not None:
            self._wall.show_photo(path, pixels)

    def _want(self, path: str, width: int, height: int) -> None:
        if self.photos is not None:
            self.photos.want(path, width, height)


@dataclass(frozen=True, slots=True)
class _Opening:
    """The window opens before anything else begins: without a screen there is no display."""

    stage: Stage

    def start(self) -> None:
        self.stage.open()

    def stop(self) -> None:
        """The stage closes it."""
