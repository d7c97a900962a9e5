"""Where everything stands on a screen of any size. Pure: boxes in px, y from the top."""

from dataclasses import dataclass

from display.board_plan import BoardPlan, plan_board
from foleni.look.boxes import Box

LEAST_TYPE_PX = 28
_SIDE_SHARE, _SMALL_SIDE_SHARE = 0.395, 0.44
"""What the panel and the table take of a landscape screen's width; on a small one their letters are not smaller."""
_SMALL_UNIT = 0.85
_TABLE_HEAD = 70
_LINE, _LARGE_LINE, _LEAST_LINE = 80, 118, 50
_LEAST_PANEL, _LEAST_WELCOME = 0.34, 0.22
"""What a notice, and a greeting, need of the side's height to be worth it."""


@dataclass(frozen=True, slots=True)
class TablePlan:
    """The waiting table: its box, the height of its head and of each line, and how many lines it has room for."""

    box: Box
    head_px: int
    line_px: int
    room: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole screen. `unit` is the size of one px of a 1920x1080 design on this screen."""

    unit: float
    is_portrait: bool
    header: Box
    board: BoardPlan
    panel: Box | None
    """The calm panel, where there is room for it."""
    table: TablePlan | None
    footer: Box | None

    def type_px(self, size: float) -> int:
        """The size in px of type that is `size` px in the design: never too small to be read from a seat."""
        return max(LEAST_TYPE_PX, round(size * self.unit))


@dataclass(frozen=True, slots=True)
class Needs:
    """What there is to show."""

    calls: int
    recent: int
    services: int
    has_panel: bool
    has_notice: bool
    has_footer: bool


def plan(width: int, height: int, needs: Needs) -> Plan:
    """Places everything that there is to show on `width` x `height` px."""
    is_portrait = height > width
    unit = min(width / 1080, height / 1920) if is_portrait else min(width / 1920, height / 1080)
    margin, gap = round(48 * unit), round(20 * unit)
    header_px = max(round((156 if is_portrait else 108) * unit), (3 if is_portrait else 2) * LEAST_TYPE_PX)
    footer_px = max(round(80 * unit), 2 * LEAST_TYPE_PX) if needs.has_footer else 0
    header = Box(margin, 0, width - 2 * margin, header_px)
    footer = Box(0, height - footer_px, width, footer_px) if needs.has_footer else None
    bottom = height - footer_px - (gap if needs.has_footer else margin)
    body = Box(margin, header_px, width - 2 * margin, bottom - header_px)
    board, panel, table = body, None, None
    if needs.has_panel or needs.services:
        board, side = _split(body, needs, gap, unit, is_portrait=is_portrait)
        panel, table = _plan_side(side, needs, gap, unit)
    return Plan(unit, is_portrait, header, plan_board(board, needs.calls, needs.recent, unit), panel, table, footer)


def _split(body: Box, needs: Needs, gap: int, unit: float, *, is_portrait: bool) -> tuple[Box, Box]:
    """The board, and what stands beside it or below it."""
    if is_portrait:
        share = 0.5 if needs.calls <= 3 else 0.58 if needs.calls <= 8 else 0.66
        board, side = body.split_rows(round(body.height * share), gap)
    else:
        side_share = _SIDE_SHARE if unit >= _SMALL_UNIT else _SMALL_SIDE_SHARE
        board, side = body.split_columns(body.width - gap - round(body.width * side_share), gap)
    return board, side


def _plan_side(side: Box, needs: Needs, gap: int, unit: float) -> tuple[Box | None, TablePlan | None]:
    """The table takes what it needs, the panel the rest; a table with many lines takes all."""
    if not needs.services:
        return side, None
    head_px = max(round(_TABLE_HEAD * unit), round(1.6 * LEAST_TYPE_PX))
    least_px = max(round(_LEAST_LINE * unit), round(1.45 * LEAST_TYPE_PX))
    most_px = max(least_px, round((_LINE if needs.has_notice else _LARGE_LINE) * unit))
    panel_px = round(side.height * (_LEAST_PANEL if needs.has_notice else _LEAST_WELCOME))
    line_px = min(most_px, (side.height - panel_px - gap - head_px) // needs.services)
    if line_px >= least_px:
        table_px = head_px + needs.services * line_px
        panel, table = side.split_rows(side.height - table_px - gap, gap)
        return panel, TablePlan(table, head_px, line_px, needs.services)
    line_px = max(least_px, min(most_px, (side.height - head_px) // needs.services))
    room = max(1, min(needs.services, (side.height - head_px) // line_px))
    return None, TablePlan(side.upper(head_px + room * line_px), head_px, line_px, room)
