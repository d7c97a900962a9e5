"""An answered command is in the log: crashes and failing storage at any instant lose nothing answered and double nothing."""

from collections import Counter as Tally
from collections.abc import Callable, Sequence
from itertools import pairwise

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from branch_server.adapters.db.journal import SqlJournal
from branch_server.domain.asking import Sender
from branch_server.domain.events import TicketJoined, TicketRenumbered
from branch_server.engine.batching import Asked
from branch_server.engine.engine import Committed
from branch_server.engine.journal import Answer, Batch, Journal
from branch_server.engine.recovery import recover
from foleni.messages import commands as c
from tests.unit.engine.bench import ALL, HOUSE, KIOSK, Bench, Crash, join, reply_of
from tests.unit.engine.conftest import Opening

STRANGER = Sender("kiosk-9", trusted=True)
FAULTS = st.sampled_from([None, None, None, None, "refuse", "complain", "crash before", "crash after"])
JUMPS = st.sampled_from([0, 1, 60, 3600, 86_400, -3600, 3 * 86_400, -2 * 86_400])

_command = st.sampled_from(
    ["join", "join", "join", "call_next", "complete", "skip", "undo", "park", "pause_service", "open_service", "close_day"]
)


def _made(kind: str, number: int) -> c.Command:
    made = join(number)
    match kind:
        case "join":
            return made
        case "pause_service" | "open_service":
            return c.parse_command(b'{"id":"%s","type":"%s","service":"cash"}' % (made.id.encode(), kind.encode()))
        case "close_day":
            return c.CloseDay(id=made.id)
        case _:
            return c.parse_command(b'{"id":"%s","type":"%s","counter":"c1"}' % (made.id.encode(), kind.encode()))


