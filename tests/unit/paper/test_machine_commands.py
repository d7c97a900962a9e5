"""The simulated machine reads ESC/POS, and survives everything else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from foleni.sim.paper.commands import Advance, Cut, Feed, Ignored, Picture, Set, Setting, Text, Unknown
from foleni.sim.paper.parsing import parse
from foleni.sim.paper.sheet import DEFAULT_SPACING, Sheet
from tests.support.paper import commands

LEADS = st.sampled_from([b"\x1b", b"\x1d", b"\x1c", b"\x10", b"\x1dv0\x00", b"\x1b*", b"\x1d(L", b"\x1dV", b"\n", b"A"])
NOISE = st.lists(st.one_of(LEADS, st.binary(max_size=12)), max_size=30).map(b"".join)


def _sheet(data: bytes, width: int = 384) -> Sheet:
    sheet = Sheet(width)
    for command in commands(data):
        sheet.take(command)
    return sheet


def _ink(sheet: Sheet) -> tuple[int, int, int, int] | None:
    return sheet.picture().point(lambda dot: 255 - dot).getbbox()


@given(NOISE)
def test_noise_is_read_to_its_end_or_waited_on(data: bytes) -> None:
    sheet = Sheet(384)
    at = 0
    while (parsed := parse(data, at)) is not None:
        command, after = parsed
        assert at < after <= len(data)
        at = after
        sheet.take(command)
    assert sheet.picture().width == 384


@given(NOISE, st.integers(1, 5))
def test_commands_are_the_same_in_whatever_pieces_they_come(data: bytes, size: int) -> None:
    whole: list[object] = []
    at = 0
    while (parsed := parse(data, at)) is not None:
        whole.append(parsed[0])
        at = parsed[1]
    pieces: list[object] = []
    waiting = b""
    for start in range(0, len(data), size):
        waiting += data[start : start + size]
        while (parsed := parse(waiting)) is not None and (parsed[1] < len(waiting) or not isinstance(parsed[0], Text)):
            pieces.append(parsed[0])
            waiting = waiting[parsed[1] :]
    while (parsed := parse(waiting)) is not None:
        pieces.append(parsed[0])
        waiting = waiting[parsed[1] :]
    assert pieces == whole


@pytest.mark.parametrize(
    ("data", "command"),
    [
        (b"\x1b@", Set(Setting.RESET)),
        (b"\x1ba\x01", Set(Setting.ALIGN, 1)),
        (b"\x1dL\x34\x01", Set(Setting.LEFT_MARGIN, 0x134)),
        (b"\n", Advance(Feed.LINE)),
        (b"\x1bJ\x18", Advance(Feed.DOTS, 24)),
        (b"\x1bd\x03", Advance(Feed.LINES, 3)),
        (b"\x1dV\x00", Cut(partial=False)),
        (b"\x1dV\x42\x05", Cut(partial=True, feed_dots=5)),
        (b"\x1dv0\x00\x01\x00\x02\x00\xf0\x0f", Picture(8, 2, b"\xf0\x0f")),
        (b"\x1dv0\x03\x01\x00\x01\x00\xff", Picture(8, 1, b"\xff", 2, 2)),
        (b"\x10\x04\x01", Ignored()),
        (b"\x1da\x00", Ignored()),
        (b"\x1b\x01", Unknown(b"\x1b\x01")),
    ],
)
def test_a_command_is_understood(data: bytes, command: object) -> None:
    assert parse(data) == (command, len(data))
    assert all(parse(data[:end]) is None for end in range(1, len(data)))


def test_column_pictures_and_raster_pictures_are_the_same_dots() -> None:
    raster = _sheet(b"\x1dv0\x00\x01\x00\x08\x00" + bytes(0x80 >> y for y in range(8)))
    columns = _sheet(b"\x1b*\x01\x08\x00" + bytes(0x80 >> x for x in range(8)) + b"\n")
    graphics = _sheet(
        b"\x1d(L\x12\x00\x30\x70\x30\x01\x01\x31\x08\x00\x08\x00"
        + bytes(0x80 >> y for y in range(8))
        + b"\x1d(L\x02\x00\x30\x32"
    )
    assert raster.picture(8).tobytes() == graphics.picture(8).tobytes()
    tall = columns.picture(24).crop((0, 0, 8, 24)).resize((8, 8), Image.Resampling.NEAREST)
    assert tall.tobytes() == raster.picture(8).crop((0, 0, 8, 8)).tobytes()


def test_text_is_written_in_its_code_page_and_size() -> None:
    sheet = _sheet(b"\x1bt\x02\x82t\x82\n\x1bt\x10\x9cuvre\n\x1d!\x11Big\n")
    assert sheet.lines == ["été", "œuvre", "Big"]
    assert sheet.y == 2 * DEFAULT_SPACING + 48


def test_alignment_puts_a_line_left_in_the_middle_and_right() -> None:
    edges = []
    for align in range(3):
        box = _ink(_sheet(b"\x1ba" + bytes((align,)) + b"####\n"))
        assert box is not None
        edges.append(box[0])
    left, middle, right = edges
    assert left < 12
    assert abs(middle - (384 - 48) // 2) < 12
    assert right >= 384 - 48


def test_a_line_that_is_too_long_goes_on_in_the_next() -> None:
    assert _sheet(b"x" * 40 + b"\n").lines == ["x" * 32, "x" * 8]


def test_a_picture_wider_than_the_paper_is_cut_off() -> None:
    sheet = _sheet(b"\x1dv0\x00\x50\x00\x01\x00" + b"\xff" * 80)
    assert _ink(sheet) == (0, 0, 384, 1)


def test_reset_forgets_what_stands_in_the_line() -> None:
    sheet = _sheet(b"half\x1b@whole\n")
    assert sheet.lines == ["whole"]
