"""The verb `expect`: waits until something is so, and says what is so instead where it does not come."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from foleni.demo.camera import CameraError
from foleni.demo.fingers import FingerError, wait_for
from foleni.demo.house import TV, House
from foleni.demo.reading import read_calls, read_light
from foleni.demo.staff import desk_of
from foleni.demo.words import Action, Verb, WordsError, WrongError, exactly, number

PATIENCE_S = 20.0
_LIGHTS = {True: "green", False: "red", None: "not to be seen"}


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen, and whether that is what was expected."""

    holds: bool
    seen: str


Check = Callable[[House], Look]


def _board(words: Sequence[str]) -> Check:
    ticket, counter = exactly(words, "number", "counter")

    def check(house: House) -> Look:
        board = desk_of(house).board
        calls = [(call.number, call.counter_label) for call in board.calls] if board else []
        return Look((ticket, counter) in calls, f"the board has {_pairs(calls)}")

    return check


def _recalled(words: Sequence[str]) -> Check:
    (ticket,) = exactly(words, "number")

    def check(house: House) -> Look:
        board = desk_of(house).board
        times = next((call.call for call in board.calls if call.number == ticket), 0) if board else 0
        return Look(times > 1, f"{ticket} was called {times} times")

    return check


def _tv(words: Sequence[str]) -> Check:
    ticket, counter = exactly(words, "number", "counter")

    def check(house: House) -> Look:
        calls = _calls_seen(house)
        return Look((ticket, counter) in calls, f"on the TV stands {_pairs(calls)}")

    return check


def _calls(words: Sequence[str]) -> Check:
    (written,) = exactly(words, "number of calls")
    count = int(number(written, "number of calls"))

    def check(house: House) -> Look:
        calls = _calls_seen(house)
        return Look(len(calls) == count, f"on the TV stand {len(calls)} calls: {_pairs(calls)}")

    return check


def _calls_seen(house: House) -> list[tuple[str, str]]:
    try:
        return read_calls(house.seen(TV))
    except (CameraError, FingerError) as error:
        raise WrongError(str(error)) from error


def _live(words: Sequence[str], *, live: bool) -> Check:
    exactly(words)

    def check(house: House) -> Look:
        try:
            light = read_light(house.seen(TV))
        except (CameraError, FingerError) as error:
            raise WrongError(str(error)) from error
        return Look(light is live, f"the light of the TV is {_LIGHTS[light]}")

    return check


def _not(words: Sequence[str]) -> Check:
    exactly(words, "word live")
    if words[0] != "live":
        raise WordsError(f"'not {words[0]}' is not known")
    return _live((), live=False)


def _spoken(words: Sequence[str]) -> Check:
    if not words:
        raise WordsError("the numbers are missing")

    def check(house: House) -> Look:
        spoken = house.spoken()
        return Look(_in_order(list(words), spoken), f"spoken were {', '.join(spoken) or 'none'}")

    return check


def _in_order(wanted: list[str], spoken: list[str]) -> bool:
    """Whether `wanted` came one right after the other."""
    return any(spoken[at : at + len(wanted)] == wanted for at in range(len(spoken) - len(wanted) + 1))


def _paper(words: Sequence[str]) -> Check:
    (ticket,) = exactly(words, "number")

    def check(house: House) -> Look:
        tickets = house.paper.tickets() if house.paper is not None else []
        numbers = [each.number for each in tickets]
        return Look(numbers.count(ticket) == 1, f"the printed numbers are {', '.join(numbers) or 'none'}")

    return check


def _papers(words: Sequence[str]) -> Check:
    (written,) = exactly(words, "number of tickets")
    count = int(number(written, "number of tickets"))

    def check(house: House) -> Look:
        tickets = house.paper.tickets() if house.paper is not None else []
        return Look(len(tickets) == count, f"{len(tickets)} tickets came out")

    return check


