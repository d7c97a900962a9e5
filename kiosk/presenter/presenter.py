"""The kiosk's manners as a state machine: taps, time and news in; pages and wishes out."""

from dataclasses import replace

from foleni.messages.replies import Code
from foleni.messages.state import DeviceConfig
from foleni.station.station import Reach
from kiosk.pages import Key, Page, Paper, Tap
from kiosk.presenter import manners as times
from kiosk.presenter.branch import BranchFacts
from kiosk.presenter.codes import CodeLock
from kiosk.presenter.composing import refusals, staff
from kiosk.presenter.composing.bodies import body_of
from kiosk.presenter.composing.frames import frame_of
from kiosk.presenter.composing.signs import sign_of
from kiosk.presenter.knowledge import Knowledge
from kiosk.presenter.manners import Manners
from kiosk.presenter.news import (
    AskFor,
    Denied,
    Given,
    News,
    Now,
    PaperNews,
    PrinterState,
    Reprint,
    Resuming,
    StaffPaper,
    TestPrint,
    TicketNews,
    Wish,
)  # fmt: skip
from kiosk.presenter.phones import e164, typed_more
from kiosk.presenter.sign import Sign
from kiosk.presenter.stages import Asking, AtDesk, Choosing, Holding, Phoning, Sorry, Stage, Start, Visit

_DEFAULT_LANGUAGE = "en"
_SWITCHES = frozenset({"large", "contrast", "low_reach"})


