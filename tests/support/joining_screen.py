"""The screen of a box that joins with nothing behind it: it shows sample scenes on command and tells what is touched.

    python -m tests.support.joining_screen WIDTHxHEIGHT

Reads lines such as `{"scene": "code", "language": "fr"}`, and writes `ready`, `shown`, and a line for each touch.
"""

import json
import sys
import threading
from dataclasses import replace
from functools import partial
from typing import Any

from foleni.joining.poster import Facts, Poster, poster_of
from foleni.joining.stages import Place, Stage, Standing
from foleni.screens import Stage as Window
from foleni.screens import prepare
from foleni.settings import HostPort
from foleni.words import words

AT = HostPort("192.168.10.20", 8443)
HERE = Place(AT, "main-street", "a" * 64, "Demo Bank, Main Street")
THERE = Place(HostPort("192.168.10.99", 8443), "market", "b" * 64, "Market branch")
KNOWN = Standing(own_address="192.168.10.57", has_listened=True)
FACTS = Facts("kiosk", "NUC11ATKC4, foleni-kiosk", "Foleni 0.5.0", "Aline +250 788 123 456", has_touch=True)
SCENES: dict[str, tuple[Standing, Facts]] = {
    "looking": (replace(KNOWN, has_listened=False), FACTS),
    "no_network": (replace(KNOWN, own_address=None), FACTS),
    "no_server": (KNOWN, replace(FACTS, support="")),
    "choosing": (replace(KNOWN, stage=Stage.CHOOSING, places=(HERE, THERE)), FACTS),
    "choosing_untouched": (replace(KNOWN, stage=Stage.CHOOSING, places=(HERE, THERE)), replace(FACTS, has_touch=False)),
    "asking": (replace(KNOWN, stage=Stage.ASKING, place=HERE), FACTS),
    "code": (replace(KNOWN, stage=Stage.SHOWING, place=HERE, code="482913"), FACTS),
    "code_silent": (replace(KNOWN, stage=Stage.SHOWING, place=HERE, code="482913", is_silent=True), FACTS),
    "away": (replace(KNOWN, stage=Stage.AWAY, place=HERE), FACTS),
    "full": (replace(KNOWN, stage=Stage.FULL, place=HERE), FACTS),
    "cut_off": (replace(KNOWN, stage=Stage.CUT_OFF), replace(FACTS, has_kept=True)),
    "cut_off_untouched": (replace(KNOWN, stage=Stage.CUT_OFF), replace(FACTS, kind="display", has_touch=False)),
    "broken": (replace(KNOWN, stage=Stage.BROKEN), FACTS),
    "clock": (replace(KNOWN, has_listened=False), replace(FACTS, is_clock_wrong=True)),
    "joined": (replace(KNOWN, stage=Stage.JOINED, place=HERE), FACTS),
}


def poster(scene: str, language: str = "en") -> Poster:
    """What a scene says."""
    return poster_of(*SCENES[scene], words("foleni.joining", language))


def main() -> None:
    width, _, height = sys.argv[1].partition("x")
    prepare("Foleni", (int(width), int(height)), False, at=(0, 0))
    screens: list[Any] = []

    def build() -> Any:
        from foleni.screens.joining.screen import JoiningScreen  # noqa: PLC0415 - needs the open window

        screens.append(JoiningScreen(lambda ca: _say(f"chose {ca}"), lambda: _say("again"), lambda: _say("turn")))
        return screens[0].root

    window = Window(build, lambda: _say("ready"))

    def show(order: dict[str, str]) -> None:
        language = order.get("language", "en")
        screens[0].show(poster(order["scene"], language), right_to_left=words("foleni.joining", language).right_to_left)
        _say(
            "shown "
            + json.dumps([[kind, value, [box.x, box.y, box.width, box.height]] for kind, value, box in screens[0].drawn])
        )

    def listen() -> None:
        for line in sys.stdin:
            window.hand_over(partial(show, json.loads(line)))
        window.quit()

    threading.Thread(target=listen, daemon=True).start()
    window.run()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
