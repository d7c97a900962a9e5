"""One request of a gateway, from what came to the screen that goes back: within two seconds, and the same thing only once."""

import asyncio
import logging
from dataclasses import dataclass, replace

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from cloud.queues import acting, joining
from cloud.queues.joining import AlreadyQueuedError, Wish
from cloud.queues.view import TicketView
from cloud.site import Site
from cloud.ussd import facts, machine
from cloud.ussd.facts import Caller
from cloud.ussd.gateways import Inbound
from cloud.ussd.sessions import Doing, Record, load, save
from cloud.ussd.state import ACTS, Known, Screen, State, Step, Want, Wants
from cloud.ussd.trust import Gateway
from foleni.ids import uuid7
from foleni.times import SECOND_US, Instant
from foleni.web.errors import WebError
from foleni.web.limits import Buckets, Limit
from foleni.words import words

_log = logging.getLogger(__name__)

ANSWERED_WITHIN_S = 1.8
BRANCH_WITHIN_S = 1.2
_ROOM = "cloud.ussd"
_MOST_AT_ONCE = 200
_OF_PHONE = Limit(1.0, 30)
_MOST_QUESTIONS = 6
_REPEATED_WITHIN_US = SECOND_US
"""Nobody reads a screen and presses a key in less: the same again so soon was sent twice by the gateway."""


@dataclass(frozen=True, slots=True)
class _Heard:
    """Either a screen, or what has to be done before there is one."""

    screen: Screen | None = None
    doing: Doing | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True)
class _Outcome:
    """The ticket, or the code of the refusal and the ticket that stands in the way."""

    seen: TicketView | None = None
    refusal: str = ""