class Presenter:
    """Belongs to one thread. Each input returns what is wished for; `page` tells what is to be shown after it."""

    def __init__(self, manners: Manners, now: Now) -> None:
        self._manners = manners
        self._known = Knowledge()
        self._stage: Stage = Start()
        self._visit = Visit(_DEFAULT_LANGUAGE)
        self._visits = 0
        self._turn = 0
        self._turned_s = now.steady_s - times.IDLE_S
        self._touched_s = now.steady_s
        self._away_s: float | None = now.steady_s
        self._lock = CodeLock(manners.staff_code)
        self._sign = Sign()

    @property
    def facts(self) -> BranchFacts | None:
        """The branch's configuration as it was heard last."""
        return self._known.facts

    @property
    def is_idle(self) -> bool:
        """Whether nobody stands there, as far as the kiosk can know."""
        return isinstance(self._stage, Start)

    @property
    def printer(self) -> PrinterState | None:
        """How the printer says that it is."""
        return self._known.printer

    def identify(self, now: Now) -> bool:
        """Show which kiosk this is; whether that is shown at once."""
        self._sign.ask()
        self.tick(now)
        return self._sign.is_up

    def page(self, now: Now) -> Page:
        """What is to be shown now."""
        calm = self._away_s is None or now.steady_s - self._away_s < times.CALM_S
        frame = frame_of(self._known, self._visit, self._stage, now, calm_link=calm)
        if self._sign.is_up:
            return Page(replace(frame, band=None, back=None), sign_of(self._known), self._turn)
        return Page(frame, body_of(self._known, self._visit, self._stage, self._manners, now), self._turn)

    def wake_s(self, now: Now) -> float:
        """Seconds until time alone may change the page: a whole second of a countdown, or one second."""
        if isinstance(self._stage, Holding):
            return max(0.01, (self._stage.until_s - now.steady_s) % 1.0 or 1.0)
        return 1.0

    def tap(self, tap: Tap, now: Now) -> list[Wish]:
        """Somebody touched a key. What was meant for another page than this one is nobody's wish."""
        self.tick(now)
        if tap.turn not in {None, self._turn} or self._is_unsettled(now):
            return []
        self._touched_s = now.steady_s
        if self._sign.is_up:
            self._sign.take_down()
            self._go(self._stage, now)
            return []
        if self._is_common(tap, now) or self._calls_staff(tap, now):
            return []
        return self._act(tap, now)

    def tick(self, now: Now) -> None:
        """Time has passed."""
        match self._stage:
            case Holding(until_s=until_s) if now.steady_s >= until_s:
                self._reset(now)
            case Asking(service=service) if now.steady_s - self._turned_s >= times.ASKING_S:
                self._go(Sorry(Code.UNAVAILABLE, service), now)
            case Start() if self._visit != self._nobody and now.steady_s - self._touched_s >= times.IDLE_S:
                self._reset(now)
            case Choosing() | Phoning() | AtDesk() | Sorry() if now.steady_s - self._touched_s >= self._patience_s:
                self._reset(now)
        if self._sign.turn(self._stage, now.steady_s):
            self._go(self._stage, now)

    def hear(self, news: News, now: Now) -> None:
        """Something happened elsewhere."""
        match news:
            case Given() | PaperNews() | Denied() | StaffPaper() | Resuming():
                self._hear_of_ticket(news, now)
                return
            case Reach.LIVE:
                self._away_s = None
            case Reach() if self._away_s is None:
                self._away_s = now.steady_s
        self._known.learn(news)
        if isinstance(news, DeviceConfig):
            self._keep_to_languages()

    @property
    def _can_serve(self) -> bool:
        return self._known.facts is not None and not self._known.stock.broken

    @property
    def _nobody(self) -> Visit:
        """A visit of nobody yet: in the branch's first language."""
        return Visit(self._known.facts.language if self._known.facts is not None else _DEFAULT_LANGUAGE)

    @property
    def _patience_s(self) -> float:
        match self._stage:
            case AtDesk(is_open=True):
                return times.DESK_IDLE_S
            case Sorry():
                return times.SORRY_S
        return times.IDLE_S

    def _is_unsettled(self, now: Now) -> bool:
        settle_s = times.TICKET_SETTLE_S if isinstance(self._stage, Holding) else times.SETTLE_S
        return now.steady_s - self._turned_s < settle_s

    def _is_common(self, tap: Tap, now: Now) -> bool:
        """The keys that every page has. At the start they begin a visit."""
        facts = self._known.facts
        if tap.key is Key.LANGUAGE and facts is not None and tap.value in facts.branch.languages:
            self._visit = replace(self._visit, language=tap.value)
        elif tap.key is Key.ACCESS and tap.value in _SWITCHES:
            self._visit = replace(self._visit, switches=self._visit.switches ^ {tap.value})
        else:
            return tap.key in {Key.LANGUAGE, Key.ACCESS}
        if isinstance(self._stage, Start) and self._can_serve:
            self._go(Choosing(), now)
        return True

    def _calls_staff(self, tap: Tap, now: Now) -> bool:
        if tap.key is Key.STAFF and self._lock.is_used and isinstance(self._stage, Start | Choosing | Phoning | Sorry):
            self._reset(now)
            self._go(AtDesk(locked_until_s=self._lock.until_s), now)
        return tap.key is Key.STAFF

    def _act(self, tap: Tap, now: Now) -> list[Wish]:
        """What a key does on the page that is shown."""
        match self._stage:
            case Start() if tap.key is Key.BEGIN and self._can_serve:
                self._go(Choosing(), now)
            case Choosing() if self._can_serve:
                return self._choose(tap, now)
            case Phoning() if self._can_serve:
                return self._phone(self._stage, tap, now)
            case Holding() if tap.key is Key.DONE:
                self._reset(now)
            case Sorry() if tap.key in {Key.DONE, Key.BACK}:
                self._leave_refusal(self._stage, now)
            case AtDesk():
                return self._at_desk(self._stage, tap, now)
        return []

    def _choose(self, tap: Tap, now: Now) -> list[Wish]:
        if tap.key is Key.BACK:
            self._reset(now)
        elif tap.key is Key.PRIORITY and self._known.facts is not None:
            if tap.value in {each.id for each in self._known.facts.priorities}:
                self._visit = replace(self._visit, priority=None if tap.value == self._visit.priority else tap.value)
        elif tap.key is Key.SERVICE:
            offer = self._known.offer(tap.value, now.wall)
            if offer is not None and offer.can_be_chosen and self._known.can_number:
                if not self._manners.ask_phone:
                    return self._ask(tap.value, None, now)
                self._go(Phoning(tap.value), now)
        return []

    def _phone(self, stage: Phoning, tap: Tap, now: Now) -> list[Wish]:
        match tap.key:
            case Key.DIGIT:
                self._stage = Phoning(stage.service, typed_more(stage.typed, tap.value))
            case Key.ERASE:
                self._stage = Phoning(stage.service, stage.typed[:-1])
            case Key.BACK:
                self._go(Choosing(), now)
            case Key.SKIP:
                return self._ask(stage.service, None, now)
            case Key.GO:
                phone = e164(stage.typed, self._manners.region)
                if phone is not None:
                    return self._ask(stage.service, phone, now)
                self._stage = replace(stage, faulty=True)
        return []

    def _ask(self, service: str, phone: str | None, now: Now) -> list[Wish]:
        self._visits += 1
        self._go(Asking(service), now)
        return [AskFor(self._visits, service, self._visit.priority or "normal", self._visit.language, phone)]

    def _leave_refusal(self, stage: Sorry, now: Now) -> None:
        if stage.code in refusals.BACK_TO_SERVICES and self._can_serve:
            self._go(Choosing(), now)
        else:
            self._reset(now)

    def _at_desk(self, stage: AtDesk, tap: Tap, now: Now) -> list[Wish]:
        match tap.key:
            case Key.DONE | Key.BACK:
                self._reset(now)
            case Key.DIGIT if not stage.is_open:
                self._type_code(stage, tap.value, now)
            case Key.ERASE if not stage.is_open:
                self._stage = replace(stage, typed=stage.typed[:-1])
            case Key.REPRINT if stage.is_open and self._known.stock.last is not None and stage.note != Paper.PRINTING:
                self._stage = replace(stage, note=Paper.PRINTING)
                return [Reprint()]
            case Key.TEST_PRINT if stage.is_open and stage.note != Paper.PRINTING:
                self._stage = replace(stage, note=Paper.PRINTING)
                return [TestPrint(self._visit.language)]
        return []

    def _type_code(self, stage: AtDesk, digit: str, now: Now) -> None:
        if self._lock.wait_s(now.steady_s) or len(digit) != 1:
            return
        typed = stage.typed + digit
        if not self._lock.is_whole(typed):
            self._stage = AtDesk(typed)
        elif self._lock.opens(typed, now.steady_s):
            self._go(AtDesk(is_open=True), now)
        else:
            self._stage = AtDesk(note=staff.WRONG, locked_until_s=self._lock.until_s)

    def _hear_of_ticket(self, news: TicketNews, now: Now) -> None:
        match news, self._stage:
            case Resuming(service=service, language=language), Start() if not self._visits:
                self._visit = Visit(language)
                self._go(Asking(service), now)
            case Given(visit=visit), stage if self._is_for_me(visit, stage):
                self._visit = replace(self._visit, language=news.entry.language)
                self._hold(news, now)
            case PaperNews(paper=paper), Holding(entry=entry) as held if entry.id == news.entry_id:
                of_s = times.TICKET_S if paper is Paper.PRINTED else times.NO_PAPER_S
                self._stage = replace(held, paper=paper, until_s=now.steady_s + of_s, of_s=of_s)
            case Denied(visit=visit), Asking(service=service) if visit == self._visits:
                self._touched_s = now.steady_s
                self._go(Sorry(news.code, service, news.number), now)
            case StaffPaper(paper=paper), AtDesk(is_open=True) as stage:
                self._stage = replace(stage, note=paper)

    def _is_for_me(self, visit: int, stage: Stage) -> bool:
        """Whether whoever asked may still stand there; nobody else gets to see the number."""
        return visit == self._visits and isinstance(stage, Asking | Sorry | Start)

    def _hold(self, given: Given, now: Now) -> None:
        of_s = times.TICKET_S if given.paper is Paper.PRINTED else times.NO_PAPER_S
        self._go(Holding(given.entry, given.paper, now.steady_s + of_s, of_s), now)

    def _go(self, stage: Stage, now: Now) -> None:
        self._stage = stage
        self._turn += 1
        self._turned_s = now.steady_s

    def _reset(self, now: Now) -> None:
        """Back to the start, in the branch's first language."""
        self._visit = self._nobody
        self._go(Start(), now)

    def _keep_to_languages(self) -> None:
        facts = self._known.facts
        if facts is not None and (isinstance(self._stage, Start) or self._visit.language not in facts.branch.languages):
            self._visit = replace(self._visit, language=facts.language)
