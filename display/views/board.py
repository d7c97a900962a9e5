"""The board: every call there is, and the calls before."""

from display.board_plan import BoardPlan
from display.geometry import Plan
from display.picture import Empty, Headings, Picture, Row
from display.views.rows import RecentView, RowView
from display.views.sheet import Sheet
from foleni.look.boxes import Box
from foleni.look.tokens import MIST, NIGHT2


class BoardView:
    """Views of rows are made when they are first needed, and kept."""

    def __init__(self, wall: Sheet) -> None:
        self._sheet = Sheet(wall)
        self._sheet.show()
        self._rows: list[RowView] = []
        self._recent: list[RecentView] = []
        self._empty = EmptyView(self._sheet)
        self._title = self._sheet.text(color=MIST, lines=2)
        self._plan = BoardPlan((), None, None, ())
        self._shown_rows: list[tuple[Row, Headings] | None] = []
        self._shown_recent: list[Row | None] = []

    def lay(self, plan: Plan) -> None:
        """Take the places of a plan; what was shown must be shown again."""
        board = self._plan = plan.board
        while len(self._rows) < len(board.rows):
            self._rows.append(RowView(self._sheet))
        while len(self._recent) < len(board.recent):
            self._recent.append(RecentView(self._sheet))
        for at, box in enumerate(board.rows):
            self._rows[at].lay(box, plan.unit, headed=at == 0)
        for at, box in enumerate(board.recent):
            self._recent[at].lay(box, plan.unit)
        for row in self._rows[len(board.rows) :]:
            row.hide()
        for recent in self._recent[len(board.recent) :]:
            recent.hide()
        if board.empty is not None:
            self._empty.lay(board.empty, plan)
        if board.recent_title is not None:
            self._sheet.place(self._title, board.recent_title.inset(round(8 * plan.unit), 0), px=plan.type_px(32))
        self._shown_rows = [None] * len(board.rows)
        self._shown_recent = [None] * len(board.recent)

    def show(self, picture: Picture) -> None:
        """Draw what is not as it was."""
        for at, row in enumerate(picture.rows):
            if self._shown_rows[at] != (row, picture.headings):
                self._shown_rows[at] = (row, picture.headings)
                self._rows[at].show(row, picture.headings)
        for at, recent in enumerate(picture.recent[: len(self._shown_recent)]):
            if self._shown_recent[at] != recent:
                self._shown_recent[at] = recent
                self._recent[at].show(recent)
        self._title.text = picture.headings.before if self._plan.recent_title is not None else ""
        self._empty.show(picture.empty if self._plan.empty is not None else None)


class EmptyView:
    """What stands where the calls will be."""

    def __init__(self, board: Sheet) -> None:
        self._sheet = Sheet(board)
        self._panel = self._sheet.panel(NIGHT2)
        self._headline = self._sheet.text(weight="bold", valign="bottom", balance=True, line_height=1.12)
        self._text = self._sheet.text(color=MIST, valign="top", balance=True)

    def lay(self, box: Box, plan: Plan) -> None:
        sheet, unit = self._sheet, plan.unit
        sheet.place(self._panel, box, radius=round(24 * unit))
        inner = box.inset(round(64 * unit), round(48 * unit))
        upper, lower = inner.split_rows(round(inner.height * 0.56), round(28 * unit))
        sheet.place(self._headline, upper, px=plan.type_px(84))
        sheet.place(self._text, lower, px=plan.type_px(42))

    def show(self, empty: Empty | None) -> None:
        if empty is not None:
            self._headline.text, self._text.text = empty.headline, empty.text
        self._sheet.show(shown=empty is not None)
