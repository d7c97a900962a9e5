"""A real window on a real X server: it draws, it is touched, it rests, and it ends when it is told to."""

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from foleni.look.tokens import GREEN, PALE, PAPER, WHITE
from tests.support.screen import Screen
from tests.support.waiting import until

ROOT = Path(__file__).parents[2]
SIZE = (540, 960)
KEY, CLOSED = (270, 360), (270, 580)
WORDS = (40, 40, 500, 240)


class Program:
    """The small program of the tests, on a screen."""

    def __init__(self, environment: dict[str, str], home: Path) -> None:
        environment = {**environment, "HOME": str(home), "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "tests.support.stage_program"],
            env=environment, cwd=home, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.told: queue.Queue[str] = queue.Queue()
        self.lines: list[str] = []
        self.errors = ""
        self._readers = [threading.Thread(target=self._hear), threading.Thread(target=self._hear_errors)]
        for reader in self._readers:
            reader.start()

    def tell(self, command: str) -> None:
        assert self.process.stdin
        print(command, file=self.process.stdin, flush=True)

    def hear(self, start: str, within_s: float = 60.0) -> str:
        """The rest of the next line that starts like this."""
        deadline = time.monotonic() + within_s
        while True:
            line = self.told.get(timeout=max(0.01, deadline - time.monotonic()))
            if line.startswith(start):
                return line[len(start) :].strip()

    def end(self, within_s: float = 40.0) -> int:
        """The exit status; fails where it does not end by itself in time."""
        status = self.process.wait(within_s)
        for reader in self._readers:
            reader.join()
        return status

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.end()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert stream
            stream.close()

    def _hear(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line.strip())
            self.told.put(line.strip())

    def _hear_errors(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            self.errors += line


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    screen = Screen(SIZE).start()
    yield screen
    screen.kill()


@pytest.fixture
def program(screen: Screen, tmp_path: Path) -> Iterator[Program]:
    """The program with its first picture on the screen."""
    (home := tmp_path / "home").mkdir()
    program = Program(screen.environment, home)
    program.hear("first picture")
    yield program
    program.kill()


def _rgb(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))


def _ink(picture: Image.Image) -> tuple[int, int]:
    """From where to where there are words, in px from the left."""
    area = picture.crop(WORDS).convert("L").point(lambda value: 255 if value < 128 else 0)
    box = area.getbbox()
    return (box[0], box[2]) if box else (0, 0)


def test_the_first_picture_is_drawn_with_what_was_handed_over_before(program: Program, screen: Screen, tmp_path: Path) -> None:
    assert "in order True" in program.lines
    assert program.lines.index("in order True") == 0
    picture = screen.still(tmp_path / "first.png")
    assert picture.getpixel((5, 5)) == _rgb(PAPER)
    assert picture.getpixel((60, KEY[1])) == _rgb(GREEN)
    assert picture.getpixel((60, CLOSED[1])) == _rgb(PALE)
    assert _ink(picture)[1] > 100
    words = picture.crop((200, 300, 340, 420)).getcolors(10_000) or []
    assert _rgb(WHITE) in {colour for _, colour in words}


def test_a_finger_darkens_a_key_and_taps_when_it_is_lifted(program: Program, screen: Screen, tmp_path: Path) -> None:
    screen.press(*KEY)
    until(lambda: screen.picture(tmp_path / "down.png").getpixel((60, KEY[1])) != _rgb(GREEN))
    assert not [line for line in program.lines if line.startswith("tapped")]
    screen.lift()
    assert program.hear("tapped") == "Press"
    until(lambda: screen.picture(tmp_path / "up.png").getpixel((60, KEY[1])) == _rgb(GREEN))


def test_a_finger_that_slips_off_or_lands_on_what_is_closed_taps_nothing(program: Program, screen: Screen) -> None:
    screen.press(*KEY)
    screen.slide(270, 900)
    screen.lift()
    screen.touch(*CLOSED)
    screen.touch(*KEY, button=3)
    screen.touch(*KEY)
    assert program.hear("tapped") == "Press"
    program.tell("text Done")
    program.hear("text is set")
    assert [line for line in program.lines if line.startswith("tapped")] == ["tapped Press"]


def test_words_of_a_mirrored_screen_begin_on_the_right(program: Program, screen: Screen, tmp_path: Path) -> None:
    until(lambda: 0 <= _ink(screen.still(tmp_path / "left.png"))[0] < 20)
    program.tell("mirror")
    until(lambda: _ink(screen.picture(tmp_path / "right.png"))[1] > 440)
    program.tell("text ماذا تحتاج")
    until(lambda: 0 < _ink(screen.picture(tmp_path / "arabic.png"))[0] < 250)


def test_nothing_is_drawn_and_hardly_anything_done_while_nothing_happens(program: Program) -> None:
    program.tell("rest 0.5")
    program.hear("rested")
    program.tell("rest 2")
    flips, share = program.hear("rested").split()
    assert int(flips) == 0
    assert float(share) < 0.05


def test_work_that_fails_is_logged_and_the_screen_lives(program: Program, screen: Screen, tmp_path: Path) -> None:
    _, before = _ink(screen.still(tmp_path / "before.png"))
    program.tell("raise this went wrong")
    program.tell("text A much longer text")
    until(lambda: _ink(screen.picture(tmp_path / "after.png"))[1] > before)
    until(lambda: "this went wrong" in program.errors)


def test_a_screen_that_cannot_be_drawn_ends_the_program(program: Program) -> None:
    program.tell("break")
    assert program.end() == 1
    assert program.errors.count("Traceback") < 6
    assert "the screen cannot be drawn: the graphics chip is gone" in program.errors


def test_quit_from_another_thread_ends_it_at_once(program: Program) -> None:
    told_at = time.monotonic()
    program.tell("quit")
    program.hear("over")
    assert time.monotonic() - told_at < 5, "nothing waits for anything: what takes a moment may take a busy machine so long"
    assert program.end() == 0
    assert "done after the end" not in program.lines


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_within_two_seconds(program: Program, number: int) -> None:
    told_at = time.monotonic()
    os.kill(program.process.pid, number)
    assert program.end() == 0, "after more than its 2 s it would end with 1"
    assert time.monotonic() - told_at < 5


@pytest.mark.timeout(300)
def test_words_that_change_for_ever_take_no_more_memory(program: Program) -> None:
    program.tell("churn 900")
    assert int(program.hear("grew", within_s=240)) < 6000


def test_nothing_is_left_in_the_home_folder(program: Program, tmp_path: Path) -> None:
    program.tell("quit")
    program.end()
    left = {path.name for path in (tmp_path / "home").rglob("*") if path.is_file()}
    assert not left


@pytest.mark.parametrize("display", ["", ":987"])
def test_without_a_screen_it_says_so_in_one_line(display: str, tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    if display:
        environment["DISPLAY"] = display
    program = Program(environment, tmp_path)
    try:
        assert program.end() == 1
    finally:
        program.kill()
    assert program.lines == []
    assert program.errors.count("\n") == 1
    assert program.errors.startswith("a-stage: no screen can be opened (DISPLAY is ")


_WHOLE_SCREEN = """
from foleni.screens import Stage, prepare
prepare("whole", None, True)
stage = Stage(lambda: None)
stage.open()
from kivy.core.window import Window
print(*Window.system_size)
"""


def test_the_whole_screen_is_taken_also_where_nobody_manages_windows(screen: Screen, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _WHOLE_SCREEN], cwd=ROOT, env={**os.environ, "DISPLAY": screen.display, "HOME": str(tmp_path)},
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert (done.stdout.split(), done.stderr) == ([str(px) for px in screen.size], "")
