"""A whole kiosk without threads, window, wire and paper: time, answers and faults come when a test says so."""

from collections.abc import Callable
from dataclasses import dataclass, field

from foleni.days import business_day
from foleni.link.asker import Answer, Done, NoAnswer
from foleni.messages.commands import Cancel, Command, Join
from foleni.messages.replies import Code, Error, Reply, refusal
from foleni.messages.setup import Branch, Template
from foleni.paper.ticket import PaperTicket
from foleni.station.station import Reach
from foleni.times import SECOND_US, Instant
from kiosk.desk.around import Around
from kiosk.desk.desk import Desk
from kiosk.desk.handing import HandIn
from kiosk.ledger.ledger import MemoryLedger
from kiosk.loop import Inbox, Loop
from kiosk.pages import Key, Page, Paper, ShowTicket, Tap
from kiosk.presenter.manners import Manners
from kiosk.presenter.news import Now
from kiosk.presenter.presenter import Presenter
from tests.unit.kiosk.hall import NOON, config, services


@dataclass
class Server:
    """A branch server that remembers by command id, as the real one does. `code` makes it refuse; its clock is right."""

    clock: Callable[[], Instant]
    code: Code | None = None
    tickets: dict[str, str] = field(default_factory=dict)
    """Command id to number."""
    cancelled: set[str] = field(default_factory=set)
    heard: list[Command] = field(default_factory=list)
    printed: dict[tuple[str, str], str] = field(default_factory=dict)
    """Business day and printed number to command id."""
    _given: int = 0

    def answer(self, command: Command) -> Reply:
        self.heard.append(command)
        if isinstance(command, Cancel):
            self.cancelled.add(command.ticket)
            return Reply(command=command.id, ok=True, result={"ticket": command.ticket, "status": "cancelled"})
        assert isinstance(command, Join)
        if command.id not in self.tickets and self.code is not None:
            return refusal(command.id, self.code, "No.")
        if command.number is not None:
            day = business_day(BRANCH, min(self.clock(), command.joined_at or self.clock()))
            known = [key for key, name in self.printed.items() if name == command.id]
            holder = self.printed.setdefault(known[0] if known else (day, command.number), command.id)
            assert holder == command.id, f"{command.number} was given twice on {day}"
            self.tickets[command.id] = command.number
        elif command.id not in self.tickets:
            self._given += 1
            self.tickets[command.id] = f"A{self._given:03d}"
        return _joined(command.id, self.tickets[command.id], command.service)


BRANCH = Branch(**config().branch)


def _joined(command: str, number: str, service: str) -> Reply:
    result = {
        "ticket": command, "number": number, "service": service, "joined_at": "2026-11-20T10:00:00Z", "position": 1,
        "ahead": 0, "wait_p50_s": 0, "wait_p90_s": 0, "url": "/t/x",
    }  # fmt: skip
    return Reply(command=command, ok=True, result=result)


def already_queued(command: str, number: str) -> Reply:
    error = Error(code=Code.ALREADY_QUEUED, message="You have one.", ticket=command, number=number)
    return Reply(command=command, ok=False, error=error)


@dataclass
class Wire:
    """An asker whose questions wait until they are answered or given up."""

    clock: Callable[[], Now]
    questions: dict[str, tuple[Command, Done, float]] = field(default_factory=dict)
    asked: list[Command] = field(default_factory=list)

    def ask(self, command: Command, done: Done, timeout_s: float | None = None) -> None:
        if command.id in self.questions:
            raise ValueError(f"command {command.id} is being asked already")
        self.asked.append(command)
        gives_up_s = float("inf") if timeout_s is None else self.clock().steady_s + timeout_s
        self.questions[command.id] = (command, done, gives_up_s)

    def deliver(self, reply: Reply) -> None:
        """A reply arrives; one that nobody waits for is dropped."""
        if reply.command in self.questions:
            self._end(reply.command, reply)

    def give_up(self) -> None:
        """Whatever is overdue."""
        now_s = self.clock().steady_s
        for name in [name for name, (_, _, gives_up_s) in self.questions.items() if gives_up_s <= now_s]:
            self._end(name, NoAnswer.GIVEN_UP)

    def _end(self, name: str, answer: Answer) -> None:
        _, done, _ = self.questions.pop(name)
        done(answer)


