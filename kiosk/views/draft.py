"""A scene in the making: fills, texts and keys are put on it one after the other."""

from dataclasses import dataclass

from foleni.look.boxes import Box
from foleni.look.fonts import Weight
from foleni.look.typeset import Block
from kiosk.pages import Tap
from kiosk.views.lettering import Style, fit, placed
from kiosk.views.palette import Palette
from kiosk.views.scene import Align, Code, Face, Fill, Piece, Scene, Touch, Turn
from kiosk.views.surface import Surface

RADIUS = 28


@dataclass(frozen=True, slots=True)
class Look:
    """How a key looks, at rest and under a finger, and the colour of what stands on it."""

    face: Face
    pressed: Face
    ink: str


class Draft:
    """Collects the pieces of one scene. Sizes of type are given in pixels of the design."""

    def __init__(self, surface: Surface, palette: Palette, ground: str = "") -> None:
        self.surface = surface
        self.palette = palette
        self.ground = ground or palette.ground
        self.pieces: list[Piece] = []

    def scene(self) -> Scene:
        return Scene(self.surface.width, self.surface.height, self.ground, tuple(self.pieces))

    def style(self, size: float, weight: Weight = Weight.REGULAR, least: float = 28, lines: int = 1) -> Style:
        """Type that grows in the large mode, and shrinks to `least` where it has to."""
        return Style(self.surface.pt(size), weight, self.surface.px(least), lines)

    def face(self, fill: str, line: str = "", edge: int | None = None, radius: float = RADIUS) -> Face:
        edge = self.palette.edge if edge is None else edge
        return Face(fill, line, max(2, self.surface.px(edge)) if line and edge else 0, self.surface.px(radius))

    def fill(self, name: str, box: Box, face: Face) -> None:
        self.pieces.append(Fill(name, box, face))

    def code(self, name: str, box: Box, text: str) -> None:
        self.pieces.append(Code(name, box, text))

    def write(self, name: str, text: str, box: Box, style: Style, colour: str, align: Align = Align.LEFT) -> None:
        """`text` in the vertical middle of `box`; nothing where there is no text."""
        if text.strip():
            self.pieces.append(placed(name, self.fit(text, style, box.width, max(1, box.height)), box, colour, align))

    def write_below(self, name: str, text: str, box: Box, style: Style, colour: str, align: Align = Align.LEFT) -> int:
        """`text` at the top of `box`; the line below it, or the top of the box where there is no text."""
        height = self.height_of(text, style, box.width, max(1, box.height))
        self.write(name, text, box.upper(height), style, colour, align)
        return box.y + height

    def height_of(self, text: str, style: Style, width: int, height: int = 0) -> int:
        """The pixels that `text` takes in a column of that width, at most `height` (0 for any)."""
        return self.fit(text, style, width, height).height if text.strip() else 0

    def fit(self, text: str, style: Style, width: int, height: int = 0) -> Block:
        return fit(text, style, width, height)

    def sign(self, name: str, sign: str, box: Box, size: float, colour: str, weight: Weight = Weight.BOLD) -> None:
        """An arrow or another sign in the middle of `box`; it turns where one reads from right to left."""
        block = self.fit(sign, Style(self.surface.px(size), weight, self.surface.px(24)), box.width, max(1, box.height))
        self.pieces.append(placed(name, block, box, colour, Align.CENTRE, sign=True))

    def touch(self, name: str, box: Box, act: Tap | Turn, look: Look) -> None:
        self.pieces.append(Touch(name, box, act, look.face, look.pressed))

    def key(self, name: str, text: str, box: Box, act: Tap | Turn, look: Look, style: Style | None = None) -> None:
        """A key with words in its middle."""
        self.touch(name, box, act, look)
        style = style or self.style(38, Weight.BOLD, lines=2)
        self.write(f"{name}/word", text, box.inset(self.surface.px(20), 2), style, look.ink, Align.CENTRE)

    def plain(self, radius: float = RADIUS) -> Look:
        colours = self.palette
        face = self.face(colours.card, colours.line, radius=radius)
        return Look(face, self.face(colours.pressed, colours.line, radius=radius), colours.ink)

    def outlined(self, radius: float = RADIUS) -> Look:
        colours = self.palette
        face = self.face(self.ground, colours.go_line, max(3, colours.edge), radius)
        return Look(face, self.face(colours.pressed, colours.go_line, max(3, colours.edge), radius), colours.go)

    def go(self, radius: float = RADIUS) -> Look:
        colours = self.palette
        return Look(self.face(colours.go, radius=radius), self.face(colours.go_pressed, radius=radius), colours.on_go)

    def chosen(self, radius: float = RADIUS) -> Look:
        colours = self.palette
        return Look(self.face(colours.chosen, radius=radius), self.face(colours.go_pressed, radius=radius), colours.on_chosen)

    def off_key(self, name: str, text: str, box: Box, style: Style | None = None) -> None:
        """A key that does nothing now."""
        colours = self.palette
        self.fill(name, box, self.face(colours.off, colours.line))
        style = style or self.style(38, Weight.BOLD, lines=2)
        self.write(f"{name}/word", text, box.inset(self.surface.px(20), 2), style, colours.off_ink, Align.CENTRE)
