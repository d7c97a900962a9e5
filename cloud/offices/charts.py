"""Small charts as SVG: columns over days, and bars over branches. Drawn here, so that no script has to."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, log10

from markupsafe import Markup

WIDTH, HEIGHT = 720, 240
_LEFT, _TOP, _FOOT, _END = 56, 12, 32, 8
_MOST_LABELS = 10
_BAR_HIGH = 40
_NAME_WIDE = 220


@dataclass(frozen=True, slots=True)
class Point:
    """`label` stands below it; `title` says in words what it is."""

    label: str
    value: float | None
    title: str


def columns(points: Sequence[Point], about: str, *, mirrored: bool = False) -> Markup:
    """One column a point, from left to right, or from right to left where the page is read so."""
    most = _round_up(max((point.value or 0 for point in points), default=0))
    step = (WIDTH - _LEFT - _END) / max(1, len(points))
    base, high = HEIGHT - _FOOT, HEIGHT - _FOOT - _TOP
    parts = [_scale(most * share, base - high * share, mirrored=mirrored) for share in (0, 0.5, 1)]
    every = max(1, ceil(len(points) / _MOST_LABELS))
    for place, point in enumerate(points):
        middle = _across(_LEFT + step * (place + 0.5), mirrored=mirrored)
        tall = high * max(0.0, point.value or 0) / most
        wide = max(2.0, min(48.0, step * 0.72))
        box = f'x="{middle - wide / 2:.1f}" y="{base - tall:.1f}" width="{wide:.1f}" height="{tall:.1f}" rx="2"'
        parts.append(f"<g><title>{escape(point.title)}</title><rect {box}/></g>")
        if place % every == 0:
            parts.append(_text(middle, HEIGHT - 10, point.label, "middle"))
    return _drawn(HEIGHT, about, parts)


def bars(points: Sequence[Point], about: str, *, mirrored: bool = False) -> Markup:
    """One bar a point, one below the other, each with its value in words at its end."""
    most = max((point.value or 0 for point in points), default=0) or 1
    room = WIDTH - _NAME_WIDE - 130
    parts = []
    for place, point in enumerate(points):
        y = _BAR_HIGH * place
        wide = max(2.0, room * (point.value or 0) / most)
        start = _across(_NAME_WIDE, mirrored=mirrored) - (wide if mirrored else 0)
        name_x, told_x = _across(_NAME_WIDE - 10, mirrored=mirrored), _across(_NAME_WIDE + wide + 8, mirrored=mirrored)
        parts.append(f'<rect x="{start:.1f}" y="{y + 8}" width="{wide:.1f}" height="{_BAR_HIGH - 16}" rx="3"/>')
        parts.append(_text(name_x, y + 26, point.label, "start" if mirrored else "end"))
        parts.append(_text(told_x, y + 26, point.title, "end" if mirrored else "start"))
    return _drawn(max(_BAR_HIGH, _BAR_HIGH * len(points)), about, parts)


def _across(x: float, *, mirrored: bool) -> float:
    return WIDTH - x if mirrored else x


def _scale(value: float, y: float, *, mirrored: bool) -> str:
    left, right = sorted((_across(_LEFT - 4, mirrored=mirrored), _across(WIDTH - _END, mirrored=mirrored)))
    line = f'<line x1="{left:.0f}" x2="{right:.0f}" y1="{y:.1f}" y2="{y:.1f}"/>'
    return line + _text(_across(_LEFT - 10, mirrored=mirrored), y + 5, f"{value:g}", "start" if mirrored else "end")


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _drawn(height: int, about: str, parts: Sequence[str]) -> Markup:
    head = f'<svg class="chart" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(about)}" direction="ltr">'
    return Markup(f"{head}{''.join(parts)}</svg>")  # noqa: S704 - every word in it is escaped


def _round_up(most: float) -> float:
    """A round value, at least 1, that is no smaller."""
    if most <= 1:
        return 1
    unit = 10.0 ** int(log10(most))
    return next((step * unit for step in (1, 2, 4, 5) if step * unit >= most), 10 * unit)
