"""The verbs of customers: they walk up to the kiosk, touch its keys and take a ticket."""

import time
from collections.abc import Sequence
from functools import partial
from typing import Any

from foleni.demo.desk import DeskError
from foleni.demo.fingers import FingerError, has_key, middle_of, wait_for
from foleni.demo.house import KIOSK, House
from foleni.demo.staff import desk_of
from foleni.demo.words import Action, Verb, WordsError, WrongError, exactly, one_of

KEY_S = 20.0
"""How long a tap waits for its key."""
_WALK_S = 60.0
_SETTLE_S = 0.35
_TICKET_SETTLE_S = 1.05
_TOUCHES = 3
_REACT_S = 2.0
_PAGE = ("page", "turn")
_CHANGES = {
    **dict.fromkeys(("begin", "service", "skip", "go", "back", "done"), _PAGE),
    **dict.fromkeys(("open_access", "open_languages", "close"), ("keys",)),
    "language": ("language",),
    **dict.fromkeys(("priority", "digit", "erase"), ("body",)),
}
"""What of a page shows that a key was felt; of every other key nothing is known, and nothing is waited for."""
_LEFT_BY_DONE = ("ShowTicket", "Refused", "StaffDesk")
_LANGUAGES = ("en", "fr", "rw", "ar", "hi", "gu", "pt", "sw")


def tap_key(house: House, key: str, value: str, times: int = 1) -> dict[str, Any]:
    """Touch a key of the kiosk as soon as it is there; the page on which it was. Raises `WrongError`."""
    if house.windows is None:
        raise WrongError("there is no kiosk to touch")
    page: dict[str, Any] | None = wait_for(partial(_page_with, house, key, value), KEY_S)
    if page is None:
        page = house.shown()
        there = [f"{each['key']} {each.get('value', '')}".strip() for each in page.get("keys", ())]
        wanted = f"{key} {value}".strip()
        raise WrongError(f"the kiosk shows {page.get('page', 'nothing')} without the key {wanted}; it has: {', '.join(there)}")
    _let_settle(house)
    try:
        place = house.place(KIOSK)
        if place is None:
            raise WrongError("the kiosk is not there")
        scale = place.width / page.get("size", [place.width])[0]
        x, y = middle_of(page, key, value)
        house.windows.touch(place.left + x * scale, place.top + y * scale, times)
    except FingerError as error:
        raise WrongError(str(error)) from error
    return page


def _page_with(house: House, key: str, value: str) -> dict[str, Any] | None:
    page = house.shown()
    return page if has_key(page, key, value) else None


def _let_settle(house: House) -> None:
    """Wait as long as a person needs to see a new page: the kiosk takes a touch right after a turn for a slip."""
    settle_s = _TICKET_SETTLE_S if house.shown().get("page") == "ShowTicket" else _SETTLE_S
    time.sleep(max(0.0, house.turned_at_s + settle_s - time.monotonic()))


def take_ticket(house: House, service: str, priority: str, language: str) -> str:
    """A customer's whole walk at the kiosk; the number on its screen. Raises `WrongError`."""
    chosen: set[str] = set()
    old = house.shown().get("turn") if house.shown().get("page") in _LEFT_BY_DONE else None
    deadline = time.monotonic() + _WALK_S
    while time.monotonic() < deadline:
        page = house.shown()
        if page.get("page") == "ShowTicket" and page.get("turn") != old:
            return str(page["body"]["number"])
        if page.get("page") in {"Refused", "OutOfOrder"} and page.get("turn") != old:
            raise WrongError(f"the kiosk says no: {page['body'].get('headline')} {page['body'].get('text')}")
        try:
            _next_step(house, page, chosen, (service, priority, language))
        except WrongError:
            if house.shown().get("turn") == page.get("turn"):
                raise
    raise WrongError(f"the kiosk gave no number within {_WALK_S:.0f} s and shows {house.shown().get('page', 'nothing')}")


def _next_step(house: House, page: dict[str, Any], chosen: set[str], wishes: tuple[str, str, str]) -> None:
    service, priority, language = wishes
    match page.get("page"):
        case "Attract":
            _tap_and_see(house, "begin", "")
        case "ChooseService" if language and page.get("language") != language:
            _tap_and_see(house, "language", language)
        case "ChooseService" if priority and "priority" not in chosen:
            chosen.add("priority")
            _tap_and_see(house, "priority", priority)
        case "ChooseService":
            _tap_and_see(house, "service", service)
        case "EnterPhone":
            _tap_and_see(house, "skip", "")
        case name if name in _LEFT_BY_DONE:
            _tap_and_see(house, "done", "")
        case _:
            time.sleep(0.02)


def _tap_and_see(house: House, key: str, value: str) -> None:
    """Touch a key until the kiosk reacts. Raises `WrongError`."""
    if not any(_is_felt(house, key, value) for _ in range(_TOUCHES)):
        raise WrongError(f"the kiosk does not react to {key} {value}".rstrip())


def _is_felt(house: House, key: str, value: str, times: int = 1) -> bool:
    """Touch a key, and whether the kiosk has reacted."""
    parts = _CHANGES.get(key, ())
    before = tap_key(house, key, value, times)
    return not parts or bool(wait_for(lambda: any(house.shown().get(part) != before.get(part) for part in parts), _REACT_S))


def _ticket(words: Sequence[str]) -> Action:
    rest = list(words)
    if not rest:
        raise WordsError("the service is missing")
    service, priority, language = rest.pop(0), "", ""
    if rest and rest[0] != "in":
        priority = rest.pop(0)
    if rest:
        joint, language = exactly(rest, "word in", "language")
        one_of(joint, ("in",), "word before the language")
        one_of(language, _LANGUAGES, "language")

    def act(house: House) -> str:
        if house.windows is not None and house.windows.can_touch and KIOSK in house.keepers:
            return f"ticket {take_ticket(house, service, priority, language)} at the kiosk"
        return _join([service, priority] if priority else [service])(house)

    return act


def _join(words: Sequence[str]) -> Action:
    service, priority = exactly([*words, "normal"] if len(words) == 1 else words, "service", "priority")

    def act(house: House) -> str:
        try:
            return f"ticket {desk_of(house).join(service, priority)} at a console, without paper"
        except DeskError as error:
            raise WrongError(str(error)) from error

    return act


def _tap(words: Sequence[str]) -> Action:
    rest, times = list(words), 1
    if rest and rest[-1] == "twice":
        rest.pop()
        times = 2
    if not 1 <= len(rest) <= 2:
        raise WordsError("a key, and where it has one its value, are needed")
    key, value = rest[0], rest[1] if len(rest) == 2 else ""

    def act(house: House) -> str:
        felt = _is_felt(house, key, value, times)
        return f"touched {' '.join(words)}{'' if felt else ', and nothing changed'}"

    return act


VERBS = (
    Verb(
        "ticket",
        "ticket SERVICE [PRIORITY] [in LANGUAGE]",
        "a customer takes a ticket at the kiosk",
        "ticket cash in fr",
        _ticket,
    ),
    Verb("join", "join SERVICE [PRIORITY]", "a ticket made at a console, without paper", "join cash priority", _join),
    Verb("tap", "tap KEY [VALUE] [twice]", "touch one key of the kiosk", "tap service cash", _tap),
)
