"""Drawn words as textures: made right before a picture, and kept while there is room."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kivy.clock import Clock
from PIL import Image

from foleni.look.typeset import Block, drawn
from foleni.screens.shapes import as_texture

_MOST_PX = 2_000_000
"""How many px of words are kept: a full screen of solid text, 4 MB."""


@dataclass(frozen=True, slots=True)
class Ink:
    """White words on nothing, to be tinted. `left` and `top` say where the texture lies in its block."""

    texture: Any
    left: int
    top: int

    @property
    def px(self) -> int:
        return int(self.texture.width * self.texture.height)


_kept: OrderedDict[tuple[Block, str], Ink | None] = OrderedDict()
_waiting: dict[int, Callable[[], object]] = {}


def ink_of(block: Block, side: str) -> Ink | None:
    """The words of a block, its lines aligned `left`, `center` or `right`; None where nothing is to be seen. Of words that
    were drawn before, the texture is the same; the least lately used ones are forgotten.
    """
    key = (block, side)
    if key in _kept:
        _kept.move_to_end(key)
        return _kept[key]
    drawing = drawn(block, side)
    if drawing is None:
        return None
    sheet = Image.merge("LA", (Image.new("L", drawing.ink.size, 255), drawing.ink))
    _kept[key] = Ink(as_texture(sheet), drawing.left, drawing.top)
    _forget()
    return _kept[key]


def draw_later(owner: object, draw: Callable[[], object]) -> None:
    """Have `draw` called once before the next picture, however often it is asked for until then."""
    if not _waiting:
        Clock.schedule_once(lambda _: draw_waiting(), 0)  # where no stage calls it
    _waiting[id(owner)] = draw


def draw_waiting() -> bool:
    """Draw what waits; whether there was anything."""
    work = list(_waiting.values())
    _waiting.clear()
    for draw in work:
        draw()
    return bool(work)


def _forget() -> None:
    total = sum(ink.px for ink in _kept.values() if ink)
    while total > _MOST_PX and len(_kept) > 1:
        _, gone = _kept.popitem(last=False)
        total -= gone.px if gone else 0
