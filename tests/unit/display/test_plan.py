"""Where things stand on a screen of any size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from display.geometry import LEAST_TYPE_PX, Needs, plan

SIZES = [(1280, 720), (1920, 1080), (3840, 2160), (1080, 1920), (1024, 600), (800, 480)]
_NEEDS = st.builds(
    Needs,
    calls=st.integers(0, 40), recent=st.integers(0, 20), services=st.integers(0, 30),
    has_panel=st.booleans(), has_notice=st.booleans(), has_footer=st.booleans(),
)  # fmt: skip


@given(st.sampled_from(SIZES), _NEEDS)
def test_every_call_has_its_place_and_nothing_lies_over_anything_else(size: tuple[int, int], needs: Needs) -> None:
    placed = plan(*size, needs)
    boxes = [placed.header, *placed.board.rows, *placed.board.recent]
    boxes += [box for box in (placed.panel, placed.footer, placed.board.empty, placed.board.recent_title) if box is not None]
    boxes += [placed.table.box] if placed.table is not None else []
    assert len(placed.board.rows) == needs.calls
    for at, box in enumerate(boxes):
        assert box.width > 0
        assert box.height > 0
        assert box.x >= 0
        assert box.y >= 0
        assert box.right <= size[0]
        assert box.bottom <= size[1]
        assert not any(box.overlaps(other) for other in boxes[:at])


@pytest.mark.parametrize("size", SIZES[:4])
@pytest.mark.parametrize("calls", [2, 4, 6, 12, 20])
def test_the_newest_call_is_the_largest_and_the_others_are_alike(size: tuple[int, int], calls: int) -> None:
    newest, *others = plan(*size, Needs(calls, 6, 4, has_panel=True, has_notice=True, has_footer=True)).board.rows
    assert len({(box.width, box.height) for box in others}) == 1
    assert newest.height >= 1.4 * others[0].height
    assert newest.y == min(box.y for box in (newest, *others))


@pytest.mark.parametrize("size", SIZES[:4])
def test_twelve_calls_can_still_be_read_from_a_seat(size: tuple[int, int]) -> None:
    rows = plan(*size, Needs(12, 6, 6, has_panel=True, has_notice=True, has_footer=True)).board.rows
    assert min(box.height for box in rows) >= 0.07 * min(size)
    assert min(box.height for box in rows) >= 1.5 * LEAST_TYPE_PX


@pytest.mark.parametrize("size", SIZES[:4])
def test_every_service_is_in_the_table_or_on_its_next_page(size: tuple[int, int]) -> None:
    for services in range(1, 25):
        table = plan(*size, Needs(4, 0, services, has_panel=True, has_notice=True, has_footer=True)).table
        assert table is not None
        assert 1 <= table.room <= services
        assert table.head_px + table.room * table.line_px <= table.box.height


def test_the_notice_gives_way_to_a_long_table() -> None:
    few = plan(1920, 1080, Needs(4, 0, 3, has_panel=True, has_notice=True, has_footer=False))
    many = plan(1920, 1080, Needs(4, 0, 14, has_panel=True, has_notice=True, has_footer=False))
    assert few.panel is not None
    assert many.panel is None
