"""Colours, sizes and their arithmetic."""

INK = "#12202E"
INK2 = "#51606E"
PAPER = "#F6F4EF"
CARD = "#FFFFFF"
LINE = "#DDD8CE"
GREEN = "#0B6B52"
GREEN2 = "#E3F1EC"
AMBER = "#FFB627"
RED = "#B3261E"
NIGHT = "#0B1722"
NIGHT2 = "#132536"
MIST = "#9FB2C3"
WHITE = "#FFFFFF"
BLACK = "#000000"

PALE = "#EEEBE4"
"""The fill of what cannot be chosen, on paper."""
STONE = "#A9A69E"
"""What is switched off, on pale."""
LIVE = "#35C28A"
"""The dot that says that the picture is live, on night."""
GREEN_DARK = "#084E3C"
"""A green key under the finger."""

SCALE = (34, 38, 52, 76, 132, 208, 400)
"""Type sizes in px on a surface 1080 px wide."""
LEAST_PX = 28
RADIUS = 28
GAP = 28
TOUCH = 104
"""The least height of what is touched, in px."""
TEXT_CONTRAST = 4.5


def rgba(colour: str, alpha: float = 1.0) -> tuple[float, float, float, float]:
    """Red, green, blue and alpha from 0 to 1 of `#RRGGBB`; raises `ValueError` for anything else."""
    red, green, blue = _channels(colour)
    return red / 255, green / 255, blue / 255, alpha


def contrast(first: str, second: str) -> float:
    """The contrast of two colours, 1 to 21 (WCAG 2.1, relative luminance)."""
    low, high = sorted((_luminance(first), _luminance(second)))
    return (high + 0.05) / (low + 0.05)


def readable_on(fill: str) -> str:
    """Ink or white, whichever is read better on `fill`."""
    return max((WHITE, INK), key=lambda text: contrast(text, fill))


def mixed(first: str, second: str, share: float) -> str:
    """`first` with a `share` (0 to 1) of `second` in it."""
    pairs = zip(_channels(first), _channels(second), strict=True)
    return "#" + "".join(f"{round(one + (other - one) * share):02X}" for one, other in pairs)


def _channels(colour: str) -> tuple[int, int, int]:
    if len(colour) != 7 or not colour.startswith("#"):
        raise ValueError(f"{colour!r} is not a colour such as #0B6B52")
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return float(channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4)
