"""A ticket as its customer sees it, in finished words. `static/face.js` says the same from the same view, word by word."""

from collections.abc import Callable
from dataclasses import dataclass

from cloud.queues.view import TicketView
from foleni.times import SECOND_US, Instant
from foleni.words import Words, day_and_time, time_of_day, wait_short


@dataclass(frozen=True, slots=True)
class Names:
    """What a ticket's view only names: the words for people, in the page's language."""

    branch: str
    services: dict[str, str]
    zone: str


@dataclass(frozen=True, slots=True)
class Face:
    """`tone` is the page's colour: `calm`, `called` or `paper`. `call` changes with each call, and is empty where nobody is
    called. `tiles` are figures with their words. Who `may_leave` is told when to. While it `waits` a call may come; once it
    `is_over` none can.
    """

    number: str
    service: str
    tone: str
    sentence: str
    detail: str = ""
    counter: str = ""
    call: str = ""
    tiles: tuple[tuple[str, str], ...] = ()
    live: str = ""
    is_live: bool = True
    can_cancel: bool = False
    can_check_in: bool = False
    can_rate: bool = False
    may_leave: bool = False
    waits: bool = False
    is_over: bool = False

    @property
    def title(self) -> str:
        return f"{self.number} · {self.counter or self.service}"


@dataclass(frozen=True, slots=True)
class Sight:
    """What a face is drawn from."""

    view: TicketView
    names: Names
    now: Instant
    say: Words


def face_of(view: TicketView, names: Names, now: Instant, say: Words) -> Face:
    """The ticket's page now."""
    draw = _cancelled if view.cancel_wanted and view.status in {"asked", "waiting"} else _FACES.get(view.status, _asked)
    return draw(Sight(view, names, now, say))


def heard_phrase(heard_at: Instant | None, now: Instant, say: Words) -> str:
    """How old our picture of a branch is that is not connected."""
    if heard_at is None:
        return say("This branch is not connected.")
    ago = wait_short(say.language, max(60, (now - heard_at) // SECOND_US))
    return say("Last heard from the branch {wait} ago", wait=ago)


def _face(sight: Sight, tone: str, sentence: str, **more: object) -> Face:
    view, say = sight.view, sight.say
    live = ""
    if not more.get("is_over"):
        live = say("Live") if view.live else heard_phrase(view.heard_at, sight.now, say)
    service = sight.names.services.get(view.service, "")
    return Face(view.number or "…", service, tone, sentence, live=live, is_live=view.live, **more)  # type: ignore[arg-type]


def _when(sight: Sight, at: Instant) -> str:
    """The time of day; with its date where that is another one than today's at the branch."""
    whole = day_and_time(at, sight.names.zone, sight.say.language)
    today = day_and_time(sight.now, sight.names.zone, sight.say.language)
    is_today = whole.split(" · ")[0] == today.split(" · ")[0]
    return time_of_day(at, sight.names.zone, sight.say.language) if is_today else whole


def _asked(sight: Sight) -> Face:
    detail = sight.say("This takes a few seconds. Please keep this page open.")
    return _face(sight, "calm", sight.say("We are asking the branch for your number."), detail=detail, waits=True)


def _waiting(sight: Sight) -> Face:
    view, say = sight.view, sight.say
    if view.appointment is not None and view.checked_in_at is None:
        sentence = say("Your appointment is at {time}.", time=_when(sight, view.appointment))
        detail = say("Please say “I am here” when you arrive.")
        return _face(sight, "calm", sentence, detail=detail, can_cancel=True, can_check_in=not view.provisional, waits=True)
    ahead = view.ahead or 0
    sentence = say("You are next. Please stay near.") if ahead == 0 else say("Please wait. We call this number.")
    return _face(
        sight, "calm", sentence, detail=_detail(sight), tiles=_tiles(sight, ahead), can_cancel=True,
        can_check_in=view.checked_in_at is None and not view.provisional,
        may_leave=view.checked_in_at is None, waits=True,
    )  # fmt: skip


def _detail(sight: Sight) -> str:
    view, say = sight.view, sight.say
    if view.provisional and not view.live:
        return say("The branch is not connected now. Your place is kept, and your number is good.")
    if view.skips:
        return say("You were called and did not come. You are called once more.")
    return say("We know that you are here.") if view.checked_in_at is not None else ""


def _tiles(sight: Sight, ahead: int) -> tuple[tuple[str, str], ...]:
    view, say = sight.view, sight.say
    tiles = [(str(ahead), say.n("person ahead", "people ahead", ahead))]
    if view.wait_p50_s is not None:
        likely = wait_short(say.language, view.wait_p50_s)
        most = wait_short(say.language, view.wait_p90_s) if view.wait_p90_s is not None else likely
        tiles.append((likely, say("at most {wait}", wait=most) if most != likely else say("expected wait")))
    return tuple(tiles)


def _called(sight: Sight) -> Face:
    view, say = sight.view, sight.say
    counter = view.counter_label or view.counter or ""
    return _face(
        sight, "called", say("Please go to counter {counter} now.", counter=counter), counter=counter,
        call=f"{counter} {view.calls}", waits=True,
    )  # fmt: skip


def _serving(sight: Sight) -> Face:
    counter = sight.view.counter_label or sight.view.counter or ""
    return _face(sight, "paper", sight.say("You are served at counter {counter}.", counter=counter), waits=True)


def _parked(sight: Sight) -> Face:
    detail = sight.say("Your place is kept. Please stay near: we call this number again.")
    return _face(sight, "paper", sight.say("Your ticket is on hold."), detail=detail, waits=True)


def _completed(sight: Sight) -> Face:
    say = sight.say
    detail = say("We have your answer. You can still change it today.") if sight.view.stars else ""
    return _face(sight, "paper", say("Thank you for your visit."), detail=detail, can_rate=True, is_over=True)


def _no_show(sight: Sight) -> Face:
    detail = sight.say("Are you still here? Please tell our staff, or take a new ticket.")
    return _face(sight, "paper", sight.say("We called this number and nobody came."), detail=detail, is_over=True)


def _cancelled(sight: Sight) -> Face:
    return _face(sight, "paper", sight.say("This place was given up."), is_over=True)


def _expired(sight: Sight) -> Face:
    detail = sight.say("We are sorry that it was not your turn. Please take a new ticket when we are open.")
    return _face(sight, "paper", sight.say("The day is over, and this ticket with it."), detail=detail, is_over=True)


def _refused(sight: Sight) -> Face:
    detail = sight.say("Please take a new ticket, or ask our staff. We are sorry.")
    return _face(sight, "paper", sight.say("The branch could not take this ticket."), detail=detail, is_over=True)


_FACES: dict[str, Callable[[Sight], Face]] = {
    "asked": _asked, "waiting": _waiting, "called": _called, "serving": _serving, "parked": _parked, "completed": _completed,
    "no_show": _no_show, "cancelled": _cancelled, "expired": _expired, "refused": _refused,
}  # fmt: skip
