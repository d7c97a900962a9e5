"""`foleni-display`: shows and speaks the calls of a branch until it is told to end."""

import gc
import sys

from display.bootstrap import build
from display.settings import DisplaySettings
from foleni import logs, settings
from foleni.life import Life

PROGRAM = "foleni-display"


def main(argv: list[str] | None = None) -> int:
    """The exit status: 0 after an orderly end, 1 after a failure, 2 for a wrong setting."""
    given = settings.load(DisplaySettings, PROGRAM, argv)
    logs.set_up(given.log_level)
    life = Life(PROGRAM)
    display = build(given, life)
    gc.freeze()
    return life.run(display.parts, display.ready, display.stage)


if __name__ == "__main__":
    sys.exit(main())
