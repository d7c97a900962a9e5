"""The waiting table: per service who is next, how many wait, and how long."""

from typing import Any

from kivy.uix.widget import Widget

from display.geometry import Plan, TablePlan
from display.picture import Headings, Picture, ServiceLine, Tone
from display.views.sheet import Sheet
from foleni.look.boxes import Box
from foleni.look.tokens import LEAST_PX, MIST, NIGHT2, RED, WHITE, mixed
from foleni.look.typeset import Room, Style, set_in
from foleni.screens import paint

_RULE = mixed(NIGHT2, MIST, 0.22)
_SHARES = (0.36, 0.18, 0.18, 0.28)
"""The widths of service, next, people and wait."""
_NOBODY = "\u2013"
_LEAST_CELL_PX = 20
_ALIKE = 0.78
_ALIGNS = ("start", "end", "end", "end")


def _columns(box: Box, gap: int) -> list[Box]:
    """The four cells of a line."""
    cells, x = [], box.x
    for at, share in enumerate(_SHARES):
        wide = round((box.width - 3 * gap) * share)
        cells.append(Box(x, box.y, wide if at < len(_SHARES) - 1 else box.right - x, box.height))
        x += wide + gap
    return cells


class TableView:
    """Shows as many lines as there is room for; where there are more, another page at each turn."""

    def __init__(self, wall: Sheet) -> None:
        self._wall = wall
        self._sheet = Sheet(wall)
        self._panel = self._sheet.panel()
        self._heads = [self._sheet.text(color=MIST, align=align, lines=1) for align in _ALIGNS]
        self._lines: list[_LineView] = []
        self._plan: TablePlan | None = None

    def lay(self, plan: Plan) -> None:
        table = self._plan = plan.table
        self._sheet.show(shown=table is not None)
        if table is None:
            return
        box, gap, edge = table.box, round(18 * plan.unit), round(32 * plan.unit)
        self._sheet.place(self._panel, box, radius=round(24 * plan.unit))
        head = Box(box.x, box.y, box.width, table.head_px).inset(edge, 0)
        for text, cell in zip(self._heads, _columns(head, gap), strict=True):
            self._sheet.place(text, cell, px=plan.type_px(28), least_px=20)
        while len(self._lines) < table.room:
            self._lines.append(_LineView(self._sheet))
        for at, line in enumerate(self._lines):
            if at < table.room:
                line.lay(Box(box.x, box.y + table.head_px + at * table.line_px, box.width, table.line_px), plan)
            else:
                line.hide()

    def show(self, picture: Picture) -> None:
        if self._plan is None:
            return
        for text, words in zip(self._heads, _words(picture.headings), strict=True):
            text.text = words
        page = _page(picture.services, self._plan.room, picture.turn)
        sizes = self._sizes(page)
        for at, view in enumerate(self._lines[: self._plan.room]):
            view.show(page[at], sizes) if at < len(page) else view.hide()

    def _sizes(self, page: tuple[ServiceLine, ...]) -> tuple[int, int]:
        """One size for all names, and one for all waits: the largest in which each fits."""
        view = self._lines[0]
        names = [word for line in page for word in line.name.split()]
        waits = [line.about for line in page if line.tone is not Tone.TROUBLE]
        return _fitting_px(names, view.px, view.widths[0]), _fitting_px(waits, view.px, view.widths[3])


def _words(headings: Headings) -> tuple[str, str, str, str]:
    return headings.waiting, headings.next, headings.people, headings.about


def _fitting_px(texts: list[str], px: int, width: int) -> int:
    """The size in which all texts fit, but for those that would make the others much too small: they shrink alone."""
    sizes = [set_in(text, Style(px), Room(width, lines=1), _LEAST_CELL_PX).style.px for text in texts]
    return min((size for size in sizes if size >= _ALIKE * px), default=px)


def _page(lines: tuple[ServiceLine, ...], room: int, turn: int) -> tuple[ServiceLine, ...]:
    pages = max(1, -(-len(lines) // room))
    first = (turn % pages) * room
    return lines[first : first + room]


class _LineView:
    """One service."""

    def __init__(self, table: Sheet) -> None:
        self._sheet = Sheet(table)
        self._rule: Any = Widget(size_hint=(None, None))
        paint(self._rule, _RULE)
        self._sheet.layer.add_widget(self._rule)
        self._pill = self._sheet.panel(RED)
        weights = ("regular", "bold", "bold", "regular")
        styles = zip(_ALIGNS, weights, strict=True)
        self._cells = [self._sheet.text(align=align, weight=weight, line_height=1.1) for align, weight in styles]
        self.px = LEAST_PX
        self.widths = (0,) * len(_SHARES)
        self._cell_boxes: list[Box] = []
        self._unit = 1.0
        self._shown: tuple[ServiceLine, tuple[int, int]] | None = None

    def lay(self, box: Box, plan: Plan) -> None:
        gap, edge = round(18 * plan.unit), round(32 * plan.unit)
        self._sheet.place(self._rule, box.upper(max(1, round(2 * plan.unit))))
        cells = _columns(box.inset(edge, round(7 * plan.unit)), gap)
        px = self.px = max(LEAST_PX, round(min(38 * plan.unit, box.height * 0.5)))
        self.widths = tuple(cell.width for cell in cells)
        for text, cell in zip(self._cells, cells, strict=True):
            lines = 2 if text in {self._cells[0], self._cells[3]} and box.height > 2.4 * LEAST_PX else 1
            self._sheet.place(text, cell, px=px, lines=lines, least_px=_LEAST_CELL_PX)
        self._cell_boxes, self._unit = cells, plan.unit
        self._shown = None

    def show(self, line: ServiceLine, sizes: tuple[int, int]) -> None:
        if (line, sizes) == self._shown:
            return
        self._shown = (line, sizes)
        texts = (line.name, line.next_numbers[0] if line.next_numbers else _NOBODY, line.people, line.about)
        for text, words in zip(self._cells, texts, strict=True):
            text.text = words
        self._cells[0].px = sizes[0]
        self._show_state(line, sizes[1])
        self._sheet.show()

    def hide(self) -> None:
        self._shown = None
        self._sheet.show(shown=False)

    def _show_state(self, line: ServiceLine, px: int) -> None:
        """The wait, or in its place why there is none: trouble stands on a red ground, as high as the word needs."""
        cell, box, is_trouble = self._cells[3], self._cell_boxes[3], line.tone is Tone.TROUBLE
        cell.color = MIST if line.tone is Tone.QUIET else WHITE
        self._pill.opacity = 1 if is_trouble else 0
        if not is_trouble:
            self._sheet.place(cell, box, align="end", px=px)
            return
        px = round(0.84 * self.px)
        high = min(box.height - round(8 * self._unit), round(1.7 * px))
        pill = Box(box.x, box.y + (box.height - high) // 2, box.width, high)
        self._sheet.place(self._pill, pill, radius=high // 2)
        self._sheet.place(cell, pill.inset(round(0.5 * px), 0), align="center", px=px)