@dataclass
class Printer:
    """A printer that says what became of its jobs when it is told to."""

    jobs: dict[str, tuple[PaperTicket, Callable[[Paper], object]]] = field(default_factory=dict)
    submitted: list[tuple[str, PaperTicket]] = field(default_factory=list)

    def submit(
        self, job_id: str, ticket: PaperTicket, done: Callable[[Paper], object], template: Template | None = None
    ) -> None:
        self.submitted.append((job_id, ticket))
        self.jobs[job_id] = (ticket, done)

    def end(self, paper: Paper) -> None:
        """The oldest job is over."""
        name = next(iter(self.jobs))
        self.jobs.pop(name)[1](paper)

    @property
    def numbers(self) -> list[str]:
        return [ticket.number for _, ticket in self.submitted]


class Kiosk:
    """`crash` ends it at once and `start` begins anew with what was durable."""

    def __init__(self, manners: Manners | None = None, *, known: bool = True) -> None:
        self.now = Now(1000.0, NOON)
        self.ledger = MemoryLedger()
        self.offset_us = 0
        self.server = Server(lambda: Instant(self.now.wall - self.offset_us))
        self.pages: list[Page] = []
        self.papers: list[tuple[str, PaperTicket]] = []
        self._manners = manners or Manners()
        self.start()
        if known:
            self.hear(config(), Reach.LIVE, services(), "ok")

    def start(self) -> None:
        self.inbox = Inbox()
        self.wire = Wire(lambda: self.now)
        self.printer = Printer(submitted=self.papers)
        put = self.inbox.put
        self.hand_in = HandIn(
            self.ledger, lambda: put(self._hand_in_changed),
            lambda error: put(lambda: self.desk.storage_broke(error)), pause_s=0.0,
        )  # fmt: skip
        self.nudges = 0
        around = Around(self.ledger, self.hand_in, self.wire, self.printer, put, put, self._nudge, lambda: self.now)
        self.desk = Desk(around)
        presenter = Presenter(self._manners, self.now)
        self.loop = Loop(
            self.inbox, presenter, self.desk, self.pages.append, on_dead=print, beat=lambda: None, clock=lambda: self.now
        )
        self.desk.start()
        self.run()

    crash = start

    @property
    def page(self) -> Page:
        return self.pages[-1]

    @property
    def shown(self) -> list[str]:
        """All numbers that were ever on the screen, each once, in order."""
        return list(dict.fromkeys(page.body.number for page in self.pages if isinstance(page.body, ShowTicket)))

    def step(self) -> bool:
        """Deal with the next thing; whether there is more."""
        item = self.inbox.next(0.0)
        self.loop._take(item)
        return item is not None or not self.inbox._queue.empty()

    def run(self) -> "Kiosk":
        """Deal with everything that waits."""
        while self.step():
            pass
        return self

    def hear(self, *news: object) -> "Kiosk":
        for each in news:
            self.inbox.put(each)  # type: ignore[arg-type]
        return self.run()

    def wait(self, seconds: float) -> "Kiosk":
        self.now = Now(round(self.now.steady_s + seconds, 6), Instant(self.now.wall + round(seconds * SECOND_US)))
        self.wire.give_up()
        return self.run()

    def set_clock(self, offset_us: int) -> "Kiosk":
        """The clock at the kiosk is so much ahead of the right time."""
        self.now = Now(self.now.steady_s, Instant(self.now.wall - self.offset_us + offset_us))
        self.offset_us = offset_us
        return self.run()

    def tap(self, key: Key, value: str = "") -> "Kiosk":
        return self.wait(1.1).hear(Tap(key, value))

    def choose(self, service: str = "cash") -> "Kiosk":
        return self.tap(Key.BEGIN).tap(Key.SERVICE, service)

    def answered(self) -> "Kiosk":
        """The server answers all that is asked."""
        for command, _, _ in list(self.wire.questions.values()):
            self.wire.deliver(self.server.answer(command))
        return self.run()

    def printed(self, paper: Paper = Paper.PRINTED) -> "Kiosk":
        self.printer.end(paper)
        return self.run()

    def hand_in_all(self) -> "Kiosk":
        """The courier's work, one answer after the other, as long as there is some."""
        while waiting := self.hand_in.pending():
            assert waiting[0].id not in self.wire.questions, "it would be asked twice at a time"
            self.hand_in.answered(waiting[0], self.server.answer(waiting[0]))
        return self.run()

    def _hand_in_changed(self) -> None:
        self.desk.hand_in_changed()

    def _nudge(self) -> None:
        self.nudges += 1
