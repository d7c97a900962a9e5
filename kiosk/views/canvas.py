"""Draws scenes: each piece has its own instructions, and only pieces that differ from the scene before get new ones."""

import logging
from typing import Any

from kivy.graphics import BorderImage, Color, InstructionGroup, Rectangle
from kivy.uix.widget import Widget
from PIL import Image

from foleni.look.boxes import Box
from foleni.look.tokens import rgba
from foleni.look.typeset import drawn
from foleni.screens.pictures import qr_texture
from foleni.screens.shapes import as_texture, rounded
from kiosk.views.scene import Code, Face, Fill, Piece, Scene, Touch, Words

logger = logging.getLogger(__name__)


class Canvas(Widget):
    """Shows one scene at a time, as large as the scene itself."""

    def __init__(self, ground: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.canvas.before:
            self._ground = Color(*rgba(ground))
            self._area = Rectangle(pos=self.pos, size=self.size)
        self._pieces = InstructionGroup()
        self.canvas.add(self._pieces)
        self.bind(size=lambda _, size: setattr(self._area, "size", size))
        self._ground_colour = ground
        self._height = 0
        self._shown: dict[str, tuple[Piece, InstructionGroup]] = {}
        self._pressed: set[str] = set()

    def draw(self, scene: Scene) -> int:
        """Show `scene` in place of the one before; how many pieces were drawn anew."""
        if scene.ground != self._ground_colour:
            self._ground_colour = scene.ground
            self._ground.rgba = rgba(scene.ground)
        if scene.height != self._height:
            self._height = scene.height
            self._forget_all()
        kept = {piece.name for piece in scene.pieces if self._is_shown(piece)}
        for name in [name for name in self._shown if name not in kept]:
            self._pieces.remove(self._shown.pop(name)[1])
        if list(self._shown) != [piece.name for piece in scene.pieces if piece.name in kept]:
            self._forget_all()  # what stays lies in another order now
        return self._fill_in(scene)

    def press(self, names: set[str]) -> None:
        """Show these keys, and no others, as being under a finger."""
        for name in names ^ self._pressed:
            if name in self._shown:
                piece, group = self._shown[name]
                self._fill_group(group, piece, pressed=name in names)
        self._pressed = set(names)

    def _is_shown(self, piece: Piece) -> bool:
        shown = self._shown.get(piece.name)
        return shown is not None and shown[0] == piece

    def _forget_all(self) -> None:
        for _, group in self._shown.values():
            self._pieces.remove(group)
        self._shown = {}

    def _fill_in(self, scene: Scene) -> int:
        """Draw what is not there yet, each at its place in the order."""
        before, drawn_anew = self._shown, 0
        self._shown = {}
        for at, piece in enumerate(scene.pieces):
            shown = before.get(piece.name)
            if shown is None:
                group = InstructionGroup()
                self._fill_group(group, piece, pressed=piece.name in self._pressed)
                self._pieces.insert(at, group)
                shown = (piece, group)
                drawn_anew += 1
            self._shown[piece.name] = shown
        return drawn_anew

    def _fill_group(self, group: InstructionGroup, piece: Piece, *, pressed: bool) -> None:
        group.clear()
        try:
            for instruction in self._instructions(piece, pressed=pressed):
                group.add(instruction)
        except Exception:
            logger.exception("%s cannot be drawn", piece.name)  # the rest of the page can

    def _instructions(self, piece: Piece, *, pressed: bool) -> list[Any]:
        match piece:
            case Touch():
                return _surface(piece.pressed if pressed else piece.face, self._place(piece.box))
            case Fill():
                return _surface(piece.face, self._place(piece.box))
            case Code():
                return self._code(piece)
            case Words():
                return self._words(piece)

    def _place(self, box: Box) -> tuple[tuple[int, int], tuple[int, int]]:
        """Position and size, from the bottom left as Kivy counts."""
        return (box.x, self._height - box.bottom), (box.width, box.height)

    def _code(self, piece: Code) -> list[Any]:
        """Each module a whole number of pixels, or the scanner sees stripes."""
        texture = qr_texture(piece.text)
        side = max(1, piece.box.width // texture.width) * texture.width
        pos, size = self._place(piece.box.centred(side, side))
        return [Color(1, 1, 1, 1), Rectangle(texture=texture, pos=pos, size=size)]

    def _words(self, piece: Words) -> list[Any]:
        drawing = drawn(piece.block, piece.align.value, piece.box.width)
        if drawing is None:
            return []
        ink = drawing.ink
        texture = as_texture(Image.merge("LA", (Image.new("L", ink.size, 255), ink)))
        top = self._height - piece.box.y - drawing.top
        pos = (piece.box.x + drawing.left, top - ink.height)
        return [Color(*rgba(piece.colour)), Rectangle(texture=texture, pos=pos, size=ink.size)]


def _surface(face: Face, place: tuple[tuple[int, int], tuple[int, int]]) -> list[Any]:
    pos, size = place
    if not face.fill and not face.line:
        return []
    if not face.radius and not face.edge:
        return [Color(*rgba(face.fill)), Rectangle(pos=pos, size=size)]
    radius = max(1, min(face.radius, size[0] // 2, size[1] // 2))
    texture = rounded(radius, face.fill or None, face.line or None, face.edge)
    border = (radius + 1,) * 4
    return [Color(1, 1, 1, 1), BorderImage(texture=texture, border=border, auto_scale="off", pos=pos, size=size)]
