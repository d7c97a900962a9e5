"""One counter, played: it opens, calls, serves, parks and hands on, rests while nobody waits, and closes."""

from collections.abc import Callable
from enum import StrEnum

from pydantic import ValidationError

from foleni.messages.replies import Code, Reply
from foleni.messages.state import InHand
from foleni.sim.asking import Voice
from foleni.sim.crowd import Crowd, Visit
from foleni.sim.plan import Detour

TIDY_S = 5.0
NOTICE_S = 3.0
PATIENCE_S = 45.0
LOOK_AGAIN_S = 180.0
TROUBLE_S = 10.0


class DeskState(StrEnum):
    CLOSED = "closed"
    BUSY = "busy"
    RESTING = "resting"


class Desk:
    """`services` is empty where the branch did not tell what the counter serves."""

    def __init__(self, crowd: Crowd, counter: str, voice: Voice, services: frozenset[str]) -> None:
        self.state = DeskState.CLOSED
        self.at_s = 0.0
        self.services = services
        self.parked: list[tuple[float, Visit]] = []
        self._crowd = crowd
        self._counter = counter
        self._voice = voice
        self._visit: Visit | None = None
        self._turn = 0
        self._asked_change = -1
        self._seen_change = -1

    @property
    def is_done(self) -> bool:
        """Whether it rests, has nobody parked, and knows that nobody waits."""
        return self.state is DeskState.RESTING and not self.parked and self.is_up_to_date

    @property
    def is_up_to_date(self) -> bool:
        """Whether nothing came to wait since it last found nobody."""
        return self._seen_change == self._crowd.changes

    def open(self, at_s: float) -> None:
        self.at_s, self.state = at_s, DeskState.BUSY
        self._ask("open_counter", self._opened)

    def wake(self, at_s: float) -> None:
        """Somebody may wait: call, after the moment that it takes to notice."""
        self.state = DeskState.BUSY
        self.at_s = max(self.at_s, at_s)
        self._later(NOTICE_S, self._call)

    def close(self) -> None:
        """Complete what is in hand, and close."""
        if self.state is DeskState.CLOSED:
            return
        self.state = DeskState.CLOSED
        if self._visit is not None:
            self._crowd.leave_hand(self._visit.ticket)
            self._ask("complete", self._completed_last)
        else:
            self._ask("close_counter", lambda _reply: None)

    def _opened(self, reply: Reply | None) -> None:
        if reply is None:
            self._later(TROUBLE_S, lambda: self.open(self.at_s))
        else:
            self._call()

    def _call(self) -> None:
        due = [place for place, (back_s, _) in enumerate(self.parked) if back_s <= self.at_s]
        if due:
            _, visit = self.parked.pop(due[0])
            self._ask("unpark", self._called, ticket=visit.ticket)
        else:
            self._asked_change = self._crowd.changes
            self._ask("call_next", self._called)

    def _called(self, reply: Reply | None) -> None:
        if reply is None:
            self._later(TROUBLE_S, self._recover)
        elif reply.ok:
            self._take((reply.result or {}).get("in_hand"))
        elif reply.error is not None and reply.error.code is Code.NOTHING_WAITING:
            self._seen_change = self._asked_change
            self._rest()
        elif reply.error is not None and reply.error.code is Code.COUNTER_CLOSED:
            self._later(TROUBLE_S, lambda: self.open(self.at_s))
        else:
            self._later(TROUBLE_S, self._call)

    def _recover(self) -> None:
        """Go by what the branch shows, after a press that nobody answered."""
        state = self._crowd.states.get(self._counter)
        if state is not None and state.in_hand is not None:
            self._serve(self._crowd.called(state.in_hand, self._counter, self.at_s))
        else:
            self._call()

    def _rest(self) -> None:
        self.state = DeskState.RESTING
        if self.is_done and self._crowd.to_come == 0:
            return
        back_s = min((back_s for back_s, _ in self.parked), default=float("inf"))
        self._later(max(TIDY_S, min(LOOK_AGAIN_S, back_s - self.at_s)), self._look)

    def _look(self) -> None:
        self.state = DeskState.BUSY
        self._call()

    def _take(self, shown: object) -> None:
        try:
            in_hand = InHand.model_validate(shown)
        except ValidationError:
            self._crowd.tally.contradict(f"a call without a valid in_hand at {self._counter}: {shown}")
            self._later(TROUBLE_S, self._call)
            return
        self._serve(self._crowd.called(in_hand, self._counter, self.at_s))

    def _serve(self, visit: Visit) -> None:
        self._visit = visit
        if visit.customer.no_show:
            missing = "skip" if visit.calls == 1 else "no_show"
            self._later(PATIENCE_S, lambda: self._ask(missing, self._missed))
        else:
            self._later(visit.customer.walk_s, lambda: self._ask("start", self._started))

    def _missed(self, reply: Reply | None) -> None:
        visit = self._let_go()
        if visit is not None and reply is not None and reply.ok:
            self._crowd.tally.no_shows += visit.calls > 1
            self._crowd.changes += 1
        self._next(reply)

    def _started(self, reply: Reply | None) -> None:
        visit = self._visit
        if visit is None or reply is None or not reply.ok:
            self._let_go()
            self._next(reply)
        elif visit.customer.detour is Detour.NONE or visit.detoured:
            self._later(visit.customer.service_s, self._complete)
        else:
            visit.detoured = True
            self._later(visit.customer.service_s / 3, self._detour)

    def _detour(self) -> None:
        visit = self._visit
        if visit is None:
            self._call()
        elif visit.customer.detour is Detour.PARK:
            self._crowd.leave_hand(visit.ticket)
            self._ask("park", self._parked)
        else:
            self._crowd.leave_hand(visit.ticket)
            self._ask("transfer", self._transferred, ticket=visit.ticket, to_service=visit.customer.transfer_to)

    def _parked(self, reply: Reply | None) -> None:
        visit = self._let_go()
        if visit is not None and reply is not None and reply.ok:
            self.parked.append((self.at_s + visit.customer.away_s, visit))
        self._next(reply)

    def _transferred(self, reply: Reply | None) -> None:
        visit = self._let_go()
        if visit is not None and reply is not None and reply.ok:
            self._crowd.offer(visit.customer.transfer_to, self.at_s)
        self._next(reply)

    def _complete(self) -> None:
        if self._visit is not None:
            self._crowd.leave_hand(self._visit.ticket)
        self._ask("complete", self._completed)

    def _completed(self, reply: Reply | None) -> None:
        self._let_go()
        self._crowd.tally.completed += reply is not None and reply.ok
        self._next(reply)

    def _completed_last(self, reply: Reply | None) -> None:
        self._crowd.tally.completed += reply is not None and reply.ok
        self._ask("close_counter", lambda _reply: None)

    def _next(self, reply: Reply | None) -> None:
        self._later(TIDY_S if reply is not None else TROUBLE_S, self._call if reply is not None else self._recover)

    def _let_go(self) -> Visit | None:
        visit, self._visit = self._visit, None
        if visit is not None:
            self._crowd.leave_hand(visit.ticket)
        return visit

    def _ask(self, command: str, then: Callable[[Reply | None], None], **fields: str) -> None:
        """Ask; the answer counts only if the desk has not turned to something else since."""
        self._turn += 1
        turn = self._turn

        def answered(reply: Reply | None) -> None:
            if turn == self._turn:
                self.at_s = self._crowd.agenda.answered_s(self.at_s)
                then(reply)

        who = {} if command == "transfer" else {"counter": self._counter}
        self._crowd.asking.ask(self._voice, self.at_s, {"type": command, **who, **fields}, answered)

    def _later(self, delay_s: float, then: Callable[[], None]) -> None:
        """Do something later, unless the desk has turned to something else by then."""
        self._turn += 1
        turn = self._turn

        def due(at_s: float) -> None:
            if turn == self._turn:
                self.at_s = at_s
                then()

        self._crowd.agenda.at(self.at_s + delay_s, due)
