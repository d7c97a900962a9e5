"""A ticket as its customer sees it, in finished words: where it stands, and what there is to do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from branch_server.domain.events import Recorded, TicketRated
from branch_server.domain.state import State
from branch_server.domain.tickets import Status, Ticket
from branch_server.domain.waits import Wait
from branch_server.web.public.board import ROOM
from foleni.messages.setup import ServiceState
from foleni.words import Words, pick, time_of_day, wait_short, words


@dataclass(frozen=True, slots=True)
class Face:
    """What a ticket page shows. `tone` is its colour: `calm`, `called` or `paper`; `call` changes with each call, and is empty
    where nobody is called. `tiles` are figures with their words. While it `waits` a call may come; once it `is_over` none can.
    """

    number: str
    service: str
    tone: str
    sentence: str
    detail: str = ""
    title: str = ""
    call: str = ""
    counter: str = ""
    tiles: tuple[tuple[str, str], ...] = ()
    can_cancel: bool = False
    can_rate: bool = False
    stars: int = 0
    text: str = ""
    waits: bool = False
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What is true of a ticket now. `wait` is None where it is not in a queue."""

    ticket: Ticket
    state: State
    ahead: int = 0
    wait: Wait | None = None
    story: Sequence[Recorded] = field(default=())


def face_of(standing: Standing, language: str) -> Face:
    """The page of a ticket of today."""
    return _FACES[standing.ticket.status](standing, words(ROOM, language))


def _service(standing: Standing, say: Words) -> str:
    queue = standing.state.queues.get(standing.ticket.service)
    return pick(queue.service.name, say.language, _default(standing)) if queue is not None else ""


def _default(standing: Standing) -> str:
    branch = standing.state.branch
    return branch.languages[0] if branch is not None else "en"


def _clock(standing: Standing, at: int, say: Words) -> str:
    branch = standing.state.branch
    return time_of_day(at, branch.time_zone if branch is not None else "UTC", say.language)


def _waiting(standing: Standing, say: Words) -> Face:
    ticket, service = standing.ticket, _service(standing, say)
    if ticket.rank_at is None and ticket.appointment is not None:
        sentence = say("Your appointment is at {time}.", time=_clock(standing, ticket.appointment, say))
        detail = say("Please check in at the kiosk or at the reception when you are here.")
        return Face(ticket.number, service, "paper", sentence, detail, ticket.number, can_cancel=True, waits=True)
    is_next = standing.ahead == 0
    sentence = say("You are next. Please stay near.") if is_next else say("Please wait. We call this number.")
    tiles = [(str(standing.ahead), say.n("person ahead", "people ahead", standing.ahead))]
    if standing.wait is not None:
        tiles.append(_wait_tile(standing.wait, say))
    title = f"{ticket.number} · {say.n('{count} ahead', '{count} ahead', standing.ahead)}"
    detail = _hindrance(standing, say, service)
    if ticket.skips and not detail:
        detail = say("You were called and did not come. You are called once more.")
    return Face(
        ticket.number, service, "calm", sentence, detail, title, tiles=tuple(tiles), can_cancel=True, waits=True
    )  # fmt: skip


def _wait_tile(wait: Wait, say: Words) -> tuple[str, str]:
    likely, most = wait_short(say.language, wait.p50_s), wait_short(say.language, wait.p90_s)
    return (likely, say("at most {wait}", wait=most) if most != likely else say("expected wait"))


def _hindrance(standing: Standing, say: Words, service: str) -> str:
    """Why nobody is called now, where the service rests."""
    queue = standing.state.queues.get(standing.ticket.service)
    if queue is None or queue.state is ServiceState.OPEN:
        return ""
    if queue.reopens_at is not None and queue.reopens_at > standing.state.steady:
        back = _clock(standing, queue.reopens_at, say)
        return say("{service} rests until {time}. Your place is kept.", service=service, time=back)
    return say("{service} rests for a while. Your place is kept.", service=service)


def _counter(standing: Standing) -> str:
    desk = standing.state.desks.get(standing.ticket.counter or "")
    return desk.counter.label if desk is not None else ""


def _called(standing: Standing, say: Words) -> Face:
    ticket, counter = standing.ticket, _counter(standing)
    return Face(
        ticket.number, _service(standing, say), "called", say("Please go to counter {counter} now.", counter=counter),
        title=say("{number}: counter {counter}", number=ticket.number, counter=counter), counter=counter,
        call=f"{ticket.counter}-{ticket.calls}-{ticket.called_at}",
    )  # fmt: skip


def _serving(standing: Standing, say: Words) -> Face:
    ticket, counter = standing.ticket, _counter(standing)
    return Face(
        ticket.number, _service(standing, say), "paper", say("You are served at counter {counter}.", counter=counter),
        title=ticket.number, counter=counter,
    )  # fmt: skip


def _parked(standing: Standing, say: Words) -> Face:
    ticket = standing.ticket
    sentence = say("On hold: {reason}", reason=ticket.reason) if ticket.reason else say("Your ticket is on hold.")
    detail = say("Your place is kept. Please stay near: we call this number again.")
    return Face(ticket.number, _service(standing, say), "paper", sentence, detail, ticket.number, waits=True)


def _completed(standing: Standing, say: Words) -> Face:
    ticket = standing.ticket
    rated = next((told.event for told in reversed(standing.story) if isinstance(told.event, TicketRated)), None)
    stars = rated.stars if rated is not None else ticket.stars or 0
    detail = say("We have your answer. You can still change it today.") if stars else say("How was it? Your answer helps us.")
    return Face(
        ticket.number, _service(standing, say), "paper", say("Thank you for your visit."), detail, ticket.number,
        can_rate=True, stars=stars, text=rated.text if rated is not None else "", is_over=True,
    )  # fmt: skip


def _no_show(standing: Standing, say: Words) -> Face:
    detail = say("Are you still here? Please tell our staff, or take a new ticket.")
    return _over(standing, say, say("We called this number and nobody came."), detail)


def _cancelled(standing: Standing, say: Words) -> Face:
    return _over(standing, say, say("This place was given up."), say("Do you need us after all? Please take a new ticket."))


def _expired(standing: Standing, say: Words) -> Face:
    detail = say("We are sorry that it was not your turn. Please take a new ticket when we are open.")
    return _over(standing, say, say("The day is over, and this ticket with it."), detail)


def _over(standing: Standing, say: Words, sentence: str, detail: str) -> Face:
    number = standing.ticket.number
    return Face(number, _service(standing, say), "paper", sentence, detail, number, is_over=True)


_FACES: dict[Status, Callable[[Standing, Words], Face]] = {
    Status.WAITING: _waiting, Status.CALLED: _called, Status.SERVING: _serving, Status.PARKED: _parked,
    Status.COMPLETED: _completed, Status.NO_SHOW: _no_show, Status.CANCELLED: _cancelled, Status.EXPIRED: _expired,
}  # fmt: skip
