"""The calls: large rows for those in hand, small ones for those before."""

from display.board_plan import figure_px
from display.picture import Headings, Row
from display.views.sheet import Sheet
from foleni.look.boxes import Box
from foleni.look.tokens import AMBER, MIST, NIGHT, NIGHT2, WHITE, mixed

_ON_AMBER = mixed(AMBER, NIGHT, 0.72)
_CALM = mixed(NIGHT, NIGHT2, 0.55)
_ARROWS = {False: "→", True: "←"}
_HEADED_SHARE = 0.16
"""What the two small words take of the newest row's height."""
_LEAST_HEADED = 150


class RowView:
    """One call: its number, an arrow, its counter; the newest with the words what they are."""

    def __init__(self, board: Sheet) -> None:
        self._sheet = Sheet(board)
        self._panel = self._sheet.panel()
        self._number = self._sheet.text(weight="heavy", line_height=1.0, lines=1)
        self._arrow = self._sheet.text(weight="bold", line_height=1.0, lines=1, align="center")
        self._counter = self._sheet.text(weight="heavy", line_height=1.0, lines=1, align="end")
        self._heads = [self._sheet.text(lines=1), self._sheet.text(lines=1, align="end")]

    def lay(self, box: Box, unit: float, *, headed: bool) -> None:
        """Take a place; a `headed` row has words above its figures where it is high enough."""
        sheet = self._sheet
        headed = headed and box.height >= _LEAST_HEADED * unit
        sheet.place(self._panel, box, radius=min(round(24 * unit), box.height // 4))
        inner = box.inset(min(round(56 * unit), box.width // 14), 0)
        head_px = max(28, round(min(box.height * _HEADED_SHARE, 38 * unit)))
        top = round(head_px * 1.25) if headed else 0
        if headed:
            at = Box(inner.x, box.y + round(12 * unit), inner.width, round(head_px * 1.4))
            for text, half in zip(self._heads, at.split_columns(at.width // 2, 0), strict=True):
                sheet.place(text, half, px=head_px, least_px=24)
        for text in self._heads:
            text.opacity = 1 if headed else 0
        figures = Box(inner.x, box.y + top // 2 + (round(10 * unit) if headed else 0), inner.width, box.height)
        figures = figures.upper(box.height - (top // 2 + round(10 * unit) if headed else 0))
        self._lay_figures(figures, box.height - top, headed=headed)

    def _lay_figures(self, inner: Box, free_px: int, *, headed: bool) -> None:
        """The number takes what it needs of the width, the counter the rest; the arrow stands between."""
        sheet = self._sheet
        px = round(figure_px(inner.width, free_px * (1.2 if headed else 1.0)))
        number, rest = inner.split_columns(round(inner.width * 0.58), 0)
        arrow, counter = rest.split_columns(round(inner.width * 0.12), 0)
        sheet.place(self._number, number, px=px, least_px=16)
        sheet.place(self._arrow, arrow, px=max(16, round(px * 0.5)), least_px=12)
        sheet.place(self._counter, counter, px=px, least_px=16)

    def show(self, row: Row, headings: Headings) -> None:
        """Show a call."""
        self._number.text, self._counter.text = row.number, row.counter
        self._arrow.text = _ARROWS[self._sheet.is_mirrored]
        for text, words in zip(self._heads, (headings.ticket, headings.counter), strict=True):
            text.text = words
        figures = NIGHT if row.lit else AMBER if row.is_newest else WHITE
        quiet = _ON_AMBER if row.lit else MIST
        self._panel.fill = AMBER if row.lit else NIGHT2
        self._number.color = self._counter.color = figures
        self._arrow.color = quiet
        for text in self._heads:
            text.color = quiet
        self._sheet.show()

    def hide(self) -> None:
        self._sheet.show(shown=False)


class RecentView:
    """A call that is over."""

    def __init__(self, board: Sheet) -> None:
        self._sheet = Sheet(board)
        self._panel = self._sheet.panel(_CALM)
        self._number = self._sheet.text(weight="bold", color=MIST, line_height=1.0, lines=1)
        self._arrow = self._sheet.text(weight="bold", color=MIST, line_height=1.0, lines=1, align="center")
        self._counter = self._sheet.text(weight="bold", color=MIST, line_height=1.0, lines=1, align="end")

    def lay(self, box: Box, unit: float) -> None:
        sheet = self._sheet
        sheet.place(self._panel, box, radius=round(18 * unit))
        inner = box.inset(min(round(36 * unit), box.width // 12), 0)
        px = max(28, round(min(box.height * 0.52, box.width * 0.16)))
        number, rest = inner.split_columns(round(inner.width * 0.55), 0)
        arrow, counter = rest.split_columns(round(inner.width * 0.15), 0)
        sheet.place(self._number, number, px=px)
        sheet.place(self._arrow, arrow, px=px, least_px=16)
        sheet.place(self._counter, counter, px=px, least_px=20)

    def show(self, row: Row) -> None:
        self._number.text, self._counter.text = row.number, row.counter
        self._arrow.text = _ARROWS[self._sheet.is_mirrored]
        self._sheet.show()

    def hide(self) -> None:
        self._sheet.show(shown=False)