class Talk:
    """Answers the gateways. On the loop."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._open: set[asyncio.Task[Screen]] = set()
        self._phones = Buckets(_OF_PHONE)

    async def answer(self, inbound: Inbound, gateway: Gateway) -> Screen:
        """The next screen for `inbound.phone`, which is E.164. What takes too long is finished all the same."""
        if len(self._open) >= _MOST_AT_ONCE or self._phones.wait_s(inbound.phone):
            return busy(gateway.languages[0])
        task = asyncio.create_task(self._answered(inbound, gateway))
        self._open.add(task)
        task.add_done_callback(self._done)
        finished, _ = await asyncio.wait({task}, timeout=ANSWERED_WITHIN_S)
        if not finished or task.exception() is not None:
            return busy(gateway.languages[0])
        return task.result()

    def _done(self, task: "asyncio.Task[Screen]") -> None:
        self._open.discard(task)
        fault = None if task.cancelled() else task.exception()
        if isinstance(fault, DBAPIError):
            _log.warning("a dialogue failed: %s", fault.orig)  # its own text would tell the caller's number
        elif fault is not None:
            _log.error("a dialogue failed", exc_info=fault)

    async def _answered(self, inbound: Inbound, gateway: Gateway) -> Screen:
        for _ in range(_MOST_QUESTIONS):
            heard = await self._site.database.run(lambda c: _hear(c, inbound, gateway, self._caller(inbound)))
            if heard.doing is None:
                return heard.screen or busy()
            await self._do(heard.doing, self._caller(inbound), heard.language)
        raise RuntimeError("a dialogue does not come to an end")

    async def _do(self, doing: Doing, caller: Caller, language: str) -> None:
        outcome = await self._asked(doing, caller.phone, language)
        now = self._site.now()
        await self._site.database.run(lambda c: _settle(c, replace(caller, now=now), doing, outcome))

    def _caller(self, inbound: Inbound) -> Caller:
        return Caller(inbound.phone, "", self._site.now())

    async def _asked(self, doing: Doing, phone: str, language: str) -> _Outcome:
        wants = doing.wants
        try:
            if wants.want is Want.JOIN:
                wish = Wish(wants.branch, wants.value, "ussd", doing.user, phone, None, language, doing.command)
                return _Outcome(await joining.join(self._site, wish, within_s=BRANCH_WITHIN_S))
            if wants.want is Want.CANCEL:
                return _Outcome(await acting.cancel(self._site, wants.value, BRANCH_WITHIN_S))
            return _Outcome(await acting.check_in(self._site, wants.value, BRANCH_WITHIN_S))
        except AlreadyQueuedError as error:
            return _Outcome(error.ticket, error.code)
        except WebError as error:
            return _Outcome(refusal=error.code)


def busy(language: str = "en") -> Screen:
    return Screen(words(_ROOM, language)("Not possible now. Please dial again in a minute."), ends=True)


def _hear(c: Connection, inbound: Inbound, gateway: Gateway, caller: Caller) -> _Heard:
    """Takes in what came; what was heard before changes nothing."""
    record = load(c, inbound.phone, caller.now)
    user, language = facts.user_of(c, inbound.phone)
    state = record.state if record.state.language else replace(record.state, language=language)
    caller = replace(caller, language=state.language)
    if record.doing is not None and record.is_fresh(caller.now):
        return _Heard(doing=record.doing, language=state.language)
    if inbound.session in record.gone or inbound.ends:
        return _Heard(Screen(words(_ROOM, state.language or "en")("This is over. Please dial again."), ends=True))
    if _is_new(record, inbound, caller.now):
        heard, step = _begun(c, record, state, inbound, gateway, caller)
    elif _is_repeated(record, inbound, caller):
        return _Heard(record.answer)
    else:
        heard, step = _pressed(c, record, inbound, gateway, caller)
    after, shown = step
    if isinstance(shown, Screen):
        save(c, inbound.phone, replace(heard, state=after, answer=shown, doing=None), caller.now)
        return _Heard(shown)
    doing = Doing(shown, uuid7(), user)
    save(c, inbound.phone, replace(heard, state=after, doing=doing), caller.now)
    return _Heard(doing=doing, language=after.language)


def _begun(
    c: Connection, record: Record, state: State, inbound: Inbound, gateway: Gateway, caller: Caller
) -> tuple[Record, Step]:
    resumed = record.is_fresh(caller.now) and not record.has_ended and bool(record.session)
    known = state.code if resumed else ""
    first = inbound.typed[0] if inbound.is_whole and len(inbound.typed) == 1 else ""
    code = gateway.extension(inbound.dialled) or (first if first.isdecimal() else "")
    step = machine.begin(replace(state, code=code or known), gateway.languages, resumed=resumed)
    return record.followed_by(inbound.session, inbound.turn or 0), _told(c, step, caller)


def _pressed(c: Connection, record: Record, inbound: Inbound, gateway: Gateway, caller: Caller) -> tuple[Record, Step]:
    """What was not heard yet, in its order; a branch that has to be asked comes before the rest."""
    if not inbound.is_whole:
        turn = record.turn + 1 if inbound.turn is None else inbound.turn
        typed = "".join(inbound.typed)
        return replace(record, turn=turn, heard=typed), _told(c, machine.press(record.state, typed, gateway.languages), caller)
    step: Step = record.state, busy()
    for text in inbound.typed[record.turn :]:
        step = _told(c, machine.press(step[0], text, gateway.languages), caller)
        record = replace(record, turn=record.turn + 1, heard=text)
        if isinstance(step[1], Wants) or step[1].ends:
            break
    return record, step


def _told(c: Connection, step: Step, caller: Caller) -> Step:
    """The step with all that it wanted to know, as far as no branch has to be asked."""
    for _ in range(_MOST_QUESTIONS):
        state, wants = step
        if isinstance(wants, Screen) or wants.want in ACTS:
            return step
        language = state.language or caller.language
        step = machine.given(state, wants, facts.known(c, wants, replace(caller, language=language)))
    raise RuntimeError("a dialogue asks without an end")


def _settle(c: Connection, caller: Caller, doing: Doing, outcome: _Outcome) -> None:
    """Notes what came of it, once."""
    record = load(c, caller.phone, caller.now)
    if record.doing != doing:
        return
    caller = replace(caller, language=record.state.language)
    step = _told(c, machine.given(record.state, doing.wants, _known(c, caller, outcome)), caller)
    state, screen = step
    assert isinstance(screen, Screen)
    save(c, caller.phone, replace(record, state=state, answer=screen, doing=None), caller.now)


def _known(c: Connection, caller: Caller, outcome: _Outcome) -> Known:
    tickets = (facts.ticket(c, outcome.seen, caller.language),) if outcome.seen is not None else ()
    return Known(tickets=tickets, refusal=outcome.refusal)


def _is_new(record: Record, inbound: Inbound, now: Instant) -> bool:
    again = inbound.starts and (record.turn > (inbound.turn or 0) or not record.is_fresh(now))
    return record.session != inbound.session or again


def _is_repeated(record: Record, inbound: Inbound, caller: Caller) -> bool:
    """Whether it was answered before; after the end of a dialogue nothing new can come in it."""
    if record.has_ended or inbound.starts:
        return True
    if inbound.turn is not None:
        return inbound.turn <= record.turn
    return "".join(inbound.typed) == record.heard and caller.now - record.changed_at < _REPEATED_WITHIN_US
