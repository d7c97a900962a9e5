"""The colours of a screen: of everyday, of the green ticket, and of high contrast."""

from dataclasses import dataclass

from foleni.look import tokens
from foleni.look.tokens import BLACK, WHITE, mixed


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours by what they are for; `edge` is the width of lines in pixels of the design."""

    ground: str
    ink: str
    quiet: str
    card: str
    line: str
    edge: int
    pressed: str
    """A card under a finger."""
    go: str
    """The one thing to do, and what stands on it."""
    on_go: str
    go_pressed: str
    go_line: str
    chosen: str
    on_chosen: str
    off: str
    """What cannot be chosen now, its badge, and what stands on that."""
    off_ink: str
    off_badge: str
    on_off_badge: str
    trouble: str
    on_trouble: str
    calm: str
    on_calm: str


EVERYDAY = Palette(
    ground=tokens.PAPER,
    ink=tokens.INK,
    quiet=tokens.INK2,
    card=tokens.CARD,
    line=tokens.LINE,
    edge=2,
    pressed=tokens.GREEN2,
    go=tokens.GREEN,
    on_go=WHITE,
    go_pressed=tokens.GREEN_DARK,
    go_line=tokens.GREEN,
    chosen=tokens.INK,
    on_chosen=WHITE,
    off=tokens.PALE,
    off_ink=tokens.INK2,
    off_badge=mixed(tokens.STONE, tokens.INK2, 0.4),
    on_off_badge=WHITE,
    trouble=tokens.RED,
    on_trouble=WHITE,
    calm=tokens.GREEN2,
    on_calm=tokens.INK,
)

CONTRAST = Palette(
    ground=WHITE,
    ink=BLACK,
    quiet=BLACK,
    card=WHITE,
    line=BLACK,
    edge=6,
    pressed="#C8C8C8",
    go=BLACK,
    on_go=WHITE,
    go_pressed="#404040",
    go_line=BLACK,
    chosen=BLACK,
    on_chosen=WHITE,
    off="#E4E4E4",
    off_ink=BLACK,
    off_badge=WHITE,
    on_off_badge=BLACK,
    trouble=BLACK,
    on_trouble=WHITE,
    calm=WHITE,
    on_calm=BLACK,
)


@dataclass(frozen=True, slots=True)
class TicketPalette:
    """The ticket's screen: white on green, or white on black."""

    ground: str
    ink: str
    soft: str
    tile: str
    tile_line: str
    edge: int
    card: str
    on_card: str
    quiet_on_card: str
    trouble: str
    pressed: str
    track: str


TICKET = TicketPalette(
    ground=tokens.GREEN,
    ink=WHITE,
    soft=mixed(tokens.GREEN, WHITE, 0.88),
    tile=mixed(tokens.GREEN, WHITE, 0.12),
    tile_line=mixed(tokens.GREEN, WHITE, 0.12),
    edge=2,
    card=WHITE,
    on_card=tokens.INK,
    quiet_on_card=tokens.INK2,
    trouble=tokens.RED,
    pressed=tokens.GREEN_DARK,
    track=mixed(tokens.GREEN, WHITE, 0.25),
)

TICKET_CONTRAST = TicketPalette(
    ground=BLACK,
    ink=WHITE,
    soft=WHITE,
    tile=BLACK,
    tile_line=WHITE,
    edge=6,
    card=WHITE,
    on_card=BLACK,
    quiet_on_card=BLACK,
    trouble=BLACK,
    pressed="#404040",
    track="#505050",
)


def everyday(*, contrast: bool) -> Palette:
    return CONTRAST if contrast else EVERYDAY


def of_ticket(*, contrast: bool) -> TicketPalette:
    return TICKET_CONTRAST if contrast else TICKET
