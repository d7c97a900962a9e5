"""Everything on the kiosk's screens can be read."""

import pytest

from foleni.look.tokens import TEXT_CONTRAST, contrast
from kiosk.pages import Page
from kiosk.views.compose import Turned, compose
from kiosk.views.scene import Code, Fill, Piece, Scene, Touch, Turn, Words
from tests.support import kiosk_pages

HIGH_CONTRAST = 14.0
LARGE_TYPE = 3.0
"""WCAG 2.1 asks for 4.5 to 1, and for 3 to 1 where letters are large and bold."""


def ground_of(scene: Scene, text: Words) -> str:
    """The colour on which a text stands."""
    ground = scene.ground
    for piece in scene.pieces:
        if piece is text:
            return ground
        if fill_of(piece) and piece.box.holds(text.box):
            ground = fill_of(piece)
    return ground


def fill_of(piece: Piece) -> str:
    if isinstance(piece, Fill | Touch):
        return piece.face.fill
    return "#FFFFFF" if isinstance(piece, Code) else ""


def scenes(*, high: bool) -> list[tuple[str, Scene]]:
    pages: list[tuple[str, Page]] = [(name, make("en")) for name, make in kiosk_pages.PAGES.items()]
    pages += [
        ("trouble", kiosk_pages.with_band(kiosk_pages.services("en"))),
        ("trouble", kiosk_pages.with_band(kiosk_pages.ticket())),
    ]
    opened = [("services-4", over) for over in (Turn.OPEN_ACCESS, Turn.OPEN_LANGUAGES)]
    shown = [(name, page, Turned()) for name, page in pages]
    shown += [(str(over), kiosk_pages.PAGES[name]("en"), Turned(opened=over)) for name, over in opened]
    return [(name, compose(kiosk_pages.with_access(page, contrast=high), (1080, 1920), turned)) for name, page, turned in shown]


@pytest.mark.parametrize("high", [False, True])
def test_every_text_stands_out_from_its_ground(high: bool) -> None:
    least = HIGH_CONTRAST if high else TEXT_CONTRAST
    for name, scene in scenes(high=high):
        for text in (piece for piece in scene.pieces if isinstance(piece, Words)):
            found = contrast(text.colour, ground_of(scene, text))
            wanted = LARGE_TYPE if text.name.endswith("/prefix") and not high else least
            assert found >= wanted, f"{name}: {text.name} has {found:.1f}"


@pytest.mark.parametrize("high", [False, True])
def test_what_a_finger_presses_looks_pressed_and_can_still_be_read(high: bool) -> None:
    for name, scene in scenes(high=high):
        for touch in (touch for touch in scene.touches if touch.act is not None and touch.face.fill):
            assert touch.pressed != touch.face, f"{name}: {touch.name}"
            for text in (piece for piece in scene.pieces if isinstance(piece, Words) and touch.box.holds(piece.box)):
                if ground_of(scene, text) == touch.face.fill:
                    assert contrast(text.colour, touch.pressed.fill) >= LARGE_TYPE, f"{name}: {text.name}"


def test_keys_have_strong_borders_in_high_contrast() -> None:
    for name, scene in scenes(high=True):
        for touch in (touch for touch in scene.touches if touch.face.fill and not touch.ground):
            is_dark = contrast(touch.face.fill, scene.ground) >= HIGH_CONTRAST
            assert is_dark or touch.face.edge >= 5, f"{name}: {touch.name}"
