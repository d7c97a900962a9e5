"""The joining screen on a real window: a branch is chosen by touching it, a box that was cut off joins by a long press."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from foleni.look.tokens import GREEN, PAPER, RED, rgba
from tests.support.joining_screen import HERE, THERE
from tests.support.screen import Screen
from tests.support.waiting import until

ROOT = Path(__file__).parents[2]
SIZE = (1024, 600)
NOWHERE = (500, 560)


class Shown:
    """The program that shows sample scenes."""

    def __init__(self, screen: Screen, folder: Path) -> None:
        self.screen = screen
        self.heard: list[str] = []
        self._log = (folder / "screen.log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "tests.support.joining_screen", f"{SIZE[0]}x{SIZE[1]}"],
            cwd=ROOT, env=screen.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, text=True,
        )  # fmt: skip
        self._reader = threading.Thread(target=self._hear)
        self._reader.start()
        self.hears("ready")

    def show(self, scene: str, language: str = "en") -> list[tuple[str, str, list[int]]]:
        """What can be touched on it: a kind, a value and a box."""
        assert self.process.stdin
        self.heard.clear()
        print(json.dumps({"scene": scene, "language": language}), file=self.process.stdin, flush=True)
        line = self.hears("shown")
        return [(kind, value, box) for kind, value, box in json.loads(line.removeprefix("shown "))]

    def hears(self, start: str) -> str:
        found: list[str] = []

        def look() -> bool:
            found[:] = [line for line in list(self.heard) if line.startswith(start)]
            return bool(found)

        until(look, 60)
        return found[0]

    def close(self) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.wait(60)
        self._reader.join()
        self.process.stdout.close()
        self._log.close()

    def _hear(self) -> None:
        assert self.process.stdout
        self.heard.extend(line.strip() for line in iter(self.process.stdout.readline, ""))


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    screen = Screen(SIZE).start()
    try:
        shown = Shown(screen, tmp_path_factory.mktemp("joining"))
        yield shown
        shown.close()
    finally:
        screen.kill()


def _middle(box: list[int]) -> tuple[int, int]:
    return box[0] + box[2] // 2, box[1] + box[3] // 2


def test_a_branch_is_chosen_by_touching_it_and_elsewhere_the_language_turns(shown: Shown) -> None:
    keys = {value: box for _, value, box in shown.show("choosing")}
    assert set(keys) == {HERE.ca, THERE.ca}
    shown.screen.touch(*_middle(keys[str(THERE.ca)]))
    assert shown.hears("chose") == f"chose {THERE.ca}"
    assert "turn" not in shown.heard
    shown.screen.touch(*NOWHERE)
    shown.hears("turn")


def test_only_a_long_press_has_a_box_join_again(shown: Shown) -> None:
    [(_, _, box)] = shown.show("cut_off")
    shown.screen.touch(*_middle(box))
    shown.screen.touch(*NOWHERE)
    shown.hears("turn")
    assert "again" not in shown.heard
    shown.screen.press(*_middle(box))
    shown.hears("again")
    shown.screen.lift()


@pytest.mark.parametrize(("scene", "language", "colour"), [("code", "en", GREEN), ("code", "ar", GREEN), ("broken", "hi", RED)])
def test_what_counts_is_to_be_seen(scene: str, language: str, colour: str, shown: Shown, tmp_path: Path) -> None:
    shown.show(scene, language)
    picture = shown.screen.still(tmp_path / "shot.png").convert("RGB")
    counted = {colours: count for count, colours in picture.getcolors(SIZE[0] * SIZE[1]) or []}
    assert counted[_rgb(PAPER)] > SIZE[0] * SIZE[1] // 2
    assert counted[_rgb(colour)] > 5_000


def _rgb(colour: str) -> tuple[int, ...]:
    return tuple(round(255 * channel) for channel in rgba(colour)[:3])
