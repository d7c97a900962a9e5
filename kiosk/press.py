"""From a ticket's facts to the printer's bytes, and to the printer."""

import logging
from collections.abc import Callable

from foleni.messages.setup import Template
from foleni.paper.layout import Logo
from foleni.paper.ticket import PaperTicket
from kiosk.pages import Paper
from kiosk.paper.escpos import render
from kiosk.printer.printer import Printer

logger = logging.getLogger(__name__)


class Press:
    """Prints tickets in the form that `template` makes at that moment of a given one, or of none."""

    def __init__(self, printer: Printer, template: Callable[[Template | None], Template], logo: Logo | None = None) -> None:
        self._printer = printer
        self._template = template
        self._logo = logo

    def submit(
        self, job_id: str, ticket: PaperTicket, done: Callable[[Paper], object], template: Template | None = None
    ) -> None:
        """`done` is called once, on any thread. A ticket that cannot be laid out has FAILED: its number still counts."""
        try:
            data = render(ticket, self._template(template), self._logo)
        except Exception:
            logger.exception("%s cannot be laid out", ticket.number)
            done(Paper.FAILED)
            return
        self._printer.submit(job_id, data, done)
