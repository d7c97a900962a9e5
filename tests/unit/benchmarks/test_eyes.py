"""What the benchmarks see on a screen is what is there."""

import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from benchmarks.devices.board import NewestNumber, is_live
from benchmarks.devices.screen import Pixels
from foleni.look.fonts import face
from foleni.look.tokens import AMBER, LIVE, NIGHT, NIGHT2, RED

SIZE = (1200, 600)
CARD = (40, 100, 840, 400)


class Painted:
    """A framebuffer as Xvfb writes it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        width, height = SIZE
        words = [100, 7, 2, 24, width, height, 0, 0, 32, 0, 32, 32, 4 * width] + [0] * 6 + [0] + [0] * 5
        path.write_bytes(struct.pack(">25I", *words) + bytes(4 * width * height))
        self.pixels = Pixels(path)

    def show(self, number: str = "", *, lit: bool = True, light: str = LIVE) -> None:
        picture = Image.new("RGB", SIZE, NIGHT)
        pen = ImageDraw.Draw(picture)
        pen.ellipse((20, 10, 40, 30), fill=light)
        if number:
            pen.rounded_rectangle(CARD, 24, fill=AMBER if lit else NIGHT2)
            pen.text((80, 160), number, font=face("heavy", 160), fill=NIGHT if lit else AMBER)
        with self._path.open("r+b") as file:
            file.seek(100)
            file.write(picture.tobytes("raw", "BGRX"))


@pytest.fixture
def painted(tmp_path: Path) -> Iterator[Painted]:
    made = Painted(tmp_path / "Xvfb_screen0")
    yield made
    made.pixels.close()


@pytest.mark.parametrize("number", ["A002", "A011", "A007", "B001"])
def test_another_number_on_the_card_is_seen(painted: Painted, number: str) -> None:
    painted.show("A001")
    newest = NewestNumber.found(painted.pixels, 5)
    newest.remember()
    for lit in (True, False):
        painted.show(number, lit=lit)
        assert newest.has_changed()


def test_blinking_is_not_taken_for_another_number(painted: Painted) -> None:
    painted.show("A001")
    newest = NewestNumber.found(painted.pixels, 5)
    for before in (True, False):
        painted.show("A001", lit=before)
        newest.remember()
        painted.show("A001", lit=not before)
        assert not newest.has_changed()


def test_the_light_tells_whether_the_tv_is_live(painted: Painted) -> None:
    painted.show(light=LIVE)
    assert is_live(painted.pixels)
    painted.show(light=RED)
    assert not is_live(painted.pixels)


def test_a_screen_of_one_colour_is_blank(painted: Painted) -> None:
    assert painted.pixels.is_blank()
    painted.show("A001")
    assert not painted.pixels.is_blank()


def test_a_colour_is_found_at_whole_pixels(painted: Painted) -> None:
    painted.show("A001")
    assert painted.pixels.stretch(AMBER, 120) == (CARD[0], CARD[2] + 1)
    assert painted.pixels.stretch("#010203", 120) is None
