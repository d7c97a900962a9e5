"""The desk: every ticket is stored before each step, asked for, numbered at the latest after 2 s, and printed once."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from pydantic import ValidationError

from foleni.days import business_day
from foleni.ids import Uuid7
from foleni.link.asker import Answer, NoAnswer
from foleni.messages.orders import Print
from foleni.messages.replies import Code, Error, JoinResult, Reply
from foleni.messages.state import DeviceConfig, Services
from foleni.station.station import Reach
from kiosk.desk.around import Around
from kiosk.desk.handing import join_of
from kiosk.desk.health import Health
from kiosk.desk.memory import BranchMemory
from kiosk.desk.printing import Printing
from kiosk.desk.recovery import plan_of
from kiosk.ledger.entries import Entry, Step, answered, on_paper, refused, withdrawn
from kiosk.ledger.ledger import Change, LedgerError
from kiosk.pages import Paper
from kiosk.presenter.composing.tickets import given_paper, paper_of, trial_paper
from kiosk.presenter.knowledge import Knowledge
from kiosk.presenter.news import (
    NO_SERIES,
    NO_STORAGE,
    RESUMED,
    AskFor,
    Denied,
    Facts,
    Given,
    Reprint,
    Resuming,
    StaffPaper,
    TestPrint,
    Wish,
)  # fmt: skip

logger = logging.getLogger(__name__)

ANSWER_S = 2.0
"""So long the branch server is waited for."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A ticket that somebody waits for."""

    entry: Entry
    visit: int


