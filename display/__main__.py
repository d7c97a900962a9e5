"""`foleni-display`: shows and speaks the calls of a branch until it is told to end; one that has no branch joins one first."""

import gc
import sys

from display.bootstrap import build
from display.settings import DisplaySettings
from foleni.joining.starting import Program, Start, begin, go_on
from foleni.life import Life

PROGRAM = Program("foleni-display", "display")


def main(argv: list[str] | None = None) -> int:
    """The exit status: 0 after an orderly end, 1 after a failure, 2 for a wrong setting, 75 to be started again."""
    start = begin(DisplaySettings, PROGRAM, argv)
    life = Life(PROGRAM.name)
    return go_on(life, _run(start, life), argv)


def _run(start: Start[DisplaySettings], life: Life) -> int:
    if start.settings.seat is None:
        from foleni.screens.joining.running import join_on_screen  # noqa: PLC0415 - only a box that joins needs it

        return join_on_screen(start, start.settings, life, has_touch=False)
    display = build(start.settings, life)
    gc.freeze()
    return life.run([*display.parts, *start.keeping(life, display.station)], display.ready, display.stage)


if __name__ == "__main__":
    sys.exit(main())
