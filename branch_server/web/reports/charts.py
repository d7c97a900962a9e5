"""Small charts as SVG: columns, lines and a heat map. Drawn here, so that page and paper show the same picture."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10
from typing import NamedTuple

from markupsafe import Markup

WIDTH, HEIGHT = 640, 248
_TOP, _FOOT, _SIDE, _END = 14, 30, 52, 12
_MOST_LABELS = 10
_SIZE = 16
_BOX = 160
"""The room that a label on paper is given to either side."""
_FONT = "Foleni, Noto Sans, sans-serif"


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours as CSS writes them. `heat` is from few to many, each with the colour of its text."""

    ink: str
    quiet: str
    line: str
    main: str
    soft: str
    target: str
    heat: tuple[tuple[str, str], ...]


ON_PAGE = Palette(
    "var(--ink)", "var(--ink2)", "var(--line)", "var(--chart)", "var(--chart2)", "var(--chart-target)",
    tuple((f"var(--heat{step})", f"var(--heat{step}-text)") for step in range(6)),
)  # fmt: skip
ON_PAPER = Palette(
    "#12202E", "#51606E", "#DDD8CE", "#0B6B52", "#A9D5C6", "#B3261E",
    (("#F6F4EF", "#51606E"), ("#E3F1EC", "#12202E"), ("#BFE0D5", "#12202E"), ("#8CC6B3", "#12202E"), ("#2F8A70", "#FFFFFF"),
     ("#0B5A45", "#FFFFFF")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Frame:
    """What a chart is about, in words, and how it is drawn. `written` writes a value of the axis."""

    title: str
    about: str
    palette: Palette
    written: Callable[[float], str]
    mirrored: bool = False
    target: float | None = None
    wide_mm: float | None = None
    """How wide it is on paper; None on a page, where it fills its place."""


@dataclass(frozen=True, slots=True)
class Point:
    """`value` and, behind it, the larger `beyond`; None where there is nothing. `title` says it in words."""

    label: str
    value: float | None
    title: str
    beyond: float | None = None


class Label(NamedTuple):
    """Words in a chart, at a base line; `anchor` is which end of them stands at `x`, seen from the left."""

    x: float
    y: float
    text: str
    colour: str
    anchor: str


Part = str | Label
"""A piece of a chart: SVG, or words."""


def columns(points: Sequence[Point], frame: Frame) -> Markup:
    """One column a point, side by side."""
    axis = _Axis(points, frame)
    step = axis.width / max(1, len(points))
    wide = min(56.0, step * 0.72)
    parts: list[Part] = []
    for place, point in enumerate(points):
        x = axis.left + step * place + (step - wide) / 2
        drawn = [
            _rect(axis.x(x, wide), axis.y(value), wide, max(0.0, axis.base - axis.y(value)), colour)
            for value, colour in ((point.beyond, frame.palette.soft), (point.value, frame.palette.main))
            if value
        ]
        parts.append(f"<g>{_title(point.title)}{''.join(drawn)}</g>")
        if axis.is_labelled(place):
            parts.append(axis.label(x + wide / 2, point.label))
    return axis.whole(parts)


def lines(points: Sequence[Point], frame: Frame) -> Markup:
    """Two lines, `value` over `beyond`, broken where there is nothing; for more points than columns have room."""
    axis = _Axis(points, frame)
    step = axis.width / max(1, len(points) - 1)
    parts: list[Part] = []
    for beyond, colour in ((True, frame.palette.soft), (False, frame.palette.main)):
        path, pen_down = [], False
        for place, point in enumerate(points):
            value = point.beyond if beyond else point.value
            if value is not None:
                path.append(f"{'L' if pen_down else 'M'}{axis.x(axis.left + step * place, 0):.1f} {axis.y(value):.1f}")
            pen_down = value is not None
        if path:
            parts.append(
                f'<path d="{" ".join(path)}" fill="none" stroke="{colour}" stroke-width="2.5" stroke-linejoin="round"/>'
            )
    parts += [
        axis.label(axis.left + step * place, point.label) for place, point in enumerate(points) if axis.is_labelled(place)
    ]
    return axis.whole(parts)


def heat(rows: Sequence[tuple[str, Sequence[Point]]], frame: Frame) -> Markup:
    """A field per row and point, the darker the more; the value stands in it."""
    labels = [point.label for point in rows[0][1]] if rows else []
    side, high = 104.0, 34.0
    height = _TOP + high * len(rows) + _FOOT
    wide = (WIDTH - side - _END) / max(1, len(labels))
    most = max((point.value or 0 for _, points in rows for point in points), default=0)
    parts: list[Part] = []
    for line, (name, points) in enumerate(rows):
        y = _TOP + high * line
        x = WIDTH - side + 8 if frame.mirrored else side - 8
        parts.append(Label(x, y + high / 2 + 5, name, frame.palette.quiet, "start" if frame.mirrored else "end"))
        for place, point in enumerate(points):
            at = side + wide * place
            parts.extend(_field(frame, point, (WIDTH - at - wide if frame.mirrored else at, y, wide, high), most))
    every = ceil(len(labels) / 12) or 1
    for place, label in enumerate(labels):
        if place % every == 0:
            x = side + wide * (place + 0.5)
            parts.append(Label(WIDTH - x if frame.mirrored else x, height - 8, label, frame.palette.quiet, "middle"))
    return _drawn(frame, height, parts)


def _field(frame: Frame, point: Point, box: tuple[float, float, float, float], most: float) -> Iterator[Part]:
    x, y, wide, high = box
    value = point.value
    step = 0 if not value else min(5, 1 + floor(4.999 * value / most)) if most else 0
    colour, ink = frame.palette.heat[step]
    words = frame.written(value) if value else ""
    yield f"<g>{_title(point.title)}{_rect(x + 1, y + 1, wide - 2, high - 2, colour)}</g>"
    if words and wide >= 10 * len(words) + 4:
        yield Label(x + wide / 2, y + high / 2 + 6, words, ink, "middle")


class _Axis:
    """A chart's field with its values at the side and its labels at the foot."""

    def __init__(self, points: Sequence[Point], frame: Frame) -> None:
        self._frame = frame
        self.left, self.base = float(_SIDE), float(HEIGHT - _FOOT)
        self.width = WIDTH - _SIDE - _END
        values = [value for point in points for value in (point.value, point.beyond) if value is not None]
        self._steps = _steps(max([*values, frame.target or 0], default=0))
        self._every = max(1, ceil(len(points) / _MOST_LABELS))

    def x(self, x: float, wide: float) -> float:
        """Where something so wide begins, mirrored where the page is."""
        return WIDTH - x - wide if self._frame.mirrored else x

    def y(self, value: float) -> float:
        return self.base - (self.base - _TOP) * value / self._steps[-1]

    def is_labelled(self, place: int) -> bool:
        return place % self._every == 0

    def label(self, x: float, text: str) -> Label:
        return Label(self.x(x, 0), HEIGHT - 9, text, self._frame.palette.quiet, "middle")

    def whole(self, parts: Sequence[Part]) -> Markup:
        frame = self._frame
        lines: list[Part] = []
        for value in self._steps:
            y = self.y(value)
            lines.append(_line(self.left - 4 if not frame.mirrored else _END, y, self.width + 4, frame.palette.line))
            x = WIDTH - _SIDE + 10 if frame.mirrored else _SIDE - 10
            lines.append(Label(x, y + 5, frame.written(value), frame.palette.quiet, "start" if frame.mirrored else "end"))
        return _drawn(frame, HEIGHT, [*lines, *parts, *self._target()])

    def _target(self) -> list[str]:
        frame = self._frame
        if frame.target is None:
            return []
        x = _END if frame.mirrored else self.left
        return [_line(x, self.y(frame.target), self.width, frame.palette.target, ' stroke-width="2" stroke-dasharray="6 5"')]


def _steps(most: float) -> list[float]:
    """Round values from nothing up to `most` or a little beyond, three to five of them."""
    if most <= 0:
        return [0, 1]
    rough = most / 4
    power = 10 ** floor(log10(rough))
    step = next(power * nice for nice in (1, 2, 2.5, 5, 10) if power * nice >= rough)
    step = max(1, step)
    return [step * place for place in range(ceil(most / step) + 1)]


def _drawn(frame: Frame, height: float, parts: Sequence[Part]) -> Markup:
    """On a page one SVG; on paper its shapes, and over them the labels as text of the document: what makes the PDF draws the
    letters of an SVG one by one, and Arabic ones would not join.
    """
    shapes = [part for part in parts if isinstance(part, str)]
    labels = [part for part in parts if isinstance(part, Label)]
    if frame.wide_mm is None:
        return Markup(_svg(frame, height, [*shapes, *map(_text, labels)]))  # noqa: S704 - every text in it is escaped
    mm = frame.wide_mm / WIDTH
    size = f"width:{frame.wide_mm:.1f}mm;height:{height * mm:.1f}mm"
    above = "".join(_span(label, mm) for label in labels)
    return Markup(f'<div class="drawn" style="{size}">{_svg(frame, height, shapes)}{above}</div>')  # noqa: S704 - as above


def _svg(frame: Frame, height: float, shapes: Sequence[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" role="img" direction="ltr" '
        f'font-family="{_FONT}" aria-label="{escape(f"{frame.title}. {frame.about}")}">'
    )
    about = f"<title>{escape(frame.title)}</title><desc>{escape(frame.about)}</desc>"
    return f"{head}{about}{''.join(shapes)}</svg>"


def _title(text: str) -> str:
    return f"<title>{escape(text)}</title>"


def _rect(x: float, y: float, wide: float, high: float, colour: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}" rx="3" fill="{colour}"/>'


def _line(x: float, y: float, wide: float, colour: str, more: str = "") -> str:
    return f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{x + wide:.1f}" y2="{y:.1f}" stroke="{colour}"{more}/>'


def _text(label: Label) -> str:
    place = f'x="{label.x:.1f}" y="{label.y:.1f}" text-anchor="{label.anchor}"'
    return f'<text {place} font-size="{_SIZE}" fill="{label.colour}">{escape(label.text)}</text>'


def _span(label: Label, mm: float) -> str:
    """A label in a box of its own around the place where it is anchored."""
    left, align = {"start": (0, "left"), "middle": (_BOX / 2, "center"), "end": (_BOX, "right")}[label.anchor]
    place = f"left:{(label.x - left) * mm:.2f}mm;top:{(label.y - _SIZE) * mm:.2f}mm;width:{_BOX * mm:.2f}mm"
    look = f"text-align:{align};font-size:{_SIZE * mm:.2f}mm;color:{label.colour}"
    return f'<span style="{place};{look}">{escape(label.text)}</span>'
