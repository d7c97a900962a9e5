"""Where the calls stand: the newest largest, rows that shrink before a call is hidden, calls before where there is room."""

from dataclasses import dataclass

from display.grids import grid
from foleni.look.boxes import Box

_NEWEST_WEIGHT, _NEWEST_WEIGHT_AMONG_MANY = 1.5, 1.9
"""How many times as high as another row the newest is, and where the others stand in columns."""
_WORTH_A_COLUMN = 1.15
"""One more column must make the figures so much larger."""
_MOST_COLUMNS = 4
_GAP = 20
_RECENT_SHARE = {0: 0.42, 1: 0.42, 2: 0.30}
"""What the calls before take of the board's height beside few calls."""
_STRIP = 84
_RECENT_HEAD = 62
_RECENT_ROW = 96
_RECENT_CELL = 300
_MOST_CALLS_WITH_STRIP = 9


@dataclass(frozen=True, slots=True)
class BoardPlan:
    """`rows` has a box for every call; `empty` is where the words stand when there is none. `recent_title` heads `recent`."""

    rows: tuple[Box, ...]
    empty: Box | None
    recent_title: Box | None
    recent: tuple[Box, ...]


def figure_px(width: float, height: float) -> float:
    """The size of a number and its counter in a row of `width` (without its edges) by `height` px: four figures fit."""
    return min(0.8 * height, 0.228 * width)


def plan_board(board: Box, calls: int, recent: int, unit: float) -> BoardPlan:
    """Places so many calls and, where there is room, calls before."""
    gap = round(_GAP * unit)
    lower_px = _recent_px(board, calls, recent, unit)
    upper, lower = board.split_rows(board.height - lower_px - gap, gap) if lower_px else (board, None)
    title, cells = _plan_recent(lower, calls, recent, gap, unit) if lower is not None else (None, ())
    return BoardPlan(_plan_rows(upper, calls, gap), None if calls else upper, title, cells)


def _recent_px(board: Box, calls: int, recent: int, unit: float) -> int:
    if not recent or calls > _MOST_CALLS_WITH_STRIP:
        return 0
    share = _RECENT_SHARE.get(calls)
    if share is None:
        return round(_STRIP * unit)
    rows = -(-recent // 2)
    return min(round(board.height * share), round((_RECENT_HEAD + rows * (_RECENT_ROW + _GAP)) * unit))


def _plan_recent(
    lower: Box, calls: int, recent: int, gap: int, unit: float
) -> tuple[Box, tuple[Box, ...]]:  # fmt: skip
    """A title above rows in two columns beside few calls; a title before one row of cells beside more."""
    if calls in _RECENT_SHARE:
        title, cells = lower.split_rows(round(_RECENT_HEAD * unit), 0)
        rows = max(1, (cells.height + gap) // round((_RECENT_ROW + _GAP) * unit))
        count = min(recent, 2 * rows)
        shown = grid(cells, 2 * rows, 2, gap)
        by_row = [shown[column * rows + row] for row in range(rows) for column in (0, 1)]
        return title, tuple(by_row[:count])
    title, cells = lower.split_columns(round(_RECENT_CELL * unit), gap)
    columns = max(1, cells.width // round(_RECENT_CELL * unit * 0.85))
    return title, grid(cells, columns, columns, gap)[: min(recent, columns)]


def _plan_rows(area: Box, calls: int, gap: int) -> tuple[Box, ...]:
    if calls < 2:
        return (area,) * calls
    columns = 1
    for tried in range(2, _MOST_COLUMNS + 1):
        if _figure_px(area, calls, tried, gap) > _WORTH_A_COLUMN * _figure_px(area, calls, columns, gap):
            columns = tried
    newest_px = round(_newest_weight(columns) * _row_px(area, calls, columns, gap))
    newest, others = area.split_rows(newest_px, min(gap, newest_px // 4))
    return (newest, *grid(others, calls - 1, columns, gap))


def _figure_px(area: Box, calls: int, columns: int, gap: int) -> float:
    """The size of the figures in the rows of the others: in so many columns their height allows it, or their width."""
    wide = (area.width - gap * (columns - 1)) / columns
    return figure_px(wide, _row_px(area, calls, columns, gap))


def _row_px(area: Box, calls: int, columns: int, gap: int) -> float:
    """The height of a row of the others when they stand in so many columns."""
    rows = -(-(calls - 1) // columns)
    return (area.height - gap * rows) / (rows + _newest_weight(columns))


def _newest_weight(columns: int) -> float:
    return _NEWEST_WEIGHT if columns == 1 else _NEWEST_WEIGHT_AMONG_MANY
