"""Runs a box with a screen until it has joined a branch."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from foleni.joining.poster import LANGUAGES, Facts, poster_of
from foleni.joining.stages import Standing
from foleni.joining.starting import Start
from foleni.life import Life
from foleni.screens import Stage, prepare
from foleni.station.settings import WindowSettings
from foleni.words import words

if TYPE_CHECKING:
    from foleni.joining.joiner import Joiner
    from foleni.screens.joining.screen import JoiningScreen

LANGUAGE_S = 6.0
_ROOM = "foleni.joining"
_SCREEN_BEAT_S = 20.0


def join_on_screen(start: Start[Any], given: WindowSettings, life: Life, *, has_touch: bool) -> int:
    """The exit status; `life` tells whether the box has joined, and goes on as a program that works."""
    prepare("Foleni", given.size_px, given.fullscreen, at=given.at_px)
    show = _Show(replace(start.facts, has_touch=has_touch))
    stage = Stage(show.build, beat=life.watch.beat("screen", _SCREEN_BEAT_S).tick)
    show.joiner = start.joining(life, lambda standing: stage.hand_over(lambda: show.hear(standing)))
    stage.every(LANGUAGE_S, show.turn)
    return life.run([("screen", _Opening(stage)), ("joining", show.joiner)], lambda: "to join a branch", stage)


class _Show:
    """What is on the screen, on its thread."""

    joiner: "Joiner"

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._standing: Standing | None = None
        self._at = 0
        self._screen: JoiningScreen | None = None

    def build(self) -> object:
        from foleni.screens.joining.screen import JoiningScreen  # noqa: PLC0415 - needs the open window

        self._screen = JoiningScreen(self.joiner.choose, self.joiner.ask_again, self._touched)
        self._draw()
        return self._screen.root

    def hear(self, standing: Standing) -> None:
        self._standing = standing
        self._draw()

    def turn(self) -> None:
        """The next language."""
        self._at = (self._at + 1) % len(LANGUAGES)
        self._draw()

    def _touched(self) -> None:
        self.joiner.hurry()
        self.turn()

    def _draw(self) -> None:
        if self._screen is not None and self._standing is not None:
            say = words(_ROOM, LANGUAGES[self._at])
            self._screen.show(poster_of(self._standing, self._facts, say), right_to_left=say.right_to_left)


@dataclass(frozen=True, slots=True)
class _Opening:
    """The window opens first: what is wrong is to be seen."""

    stage: Stage

    def start(self) -> None:
        self.stage.open()

    def stop(self) -> None:
        """The stage closes it."""
