"""Logos come from whatever file somebody has."""

from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from foleni.paper.layout import lay_out
from foleni.paper.preview import TOP_DOTS, preview
from kiosk.paper.logo import LogoError, read_logo
from tests.support.tickets import template, ticket


def _save(path: Path, mode: str, colour: object) -> Path:
    picture = Image.new(mode, (200, 100), 0)
    ImageDraw.Draw(picture).rectangle((0, 0, 99, 99), fill=colour)  # type: ignore[arg-type]
    picture.save(path)
    return path


def test_what_is_transparent_stays_white(tmp_path: Path) -> None:
    logo = read_logo(_save(tmp_path / "logo.png", "RGBA", (0, 0, 0, 255)))
    row = logo.rows[:25]
    assert (logo.width, logo.height) == (200, 100)
    assert row[:12] == b"\xff" * 12
    assert row[13:] == bytes(12)


def test_a_large_picture_is_made_smaller_in_proportion(tmp_path: Path) -> None:
    Image.new("L", (3000, 600)).save(tmp_path / "logo.jpg")
    logo = read_logo(tmp_path / "logo.jpg")
    assert (logo.width, logo.height) == (384, 77)


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_picture_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "logo.png"
    path.write_bytes(content)
    with pytest.raises(LogoError, match="logo"):
        read_logo(path)
    with pytest.raises(LogoError):
        read_logo(tmp_path / "missing.png")


def test_the_logo_stands_in_the_middle_at_the_top(tmp_path: Path) -> None:
    logo = read_logo(_save(tmp_path / "logo.png", "RGB", (255, 255, 255)))
    paper = preview(lay_out(ticket(), template(), logo))
    top = paper.crop((0, TOP_DOTS, paper.width, TOP_DOTS + 1)).tobytes()
    assert (top.find(0), top.rfind(0)) == (288, 387)
