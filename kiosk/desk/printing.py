"""A ticket goes to the printer once: what might be on paper is marked before, and what became of it after."""

import logging
from collections.abc import Callable
from functools import partial

from foleni.ids import Uuid7
from foleni.messages.setup import Template
from foleni.paper.ticket import PaperTicket
from kiosk.desk.around import Around
from kiosk.ledger.entries import Entry, Step, StepError, on_paper
from kiosk.ledger.ledger import LedgerError
from kiosk.pages import Paper
from kiosk.presenter.branch import BranchFacts
from kiosk.presenter.composing.tickets import paper_of
from kiosk.presenter.news import PaperNews, StaffPaper

logger = logging.getLogger(__name__)

_STEPS = {Paper.PRINTED: Step.PRINTED, Paper.FAILED: Step.FAILED, Paper.UNSURE: Step.UNSURE}


class Printing:
    """Belongs to the desk's thread. `on_change` is called after the ledger changed, `on_broken` where it could not."""

    def __init__(self, around: Around, on_change: Callable[[], object], on_broken: Callable[[LedgerError], object]) -> None:
        self._around = around
        self._on_change = on_change
        self._on_broken = on_broken
        self._new_id = Uuid7()
        self._unmarked: dict[str, Step] = {}
        self._in_press = 0

    @property
    def is_busy(self) -> bool:
        """Whether the printer has something of which it has not said what became of it."""
        return self._in_press > 0

    def print(self, entry: Entry, facts: BranchFacts | None) -> None:
        """Print a numbered entry. Without the mark in the ledger it is not printed: a crash could print it again."""
        if facts is None or not self._mark(entry.id, Step.PRINTING):
            self._unmarked[entry.id] = Step.FAILED
            self._around.tell(PaperNews(entry.id, Paper.FAILED))
            return
        self._submit(entry.id, paper_of(facts, entry), partial(self._printed, entry.id))

    def print_for_staff(self, ticket: PaperTicket) -> None:
        """A reprint or a test: under an id of its own, and in no ledger."""
        self._submit(self._new_id(), ticket, lambda paper: self._around.tell(StaffPaper(paper)))

    def print_ordered(self, ticket: PaperTicket, template: Template | None, done: Callable[[Paper], object]) -> None:
        """What the branch asks for, in the form of `template` where one is given; in no ledger either."""
        self._submit(self._new_id(), ticket, done, template)

    def mend(self) -> None:
        """Make up for the marks that a broken ledger did not take, or of which it could not say whether it took them."""
        for entry_id, step in list(self._unmarked.items()):
            try:
                if not self._mark(entry_id, step):
                    continue
            except StepError as error:
                logger.info("%s", error)
            del self._unmarked[entry_id]

    def _submit(self, job: str, ticket: PaperTicket, done: Callable[[Paper], object], template: Template | None = None) -> None:
        """`done` is called on the desk's thread."""

        def ended(paper: Paper) -> None:
            self._in_press -= 1
            done(paper)

        self._in_press += 1
        self._around.printer.submit(job, ticket, lambda paper: self._around.later(partial(ended, paper)), template)

    def _printed(self, entry_id: str, paper: Paper) -> None:
        if not self._mark(entry_id, _STEPS[paper]):
            self._unmarked[entry_id] = _STEPS[paper]
        self._around.tell(PaperNews(entry_id, paper))
        self._on_change()

    def _mark(self, entry_id: str, step: Step) -> bool:
        try:
            self._around.ledger.change(entry_id, lambda entry: on_paper(entry, step))
        except LedgerError as error:
            self._on_broken(error)
            return False
        return True
