"""From a ticket's facts to paper, through a real file printer."""

from pathlib import Path

from PIL import Image

from kiosk.pages import Paper
from kiosk.paper.escpos import render
from kiosk.paper.logo import read_logo
from kiosk.press import Press
from kiosk.printer.printer import Printer
from tests.support.tickets import template, ticket
from tests.support.waiting import until


def test_the_logo_of_the_branch_is_on_each_ticket(tmp_path: Path) -> None:
    Image.new("L", (200, 80), 0).save(tmp_path / "logo.png")
    logo = read_logo(tmp_path / "logo.png")
    papers: list[Paper] = []
    died: list[str] = []
    printer = Printer(f"file://{tmp_path}/paper.bin", on_state=lambda _: None, on_dead=died.append, beat=lambda: None)
    printer.start()
    try:
        for number in ("A001", "A002"):
            Press(printer, lambda given: given or template(), logo).submit(number, ticket(number=number), papers.append)
        until(lambda: len(papers) == 2)
    finally:
        printer.stop()
    with_logo = render(ticket(number="A002"), template(), logo)
    assert not died
    assert papers == [Paper.PRINTED, Paper.PRINTED]
    assert (tmp_path / "paper.bin").read_bytes().endswith(with_logo)
    assert len(with_logo) > len(render(ticket(number="A002"), template())) + 200 * 80 // 8
