"""A counter box that joins a branch: it has no screen, so its units show the code, in two groups of three digits."""

from collections.abc import Sequence
from dataclasses import dataclass

from counter.desk.loop import Loop
from counter.line.line import Ears, Line
from counter.line.picture import Lamp, Note, Picture
from counter.line.turns import Press
from counter.presses import Gesture
from counter.settings import CounterSettings
from foleni.joining.joiner import Joiner
from foleni.joining.stages import Stage, Standing
from foleni.joining.starting import Start
from foleni.life import Life, Part

PHASES_S = (2.0, 2.0, 1.0)
"""So long each group of digits is shown, and nothing between two rounds."""
_BEAT_WITHIN_S = 20.0


def join(start: Start[CounterSettings], life: Life) -> int:
    """The exit status; `life` tells whether the box has joined, and goes on as a program that works."""
    loop = Loop(life.fail, life.watch.beat("units", _BEAT_WITHIN_S).tick)
    faces = Faces(loop)
    joiner = start.joining(life, lambda standing: loop.do(lambda: faces.hear(standing)))
    lines = [
        _line(given.port, given.baud, [unit.address for unit in given.unit], joiner, life) for given in start.settings.line
    ]
    faces.lines = lines
    parts: list[tuple[str, Part]] = [("units", loop), *((f"line {line.url}", line) for line in lines), ("joining", joiner)]
    return life.run(parts, lambda: "to join a branch")


def _line(port: str, baud: int, units: Sequence[int], joiner: Joiner, life: Life) -> Line:
    def press(press: Press) -> None:
        if press.gesture is Gesture.LONG:
            joiner.ask_again()

    return Line(port, baud, units, Ears(press, life.fail, life.watch.beat(f"line {port}", _BEAT_WITHIN_S).tick))


@dataclass(slots=True)
class Faces:
    """What all units of a box that joins show. Lives on the loop's thread."""

    loop: Loop
    lines: Sequence[Line] = ()
    _standing: Standing | None = None
    _round: int = 0

    def hear(self, standing: Standing) -> None:
        """Another code, or no code, is shown from its beginning."""
        old, self._standing = self._standing, standing
        if old is None or (old.stage, old.code) != (standing.stage, standing.code):
            self._round += 1
            self._show(self._round, 0)

    def _show(self, turn: int, phase: int) -> None:
        if turn != self._round or self._standing is None:
            return
        for line in self.lines:
            for unit in line.units:
                line.show(unit, picture_of(self._standing, phase))
        if self._standing.code:
            self.loop.later(PHASES_S[phase], lambda: self._show(turn, (phase + 1) % len(PHASES_S)))


def picture_of(standing: Standing, phase: int = 0) -> Picture:
    """`482-`, then `-913`, then nothing for a moment. Where there is no code the unit says that there is no server, and one
    that was cut off that it may do nothing.
    """
    if standing.code:
        groups = (f"{standing.code[:3]}-", f"-{standing.code[3:]}", "")
        return Picture(number=groups[phase], lamp=Lamp.BLINKING)
    return Picture(note=Note.DENIED if standing.stage is Stage.CUT_OFF else Note.GONE)
