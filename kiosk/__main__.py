"""`foleni-kiosk`: starts a kiosk and keeps it until it is told to end; one that has no branch joins one first."""

import gc
import sys

from foleni.joining.starting import Program, Start, begin, go_on
from foleni.life import Life
from foleni.screens import ScreenError
from kiosk.bootstrap import LEDGER, Care, build
from kiosk.loop import Inbox
from kiosk.paper.logo import LogoError
from kiosk.settings import KioskSettings
from kiosk.views.window import build_window

PROGRAM = Program("foleni-kiosk", "kiosk", (LEDGER, f"{LEDGER}-wal", f"{LEDGER}-shm"))


def main(argv: list[str] | None = None) -> int:
    """The exit status: 0 after an orderly end, 1 after a failure, 2 for a wrong setting, 75 to be started again."""
    start = begin(KioskSettings, PROGRAM, argv)
    life = Life(PROGRAM.name)
    try:
        return go_on(life, _run(start, life), argv)
    except (ScreenError, LogoError, OSError) as error:
        print(f"{PROGRAM.name}: {error}", file=sys.stderr, flush=True)  # noqa: T201 - for whoever started it
        return 1


def _run(start: Start[KioskSettings], life: Life) -> int:
    given = start.settings
    if given.seat is None:
        from foleni.screens.joining.running import join_on_screen  # noqa: PLC0415 - only a box that joins needs it

        return join_on_screen(start, given, life, has_touch=True)
    inbox = Inbox()
    beat = life.watch.beat("screen", 20.0).tick
    window = build_window(given.size_px, given.fullscreen, inbox.put, at=given.at_px, beat=beat)
    window.stage.open()
    kiosk = build(given, Care(life.watch, life.fail, life.restart), inbox, window.show)
    gc.freeze()
    return life.run([*kiosk.parts, *start.keeping(life, kiosk.station)], kiosk.ready, window.stage)


if __name__ == "__main__":
    sys.exit(main())
