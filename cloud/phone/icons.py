"""Draws the app's icons: `python -m cloud.phone.icons`. Needed only where the mark changes; the pictures are kept beside."""

from pathlib import Path

from PIL import Image, ImageDraw

_GREEN, _WHITE, _CLEAR = (11, 107, 82, 255), (255, 255, 255, 255), (11, 107, 82, 0)
_FINE = 4
"""Drawn so many times as large, then made smaller, so that edges are smooth."""
_UNITS = 64
STATIC = Path(__file__).parent / "static"
ICONS = {"icon-192": (192, False), "icon-512": (512, False), "icon-mask-192": (192, True), "icon-mask-512": (512, True)}


def draw(side_px: int, *, is_mask: bool) -> Image.Image:
    """The mark: a ticket with three lines. A mask fills the square, and keeps the ticket where no phone cuts anything off."""
    large = side_px * _FINE
    unit = large / _UNITS
    image = Image.new("RGBA", (large, large), _GREEN if is_mask else _CLEAR)
    pen = ImageDraw.Draw(image)
    if not is_mask:
        pen.rounded_rectangle((0, 0, large - 1, large - 1), 14 * unit, _GREEN)
    size = 0.8 if is_mask else 1.0

    def at(place: float) -> float:
        return (_UNITS / 2 + (place - _UNITS / 2) * size) * unit

    pen.rectangle((at(14), at(20), at(50), at(44)), _WHITE)
    for middle in (14, 50):
        pen.ellipse((at(middle - 5), at(27), at(middle + 5), at(37)), _GREEN)
    for top, right in ((26, 40), (32, 36), (38, 38)):
        pen.rounded_rectangle((at(25), at(top - 1.6), at(right), at(top + 1.6)), 1.6 * size * unit, _GREEN)
    return image.resize((side_px, side_px), Image.Resampling.LANCZOS)


def main() -> None:
    for name, (side_px, is_mask) in ICONS.items():
        drawn = draw(side_px, is_mask=is_mask)
        few = drawn.convert("RGB").quantize(32) if is_mask else drawn.quantize(64)
        few.save(STATIC / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