class Desk:
    """Belongs to one thread, on which everything but the callbacks of asker and printer happens."""

    def __init__(self, around: Around) -> None:
        self._around = around
        self._ledger = around.ledger
        self._known = Knowledge()
        self._memory = BranchMemory(around.ledger)
        self._health = Health(around.ledger)
        self._new_id = Uuid7()
        self._printing = Printing(around, self._tell_stock, self.storage_broke)
        self._asked: dict[str, _Asked] = {}
        self._shown: set[str] = set()
        """The entries that are shown, and not printed yet."""
        self._has_recovered = False

    @property
    def is_busy(self) -> bool:
        """Whether somebody waits for a number or for paper."""
        return bool(self._asked or self._shown or self._printing.is_busy)

    def start(self) -> None:
        """Recall the branch, and finish what a crash has interrupted; where the ledger is broken, once it is not."""
        self.tick()
        if not self._has_recovered:
            self._tell_stock()

    def tick(self) -> None:
        """Time has passed."""
        changed = self._health.look(self._around.clock())
        if not self._health.is_broken and not self._has_recovered:
            self._guarded(self._recover)
            changed = True
        elif changed and not self._health.is_broken:
            self._guarded(self._mend)
        if changed:
            self._tell_stock()

    def hear(self, news: Facts) -> None:
        """What the branch and the link say. Without the server nobody is kept waiting for its answer."""
        was = self._known.reach
        self._known.learn(news)
        if isinstance(news, DeviceConfig | Services) and not self._health.is_broken:
            self._guarded(partial(self._memory.keep, news))
        services = self._known.services
        if self._known.reach is Reach.LIVE and services is not None and isinstance(news, Services):
            self._guarded(partial(self._memory.trust_day, services.day))
        if was is Reach.LIVE and self._known.reach is not Reach.LIVE:
            for asked in [asked for asked in self._asked.values() if asked.visit != RESUMED]:
                self._number_here(asked.entry)

    def do(self, wish: Wish) -> None:
        match wish:
            case AskFor():
                self._ask_for(wish)
            case Reprint():
                self._reprint()
            case TestPrint(language=language):
                self._printing.print_for_staff(trial_paper(self._known.facts, language, self._around.clock().wall))

    def print_ordered(self, order: Print, done: Callable[[Paper], object]) -> None:
        """Print what the branch asks for; `done` is called on the desk's thread. Raises `ValueError` where it cannot be a
        ticket of this branch.
        """
        facts, now = self._known.facts, self._around.clock().wall
        if order.ticket is None:
            ticket = trial_paper(facts, order.language, now)
        elif facts is None:
            raise ValueError("This kiosk does not know its branch yet.")
        else:
            ticket = given_paper(facts, order.ticket, order.language, copy=order.copy_of)
        self._printing.print_ordered(ticket, order.template, done)

    def hand_in_changed(self) -> None:
        """The branch server has answered to what was handed in."""
        self._tell_stock()

    def storage_broke(self, error: LedgerError) -> None:
        """The ledger failed somewhere else."""
        self._health.broke(error)
        self._tell_stock()

    def _ask_for(self, wish: AskFor) -> None:
        if not self._known.can_number:
            self._around.tell(Denied(wish.visit, NO_SERIES))
            return
        now = self._around.clock().wall
        entry = Entry(self._new_id(), wish.service, now, wish.priority, wish.language, wish.phone)
        try:
            self._ledger.add(entry)
        except LedgerError as error:
            self.storage_broke(error)
            self._around.tell(Denied(wish.visit, NO_STORAGE))
            return
        self._asked[entry.id] = _Asked(entry, wish.visit)
        self._begin(entry, wait=self._known.reach is Reach.LIVE)

    def _begin(self, entry: Entry, *, wait: bool) -> None:
        """Ask the branch server, or, where nothing is to be waited for, give a number here."""
        self._around.hand_in.begin(entry)
        if wait:
            self._around.asker.ask(join_of(entry), partial(self._hear_answer, entry.id), ANSWER_S)
        else:
            self._around.hand_in.end(entry.id)
            self._number_here(entry)

    def _hear_answer(self, entry_id: str, answer: Answer) -> None:
        """On the asker's threads."""
        self._around.hand_in.end(entry_id)
        self._around.nudge()
        self._around.later(partial(self._take_answer, entry_id, answer))

    def _take_answer(self, entry_id: str, answer: Answer) -> None:
        asked = self._asked.get(entry_id)
        if asked is None:
            return  # it has a number of the own series already, and what is printed wins
        if isinstance(answer, NoAnswer) or (answer.error is not None and answer.error.code is Code.UNAVAILABLE):
            self._number_here(asked.entry)
        elif answer.error is not None:
            self._refuse(asked, answer.error)
        else:
            self._take_number(asked, answer)

    def _take_number(self, asked: _Asked, reply: Reply) -> None:
        try:
            result = JoinResult.model_validate(reply.result)
        except ValidationError as error:
            logger.error("an answer without a number: %s", error.errors(include_input=False, include_url=False))
            self._number_here(asked.entry)
            return
        now = self._around.clock().wall
        self._give(asked, lambda: self._ledger.change(asked.entry.id, lambda entry: answered(entry, result, now)))

    def _number_here(self, entry: Entry) -> None:
        asked, facts, now = self._asked[entry.id], self._known.facts, self._around.clock().wall
        service = facts.service(entry.service) if facts is not None else None
        if facts is None or facts.issuer is None or service is None:
            self._withdraw(entry)
            self._deny(asked, NO_SERIES)
            return
        series, day = service.prefix + facts.issuer, business_day(facts.branch, entry.asked_at)
        self._give(asked, lambda: self._ledger.give_number(entry.id, series, day, now))

    def _give(self, asked: _Asked, store: Callable[[], Entry]) -> None:
        """The number is shown when it is stored, and printed when it is shown."""
        try:
            entry = store()
        except LedgerError as error:
            self.storage_broke(error)
            self._deny(asked, NO_STORAGE)
            return
        del self._asked[entry.id]
        self._show(asked.visit, entry)
        self._around.nudge()
        self._tell_stock()

    def _show(self, visit: int, entry: Entry) -> None:
        """The number first, then the paper."""
        self._shown.add(entry.id)
        self._around.tell(Given(visit, entry, Paper.PRINTING))
        self._around.later(partial(self._print, entry))

    def _print(self, entry: Entry) -> None:
        self._printing.print(entry, self._known.facts)
        self._shown.discard(entry.id)

    def _refuse(self, asked: _Asked, error: Error) -> None:
        logger.info("the branch refuses a ticket: %s", error.code)
        self._change(asked.entry, lambda entry: refused(entry, error.code))
        self._deny(asked, error.code, error.number)

    def _deny(self, asked: _Asked, code: str, number: str | None = None) -> None:
        del self._asked[asked.entry.id]
        self._around.tell(Denied(asked.visit, code, number))

    def _withdraw(self, entry: Entry) -> None:
        """Nobody saw a number: what the branch may have of it is cancelled."""
        self._change(entry, lambda entry: withdrawn(entry, self._new_id()))
        self._around.nudge()

    def _recover(self) -> None:
        for news in self._memory.recall():
            self._known.learn(news)
            self._around.tell(news)
        plan = plan_of(self._ledger.unfinished(), self._around.clock().wall)
        for entry in plan.withdrawn:
            self._withdraw(entry)
        for entry in plan.unprinted:
            self._change(entry, lambda entry: on_paper(entry, Step.FAILED))
        for entry in plan.unsure:
            self._change(entry, lambda entry: on_paper(entry, Step.UNSURE))
        self._has_recovered = True
        if plan.shown is not None:
            self._go_on(plan.shown)

    def _go_on(self, entry: Entry) -> None:
        """With the ticket of somebody who may still stand there."""
        logger.info("going on with a ticket that was %s when the kiosk ended", entry.step)
        match entry.step:
            case Step.ASKED:
                self._asked[entry.id] = _Asked(entry, RESUMED)
                self._around.tell(Resuming(entry.service, entry.language))
                self._begin(entry, wait=True)
            case Step.NUMBERED:
                self._show(RESUMED, entry)
            case _:
                self._change(entry, lambda entry: on_paper(entry, Step.UNSURE))
                self._around.tell(Given(RESUMED, entry, Paper.UNSURE))

    def _mend(self) -> None:
        """What could not be brought to an end while the ledger was broken."""
        self._printing.mend()
        for entry in self._ledger.unfinished():
            if entry.step is not Step.PRINTING and entry.id not in self._asked and entry.id not in self._shown:
                self._withdraw(entry)

    def _reprint(self) -> None:
        last, facts = self._health.stock().last, self._known.facts
        if last is None or facts is None:
            self._around.tell(StaffPaper(Paper.FAILED))
        else:
            self._printing.print_for_staff(paper_of(facts, last, copy=True))

    def _change(self, entry: Entry, change: Change) -> None:
        """A step that nobody waits for. Where it cannot be stored the next start makes up for it."""
        self._guarded(lambda: self._ledger.change(entry.id, change))

    def _guarded(self, work: Callable[[], object]) -> None:
        try:
            work()
        except LedgerError as error:
            self.storage_broke(error)

    def _tell_stock(self) -> None:
        self._around.tell(self._health.stock())
