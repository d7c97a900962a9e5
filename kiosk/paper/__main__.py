"""`python -m kiosk.paper`: sample tickets, as pictures or on a printer, for whoever chooses a printer or writes a template."""

import argparse
import sys
from datetime import datetime
from pathlib import Path
from queue import Empty, SimpleQueue

from foleni.messages.setup import Template
from foleni.paper.layout import Layout, lay_out
from foleni.paper.preview import png
from foleni.paper.ticket import PaperTicket
from kiosk.pages import Paper
from kiosk.paper.escpos import to_bytes
from kiosk.paper.logo import LogoError, read_logo
from kiosk.printer.printer import Printer
from kiosk.printer.url import PrinterUrl

PROGRAM = "kiosk.paper"
_SERVICES = {"en": "Cash", "fr": "Caisse", "rw": "Amafaranga", "ar": "الصندوق", "hi": "नकद"}
_WAIT_S = 30.0


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0 where every ticket was drawn or printed, 1 where one was not."""
    options = _parser().parse_args(arguments)
    try:
        layouts = {language: _layout(language, options) for language in options.languages}
    except LogoError as error:
        sys.stderr.write(f"{PROGRAM}: {error}\n")
        return 1
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        for language, layout in layouts.items():
            (options.out / f"ticket-{options.width}-{language}.png").write_bytes(png(layout))
    return _printed(options.printer, layouts) if options.printer else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=PROGRAM, description=__doc__)
    parser.add_argument("languages", nargs="*", metavar="LANGUAGE", default=["en"], help="such as en fr ar (default: en)")
    parser.add_argument("--width", type=int, choices=(384, 576), default=576, help="of the paper, in dots")
    parser.add_argument("--out", type=Path, metavar="DIR", help="draw the tickets into this folder")
    parser.add_argument("--printer", type=PrinterUrl.parse, metavar="URL", help="print the tickets there")
    parser.add_argument("--logo", type=Path, metavar="FILE", help="a picture for the top of the ticket")
    return parser


def _layout(language: str, options: argparse.Namespace) -> Layout:
    ticket = PaperTicket(
        number="A042",
        service=_SERVICES.get(language, _SERVICES["en"]),
        organization="Demo Bank",
        branch="Main Street",
        kiosk="kiosk 1",
        issued_at=datetime.now().astimezone(),
        language=language,
        ahead=12,
        wait_p50_s=18 * 60,
        wait_p90_s=30 * 60,
        url="https://branch.example/t/0198f3a2-7c1e",
    )
    logo = read_logo(options.logo) if options.logo else None
    return lay_out(ticket, Template(id="sample", width_px=options.width), logo)


def _printed(url: PrinterUrl, layouts: dict[str, Layout]) -> int:
    outcomes: SimpleQueue[Paper] = SimpleQueue()
    printer = Printer(url)
    printer.start()
    try:
        for language, layout in layouts.items():
            printer.submit(language, to_bytes(layout), outcomes.put)
        results = {language: outcomes.get(timeout=_WAIT_S) for language in layouts}
    except Empty:
        results = {}
    finally:
        printer.stop()
    for language, paper in results.items():
        sys.stdout.write(f"{language}: {paper}\n")
    sys.stdout.write(f"the printer is {printer.state}\n")
    return 0 if set(results.values()) == {Paper.PRINTED} else 1


if __name__ == "__main__":
    sys.exit(main())
