"""The bytes of a ticket, read by a machine that knows nothing of how they were made."""

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops

from foleni.paper.layout import Layout, Logo, lay_out
from foleni.paper.preview import TOP_DOTS, png, preview
from foleni.sim.paper.commands import AskPaper, Cut, Picture, Set, Setting, Unknown
from kiosk.paper.escpos import SLICE_BYTES, render, to_bytes
from kiosk.printer.talk import RESYNC
from tests.support.paper import commands, on_paper
from tests.support.tickets import LANGUAGES, NAMES, WIDTHS, template, ticket

REAL_TIME = (b"\x10\x04", b"\x10\x05", b"\x10\x14")


def _profile(picture: Image.Image) -> list[tuple[int, int]]:
    """Where ink stands, from top to bottom: the beginning and the end of each block."""
    rows = [bool(picture.crop((0, y, picture.width, y + 1)).getextrema()[0] == 0) for y in range(picture.height)]
    edges = [y for y in range(1, len(rows)) if rows[y] != rows[y - 1]]
    return list(zip(edges[::2], edges[1::2], strict=False))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_printer_makes_of_the_bytes_what_the_preview_shows(language: str, width: int) -> None:
    layout = lay_out(ticket(language), template(width, footer="Thank you"))
    paper, _ = on_paper(to_bytes(layout), width)
    shown = preview(layout)
    assert paper.size == shown.size
    assert _profile(paper) == _profile(shown)
    differing = ImageChops.difference(paper, shown).histogram()[255]
    assert differing < 0.002 * width * paper.height


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_is_understood_and_the_end_is_a_cut_and_a_question(language: str) -> None:
    found = commands(render(ticket(language), template()))
    assert not [command for command in found if isinstance(command, Unknown)]
    assert found[0] == Set(Setting.RESET)
    assert found[-2:] == [Cut(partial=True, feed_dots=0), AskPaper()]
    assert sum(isinstance(command, Cut) for command in found) == 1


@pytest.mark.parametrize("language", ["en", "fr", "rw"])
def test_what_can_be_text_is_text(language: str) -> None:
    _, lines = on_paper(render(ticket(language), template()), 576)
    service, branch = NAMES[language]
    assert {"Demo Bank", branch, service.replace("\u2019", "'")} <= set(lines)
    assert any("2026 · 10:42 · kiosk 1" in line for line in lines)


@pytest.mark.parametrize("language", ["ar", "hi"])
def test_what_no_code_page_has_is_drawn_and_never_a_question_mark(language: str) -> None:
    data = render(ticket(language), template())
    _, lines = on_paper(data, 576)
    assert lines == ["Demo Bank"]
    assert b"??" not in data.replace(b"\xff?", b"")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_qr_code_on_the_paper_is_the_ticket_s_link(width: int) -> None:
    link = ticket().url or ""
    paper, _ = on_paper(render(ticket(), template(width)), width)
    matrix = segno.make(link, error="m", micro=False).matrix
    assert any(_reads(paper, matrix, y) for y in range(TOP_DOTS, paper.height))


def _reads(paper: Image.Image, matrix: tuple[bytearray, ...], top: int) -> bool:
    """Whether the code stands at `top`: found by its first row, then read module by module."""
    count = len(matrix)
    row = paper.crop((0, top, paper.width, top + 1)).tobytes()
    left, right = row.find(0), row.rfind(0) + 1
    module, rest = divmod(right - left, count)
    if left < 0 or module < 4 or rest or top + count * module > paper.height:
        return False
    code = paper.crop((left, top, right, top + count * module)).resize((count, count), Image.Resampling.NEAREST)
    return code.tobytes() == bytes(0 if dark else 255 for line in matrix for dark in line)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pictures_come_in_slices_that_a_resync_gets_out_of(language: str) -> None:
    pictures = [command for command in commands(render(ticket(language), template())) if isinstance(command, Picture)]
    assert max(len(picture.rows) for picture in pictures) <= SLICE_BYTES
    assert len(RESYNC) > SLICE_BYTES + 8


@given(st.binary(min_size=72, max_size=72 * 40))
def test_no_picture_holds_a_command_that_printers_carry_out_at_once(rows: bytes) -> None:
    rows = rows[: len(rows) // 66 * 66]
    data = to_bytes(Layout(576, "en", False, (Logo(528, len(rows) // 66, rows),)))
    assert not any(pair in data for pair in REAL_TIME)
    data = to_bytes(Layout(576, "en", False, (Logo(528, 8, (b"\x10\x04\x10\x05\x10\x14" * 11) * 8),)))
    assert not any(pair in data for pair in REAL_TIME)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_ticket_gives_the_same_bytes(language: str) -> None:
    assert render(ticket(language), template()) == render(ticket(language), template())


def test_the_preview_is_a_picture_file() -> None:
    assert png(lay_out(ticket(), template())).startswith(b"\x89PNG")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_ticket_has_the_blocks_of_the_drawing_in_its_middle(width: int) -> None:
    paper = preview(lay_out(ticket("fr"), template(width)))
    heights = [end - begin for begin, end in _profile(paper)]
    number, code = sorted(range(len(heights)), key=lambda block: -heights[block])[:2]
    assert {number, code} == {4, len(heights) - 4}
    assert max(heights[number], heights[code]) < 0.6 * width
    for begin, end in _profile(paper):
        left, _, right, _ = paper.crop((0, begin, width, end)).point(lambda dot: 255 - dot).getbbox() or (0, 0, 0, 0)
        assert abs(left - (width - right)) <= 14, "every line stands in the middle"