def _kiosk(words: Sequence[str]) -> Check:
    """A page by its name; or `number A001`, `paper printed`, `language fr`, `band` for trouble told, `calm` for none."""
    if not words or len(words) > 2:
        raise WordsError("a page of the kiosk, or number and paper with their value, or band, or calm are needed")
    what, value = words[0], words[1] if len(words) == 2 else ""

    def check(house: House) -> Look:
        page = house.shown()
        name, body, band = page.get("page", "nothing"), page.get("body", {}), page.get("band")
        match what:
            case "language":
                return Look(page.get("language") == value, f"the kiosk speaks {page.get('language')}")
            case "number" | "paper":
                told = str(body.get(what))
                return Look(told == value, f"the kiosk shows {name} with {what} {told}")
            case "band":
                return Look(bool(band), f"the kiosk tells of {band or 'no trouble'}")
            case "calm":
                return Look(not band, f"the kiosk tells of {band or 'no trouble'}")
        return Look(name == what, f"the kiosk shows {name}")

    return check


def _unit(words: Sequence[str]) -> Check:
    counter, text = exactly(words, "counter", "text on its display")

    def check(house: House) -> Look:
        pad = house.pads.get(counter)
        shows = pad.shows() if pad is not None else "no unit"
        return Look(text in shows.split(), f"the unit of counter {counter} shows {shows or 'nothing'}")

    return check


def _waiting(words: Sequence[str]) -> Check:
    service, written = exactly(words, "service", "number of people")
    count = int(number(written, "number of people", most=9999))

    def check(house: House) -> Look:
        services = desk_of(house).services
        found = next((each.waiting for each in services.services if each.id == service), None) if services else None
        return Look(found == count, f"{found} wait for {service}")

    return check


def _next(words: Sequence[str]) -> Check:
    (ticket,) = exactly(words, "number")

    def check(house: House) -> Look:
        board = desk_of(house).board
        numbers = [each for row in board.next for each in row.numbers] if board else []
        return Look(ticket in numbers, f"next are {', '.join(numbers) or 'nobody'}")

    return check


def _printer(words: Sequence[str]) -> Check:
    (state,) = exactly(words, "state of the printer")

    def check(house: House) -> Look:
        status = desk_of(house).device("kiosk-1")
        told = status.printer.state if status is not None and status.printer is not None else "nothing"
        return Look(told == state, f"the kiosk says of its printer: {told}")

    return check


_CHECKS: dict[str, tuple[Callable[[Sequence[str]], Check], str]] = {
    "board": (_board, "expect board A001 1"),
    "recalled": (_recalled, "expect recalled A001"),
    "tv": (_tv, "expect tv A001 1"),
    "calls": (_calls, "expect calls 12"),
    "live": (lambda words: _live(words, live=True), "expect live"),
    "not": (_not, "expect not live"),
    "spoken": (_spoken, "expect spoken A001 B001"),
    "paper": (_paper, "expect paper A001"),
    "papers": (_papers, "expect papers 3"),
    "kiosk": (_kiosk, "expect kiosk ShowTicket"),
    "unit": (_unit, "expect unit 1 A001"),
    "waiting": (_waiting, "expect waiting cash 3"),
    "next": (_next, "expect next AX01"),
    "printer": (_printer, "expect printer paper_out"),
}


def _expect(words: Sequence[str]) -> Action:
    rest, patience_s = list(words), PATIENCE_S
    if len(rest) >= 2 and rest[-2] == "within":
        patience_s = number(rest[-1], "number of seconds")
        rest = rest[:-2]
    if not rest or rest[0] not in _CHECKS:
        raise WordsError(f"what is expected must be one of {', '.join(_CHECKS)}")
    read, example = _CHECKS[rest[0]]
    try:
        check = read(rest[1:])
    except WordsError as error:
        raise WordsError(f"{error} ({example})") from error

    def act(house: House) -> str:
        if wait_for(lambda: check(house).holds, patience_s):
            return f"so it is: {check(house).seen}"
        raise WrongError(f"{check(house).seen} after {patience_s:g} s")

    return act


def _pairs(calls: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{ticket} at {counter}" for ticket, counter in calls) or "no call"


VERBS = (
    Verb(
        "expect",
        "expect WHAT … [within SECONDS]",
        f"wait until it is so: {', '.join(_CHECKS)}",
        "expect board A001 1",
        _expect,
    ),
)
