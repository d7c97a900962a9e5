"""Random visitors, answers that are late, lost or double, faults of printer, disk and clock, and crashes at any step."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from foleni.messages.replies import Code, Reply
from foleni.station.station import Reach
from foleni.times import HOUR_US, Instant
from kiosk.ledger.entries import Handing, Step
from kiosk.pages import Asking, Attract, Key, OutOfOrder, Paper, Tap
from kiosk.presenter.manners import Manners
from kiosk.presenter.news import Now
from tests.unit.kiosk.bench import Kiosk
from tests.unit.kiosk.hall import config, services, summary

_TAPS = st.one_of(
    st.builds(Tap, st.sampled_from([key for key in Key if key is not Key.SERVICE])),
    st.builds(Tap, st.just(Key.SERVICE), st.sampled_from(["cash", "loans", "no-such"])),
    st.builds(Tap, st.just(Key.LANGUAGE), st.sampled_from(["fr", "rw", "xx"])),
    st.builds(Tap, st.just(Key.DIGIT), st.sampled_from("0123456789+x")),
    st.builds(Tap, st.just(Key.PRIORITY), st.sampled_from(["priority", "vip"])),
)
_PAPERS = st.sampled_from([Paper.PRINTED, Paper.FAILED, Paper.UNSURE])


class AnyDay(RuleBasedStateMachine):
    """`excused` are the numbers that only a crash with a long pause can have kept from their customer."""

    def __init__(self) -> None:
        super().__init__()
        self.kiosk = Kiosk(Manners(ask_phone=True, staff_code="1234"))
        self.excused: set[str] = set()
        self.late: Reply | None = None

    @rule(tap=_TAPS, pause_s=st.sampled_from([0.0, 0.1, 1.1]))
    def somebody_taps(self, tap: Tap, pause_s: float) -> None:
        self.kiosk.wait(pause_s).hear(tap)

    @rule(service=st.sampled_from(["cash", "loans"]), twice=st.booleans())
    def somebody_wants_a_ticket(self, service: str, twice: bool) -> None:
        self.kiosk.wait(60)
        before = len(self.kiosk.ledger._entries)
        self.kiosk.tap(Key.BEGIN).tap(Key.SERVICE, service)
        for _ in range(1 + twice):
            self.kiosk.hear(Tap(Key.SKIP)) if twice else self.kiosk.tap(Key.SKIP)
        self.kiosk.tap(Key.SKIP)
        assert len(self.kiosk.ledger._entries) <= before + 1, "one visit made two tickets"

    @precondition(lambda self: self.kiosk.wire.questions)
    @rule(data=st.data(), lost=st.booleans())
    def the_server_decides(self, data: st.DataObject, lost: bool) -> None:
        """And its answer is lost, or not."""
        name = data.draw(st.sampled_from(sorted(self.kiosk.wire.questions)))
        reply = self.kiosk.server.answer(self.kiosk.wire.questions[name][0])
        self.late = reply
        if not lost:
            self.kiosk.wire.deliver(reply)
            self.kiosk.run()

    @precondition(lambda self: self.late)
    @rule()
    def an_answer_comes_late_or_twice(self) -> None:
        assert self.late is not None
        self.kiosk.wire.deliver(self.late)
        for command in self.kiosk.hand_in.pending()[:1]:
            if command.id == self.late.command:
                self.kiosk.hand_in.answered(command, self.late)
        self.kiosk.run()

    @rule(code=st.sampled_from([None, None, Code.SERVICE_CLOSED, Code.SERVICE_FULL, Code.UNAVAILABLE, Code.ALREADY_QUEUED]))
    def the_server_changes_its_mind(self, code: Code | None) -> None:
        self.kiosk.server.code = code

    @rule(reach=st.sampled_from(Reach))
    def the_link_changes(self, reach: Reach) -> None:
        self.kiosk.hear(reach)

    @rule(state=st.sampled_from(["open", "paused", "closed"]))
    def a_service_changes(self, state: str) -> None:
        self.kiosk.hear(services(summary("cash", state=state), summary("loans")))

    @rule(state=st.sampled_from(["ok", "paper_low", "paper_out", "offline"]))
    def the_printer_changes(self, state: str) -> None:
        self.kiosk.hear(state)

    @precondition(lambda self: self.kiosk.printer.jobs)
    @rule(paper=_PAPERS)
    def a_job_ends(self, paper: Paper) -> None:
        self.kiosk.printed(paper)

    @rule(seconds=st.sampled_from([0.5, 2.0, 8.0, 31.0, 70.0, 25 * 3600.0]))
    def time_passes(self, seconds: float) -> None:
        self.kiosk.wait(seconds)

    @rule(hours=st.sampled_from([0, 0, 1, 30, 1000]))
    def the_clock_is_late_or_put_right(self, hours: int) -> None:
        self.kiosk.set_clock(-hours * HOUR_US)

    @rule(broken=st.booleans())
    def the_disk_changes(self, broken: bool) -> None:
        self.kiosk.ledger.broken = broken

    @rule(tap=_TAPS, steps=st.integers(0, 6), pause_s=st.sampled_from([0.5, 100.0]))
    def it_crashes_in_the_middle_of_something(self, tap: Tap, steps: int, pause_s: float) -> None:
        kiosk = self.kiosk
        kiosk.inbox.put(tap)
        for command, _, _ in list(kiosk.wire.questions.values()):
            kiosk.wire.deliver(kiosk.server.answer(command))
        for _ in range(steps):
            kiosk.step()
        if pause_s > 60 or kiosk.ledger.broken:
            self.excused |= self._unseen()
        kiosk.now = Now(kiosk.now.steady_s, Instant(kiosk.now.wall + round(pause_s * 1e6)))
        kiosk.crash()

    @rule()
    def the_courier_works(self) -> None:
        if not self.kiosk.wire.questions and self.kiosk.server.code is not Code.UNAVAILABLE:
            self.kiosk.hand_in_all()

    @invariant()
    def no_ticket_was_printed_twice(self) -> None:
        jobs = [name for name, _ in self.kiosk.papers]
        assert len(jobs) == len(set(jobs))

    @invariant()
    def every_number_was_shown(self) -> None:
        assert self._unseen() <= self.excused

    @invariant()
    def nothing_is_on_paper_that_is_not_in_the_ledger(self) -> None:
        entries = self.kiosk.ledger._entries
        own = [ticket.number for name, ticket in self.kiosk.papers if name in entries]
        assert all(number for number in own)

    def teardown(self) -> None:
        """When all is well again everything comes to its end, and the kiosk stands at its start."""
        kiosk = self.kiosk
        kiosk.ledger.broken = False
        kiosk.server.code = None
        kiosk.hear(config(), services(), Reach.LIVE).wait(4).wait(7)
        while kiosk.printer.jobs:
            kiosk.printed(Paper.PRINTED)
        kiosk.wait(70).wait(70)
        assert isinstance(kiosk.page.body, Attract)
        kiosk.hand_in_all()
        for entry in kiosk.ledger._entries.values():
            assert entry.handing is not Handing.WAITING
            assert entry.step not in {Step.ASKED, Step.NUMBERED, Step.PRINTING}
            if entry.own and entry.handing is Handing.TAKEN:
                assert kiosk.server.tickets[entry.id] == entry.number
            if entry.step is Step.WITHDRAWN and entry.ticket:
                assert entry.ticket in kiosk.server.cancelled
        assert not any(isinstance(page.body, Asking | OutOfOrder) for page in kiosk.pages[-1:])

    def _unseen(self) -> set[str]:
        numbered = {entry.number for entry in self.kiosk.ledger._entries.values() if entry.number}
        return numbered - set(self.kiosk.shown)


TestAnyDay = AnyDay.TestCase
