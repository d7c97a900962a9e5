"""What a screen is made of: finished pieces with their places. Equal pieces look the same: only what differs is drawn again."""

from dataclasses import dataclass, replace
from enum import StrEnum

from foleni.look.boxes import Box
from foleni.look.typeset import Block
from kiosk.pages import Tap
from kiosk.views import signs


class Align(StrEnum):
    """Where a line stands in its box."""

    LEFT = "left"
    CENTRE = "center"
    RIGHT = "right"


_OPPOSITE = {Align.LEFT: Align.RIGHT, Align.CENTRE: Align.CENTRE, Align.RIGHT: Align.LEFT}


class Turn(StrEnum):
    """What a touch changes on the screen alone, without the presenter."""

    OPEN_ACCESS = "open_access"
    OPEN_LANGUAGES = "open_languages"
    CLOSE = "close"
    NEXT = "next"
    PREVIOUS = "previous"


@dataclass(frozen=True, slots=True)
class Face:
    """A rounded surface: its colours, the width of its line and its corners in pixels."""

    fill: str
    line: str = ""
    edge: int = 0
    radius: int = 0


@dataclass(frozen=True, slots=True)
class Fill:
    name: str
    box: Box
    face: Face


@dataclass(frozen=True, slots=True)
class Words:
    """Text that is set already; the box is exactly as high as its lines."""

    name: str
    box: Box
    block: Block
    colour: str
    align: Align
    sign: bool = False
    """An arrow or the like that turns where one reads from right to left."""


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code on a white ground."""

    name: str
    box: Box
    text: str


@dataclass(frozen=True, slots=True)
class Touch:
    """A key. `act` is done when the finger goes up; `hold` in its place when it stays down for a while."""

    name: str
    box: Box
    act: Tap | Turn | None
    face: Face
    pressed: Face
    hold: Tap | None = None
    ground: bool = False
    """It lies behind the other keys and may be covered by them."""


Piece = Fill | Words | Code | Touch


@dataclass(frozen=True, slots=True)
class Scene:
    """A whole screen; later pieces lie on earlier ones. Names are unique."""

    width: int
    height: int
    ground: str
    pieces: tuple[Piece, ...]

    @property
    def touches(self) -> tuple[Touch, ...]:
        return tuple(piece for piece in self.pieces if isinstance(piece, Touch))

    def touch_at(self, x: float, y: float) -> Touch | None:
        """The uppermost key at that place."""
        return next((touch for touch in reversed(self.touches) if touch.box.has(x, y)), None)


def mirrored(scene: Scene) -> Scene:
    """The same scene for those who read from right to left."""
    return replace(scene, pieces=tuple(_mirrored(piece, scene.width) for piece in scene.pieces))


def _mirrored(piece: Piece, width: int) -> Piece:
    box = piece.box.mirrored(width)
    if not isinstance(piece, Words):
        return replace(piece, box=box)
    block = replace(piece.block, lines=tuple(signs.turned(line) for line in piece.block.lines)) if piece.sign else piece.block
    return replace(piece, box=box, align=_OPPOSITE[piece.align], block=block)