class EngineMachine(RuleBasedStateMachine):
    """Batches of new and repeated commands, with a fault at the commit now and then."""

    def __init__(self, journal: Journal) -> None:
        super().__init__()
        self.bench = Bench(journal)
        self.bench.journal.before_append = self.nothing_is_seen_yet
        self.commands: dict[str, tuple[c.Command, Sender]] = {}
        self.first: dict[str, bytes] = {}
        self.printed: set[str] = set()
        self.complained = False
        self.found: list[AssertionError] = []
        self.seen = self.bench.engine.view.seq
        self.watch_listeners()

    @property
    def inner(self) -> Journal:
        return self.bench.journal.inner

    def durable(self) -> int:
        log = self.inner.read(0, ALL)
        return log[-1].seq if log else 0

    def nothing_is_seen_yet(self, _batch: Batch) -> None:
        """Called while a batch is on its way to the disk."""
        assert self.bench.engine.view.seq <= self.durable()

    def watch_listeners(self) -> None:
        def hear(committed: Committed) -> None:
            assert committed.view.seq <= self.durable()
            assert not committed.events or committed.events[-1].seq == committed.view.seq
            assert committed.view is self.bench.engine.view

        self.bench.engine.subscribe(lambda committed: self.noting(lambda: hear(committed)))

    def noting(self, check: Callable[[], None]) -> None:
        """The engine goes on whatever its listeners raise, so what they find is told at the end of the turn."""
        try:
            check()
        except AssertionError as error:
            self.found.append(error)

    def is_no_news(self, answer: Answer) -> bool:
        """While storage fails, a command gets the answer that it had, or none."""
        return reply_of(answer).get("error", {}).get("code") == "unavailable" or answer.payload == self.first.get(
            answer.command
        )

    def told(self, answer: Answer) -> None:
        self.noting(lambda: self.check(answer))

    def check(self, answer: Answer) -> None:
        """An answer goes out: it is durable, and it is the first one again."""
        reply = reply_of(answer)
        self.answers.append(answer)
        code = reply.get("error", {}).get("code")
        owner = self.commands[answer.command][1].name
        if code == "unavailable" or answer.sender != owner:
            assert code in {"unavailable", "not_allowed"}
            return
        assert self.inner.answers([answer.command])[answer.command] == answer
        assert reply.get("seq", 0) <= self.durable()
        if answer.command not in self.printed:
            assert self.first.setdefault(answer.command, answer.payload) == answer.payload

    def turn(self, asked: Sequence[tuple[c.Command, Sender]], fault: str | None) -> None:
        bench, before = self.bench, self.inner.read(0, ALL)
        self.answers: list[Answer] = []
        self.found = []
        bench.journal.fault = fault
        bench.is_back()
        self.complained = self.complained or fault == "complain"
        crashed = False
        try:
            bench.engine._turn([Asked(command, sender, self.told) for command, sender in asked])
        except Crash:
            crashed = True
            assert self.answers == []
            self.restart()
        if not crashed:
            assert [answer.command for answer in self.answers] == [command.id for command, _ in asked]
        failed = bench.journal.fault is None and fault in {"refuse", "crash before"}
        if failed and not crashed:
            assert self.inner.read(0, ALL) == before
            assert all(self.is_no_news(answer) for answer in self.answers)
        bench.journal.fault = None
        assert self.found == []

    @rule(kinds=st.lists(_command, min_size=1, max_size=5), fault=FAULTS)
    def ask(self, kinds: list[str], fault: str | None) -> None:
        batch = []
        for kind in kinds:
            command = _made(kind, len(self.commands))
            self.commands[command.id] = (command, KIOSK if kind == "join" else HOUSE)
            batch.append(self.commands[command.id])
        self.turn(batch, fault)

    @precondition(lambda self: self.commands)
    @rule(picks=st.lists(st.integers(0, 1000), min_size=1, max_size=4), fault=FAULTS, twice=st.booleans())
    def ask_again(self, picks: list[int], fault: str | None, twice: bool) -> None:
        known = list(self.commands.values())
        batch = [known[pick % len(known)] for pick in picks]
        self.turn(batch * (1 + twice), fault)

    @precondition(lambda self: self.first)
    @rule(pick=st.integers(0, 1000))
    def a_stranger_uses_an_id(self, pick: int) -> None:
        command = self.commands[list(self.first)[pick % len(self.first)]][0]
        before = self.durable()
        self.bench.is_back()
        (answer,) = self.bench.turn((command, STRANGER))
        assert reply_of(answer)["error"]["code"] == "not_allowed"
        assert [r for r in self.inner.read(before, ALL) if r.command == command.id] == []

    @precondition(lambda self: self.commands)
    @rule(pick=st.integers(0, 1000), fault=FAULTS)
    def hand_in_the_paper(self, pick: int, fault: str | None) -> None:
        command, sender = list(self.commands.values())[pick % len(self.commands)]
        if not isinstance(command, c.Join) or command.id in self.printed:
            return
        self.printed.add(command.id)
        paper = command.model_copy(update={"number": f"AX{len(self.printed):02d}", "joined_at": self.bench.now()})
        self.commands[command.id] = (paper, sender)
        self.turn([(paper, sender)], fault)

    @rule(seconds=st.integers(0, 4000), set_by=JUMPS, fault=FAULTS)
    def time_passes(self, seconds: int, set_by: int, fault: str | None) -> None:
        self.bench.watch.passes(seconds)
        self.bench.watch.set_by(set_by)
        self.turn([], fault)

    @rule()
    def restart(self) -> None:
        self.bench.restart()
        self.watch_listeners()
        self.complained = False

    @invariant()
    def the_log_has_no_gap_and_doubles_nothing(self) -> None:
        log = self.inner.read(0, ALL)
        assert [recorded.seq for recorded in log] == list(range(1, len(log) + 1))
        assert len({recorded.id for recorded in log}) == len(log)
        assert all(earlier.steady <= later.steady for earlier, later in pairwise(log))
        tickets: dict[str, str] = {}
        numbers: Tally[tuple[str, str]] = Tally()
        joined: Tally[str | None] = Tally()
        for recorded in log:
            if isinstance(recorded.event, TicketJoined):
                tickets[recorded.event.ticket] = recorded.event.day
                joined[recorded.command] += 1
            if isinstance(recorded.event, TicketJoined | TicketRenumbered):
                numbers[tickets[recorded.event.ticket], recorded.event.number] += 1
        assert not [number for number, times in numbers.items() if times > 1]
        assert not [command for command, times in joined.items() if times > 1], "one command makes one ticket"

    @invariant()
    def an_answered_command_is_kept(self) -> None:
        kept = self.inner.answers(list(self.first))
        assert set(kept) == set(self.first)

    @invariant()
    def the_view_goes_forward_and_shows_the_log(self) -> None:
        seq = self.bench.engine.view.seq
        assert seq >= self.seen
        self.seen = seq

    @invariant()
    def memory_is_the_fold_of_the_log(self) -> None:
        state = self.bench.engine._state
        if state is not None:
            assert recover(self.inner) == state
            assert self.bench.engine.view.seq == state.seq or self.complained


def test_crashes_and_failures_lose_nothing_answered_and_double_nothing(new_journal: Opening) -> None:
    class Machine(EngineMachine):
        def __init__(self) -> None:
            super().__init__(new_journal())

    share = 3 if isinstance(new_journal(), SqlJournal) else 1
    run_state_machine_as_test(Machine, settings=settings(max_examples=settings().max_examples // share))
