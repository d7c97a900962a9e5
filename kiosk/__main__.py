"""`foleni-kiosk`: starts a kiosk and keeps it until it is told to end."""

import gc
import sys

from foleni import logs, settings
from foleni.life import Life
from foleni.screens import ScreenError
from kiosk.bootstrap import Care, build
from kiosk.loop import Inbox
from kiosk.paper.logo import LogoError
from kiosk.settings import KioskSettings
from kiosk.views.window import build_window

PROGRAM = "foleni-kiosk"


def main(argv: list[str] | None = None) -> int:
    """The exit status: 0 after an orderly end, 1 after a failure, 2 for a wrong setting, 75 to be started again."""
    given = settings.load(KioskSettings, PROGRAM, argv)
    logs.set_up(given.log_level)
    life = Life(PROGRAM)
    inbox = Inbox()
    beat = life.watch.beat("screen", 20.0).tick
    window = build_window(given.size_px, given.fullscreen, inbox.put, at=given.at_px, beat=beat)
    try:
        window.stage.open()
        kiosk = build(given, Care(life.watch, life.fail, life.restart), inbox, window.show)
    except (ScreenError, LogoError, OSError) as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr, flush=True)  # noqa: T201 - for whoever started it
        return 1
    gc.freeze()
    return life.run(kiosk.parts, kiosk.ready, window.stage)


if __name__ == "__main__":
    sys.exit(main())
