"""The dialogue, without a network and a database: a state and what was pressed give the next state, and a screen or a question.

What it cannot know it asks for with `Wants`; `given` takes the answer. Screens are drawn from the state alone.
"""

from dataclasses import replace

from cloud.ussd import frames
from cloud.ussd.layout import BACK, MENU, MORE
from cloud.ussd.state import Item, Known, Place, State, Step, Want, Wants
from foleni.words import words

LANGUAGES = ("en", "fr", "rw", "sw", "ar", "hi", "pt")
"""In the order in which they are offered where a gateway says nothing else."""
_LONGEST_CODE = 9
_LEAST_LETTERS = 2
_NO_BACK = frozenset({Place.LANGUAGE, Place.MENU})


def begin(state: State, offered: tuple[str, ...] = LANGUAGES, *, resumed: bool = False) -> Step:
    """The first screen of a dialogue: the language where it is not known; else where the caller was cut off, if `resumed`; else
    the menu, or the branch that was dialled.
    """
    if state.language not in offered:
        return frames.shown(replace(state, language="", frames=(frames.languages(offered),), note=""))
    if resumed and not state.code:
        return _again(state)
    return _home(replace(state, frames=(), note=""))


def press(state: State, text: str, offered: tuple[str, ...] = LANGUAGES) -> Step:
    """What follows when the caller sends `text` from the screen of `state`."""
    if not state.frames:
        return begin(state, offered)
    entered = _digits(text)
    state = state.saying("")
    if entered == MENU and state.top.place is not Place.LANGUAGE:
        return _home(replace(state, frames=()))
    if entered == MORE and state.top.page < frames.sheet(state).last_page:
        return frames.shown(state.turned(state.top.page + 1))
    if entered == BACK and state.top.place not in _NO_BACK:
        return _back(state)
    if entered.isdecimal() and 1 <= int(entered) <= len(state.top.items):
        return _CHOSEN[state.top.place](state, state.top.items[int(entered) - 1], offered)
    return _typed(state, entered)


def given(state: State, wants: Wants, known: Known) -> Step:
    """What follows when the answer to `wants` is there."""
    if known.refusal:
        return frames.refused(state, known)
    return frames.answered(state, wants, known)


def _again(state: State) -> Step:
    """The screen on which the caller was cut off; a ticket as it is now."""
    state = state.down_to(Place.TICKET)
    if not state.frames or state.top.place is Place.MENU:
        return _home(replace(state, frames=()))
    if state.top.place is Place.TICKET:
        return state.closed(), Wants(Want.TICKETS, state.top.key)
    return frames.shown(state.saying(words(frames.ROOM, state.language)("Welcome back.")))


def _home(state: State) -> Step:
    if state.code:
        return replace(state, code=""), Wants(Want.BRANCH_BY_CODE, state.code)
    return state, Wants(Want.MENU)


def _back(state: State) -> Step:
    if state.top.page:
        return frames.shown(state.turned(state.top.page - 1))
    below = state.closed()
    if not below.frames or below.top.place is Place.MENU:
        return _home(replace(below, frames=()))
    return frames.shown(below)


def _typed(state: State, text: str) -> Step:
    """What is no line of the list: a branch's number, letters of a name, or a mistake."""
    place = state.top.place
    asks_where = place in {Place.WHERE, Place.CODE, Place.NAME}
    if asks_where and text.isdecimal() and len(text) <= _LONGEST_CODE and int(text):
        return state, Wants(Want.BRANCH_BY_CODE, str(int(text)))
    searches = asks_where or place in {Place.BRANCHES, Place.ORGANIZATIONS}
    if searches and len(text) >= _LEAST_LETTERS and not text.isdecimal():
        within = state.top.key if place is Place.BRANCHES else ""
        return state, Wants(Want.BRANCHES_BY_NAME, text[:64], within)
    return frames.shown(state.saying(frames.mistake(state)))


def _digits(text: str) -> str:
    """What was typed, with the digits of any script as 0 to 9, and without the signs that phones put around it."""
    plain = "".join(str(int(letter)) if letter.isdecimal() else letter for letter in text)
    return " ".join(plain.split()).strip("*#. ")


def _language(state: State, item: Item, _offered: tuple[str, ...]) -> Step:
    return _home(replace(state, language=item.key, frames=()))


def _menu(state: State, item: Item, offered: tuple[str, ...]) -> Step:
    if item.key == "language":
        return frames.shown(replace(state, frames=(frames.languages(offered),)))
    if item.key == "tickets":
        return state, Wants(Want.TICKETS)
    return frames.shown(state.opened(frames.where(state)))


def _where(state: State, item: Item, _offered: tuple[str, ...]) -> Step:
    if item.key == "last":
        return state, Wants(Want.SERVICES, state.last_branch)
    if item.key == "list":
        return state, Wants(Want.ORGANIZATIONS)
    place = Place.CODE if item.key == "code" else Place.NAME
    return frames.shown(state.opened(frames.prompt(place, state.language)))


def _organization(state: State, item: Item, _offered: tuple[str, ...]) -> Step:
    return state, Wants(Want.BRANCHES_OF, item.key)


def _branch(state: State, item: Item, _offered: tuple[str, ...]) -> Step:
    return state, Wants(Want.SERVICES, item.key)


def _service(state: State, item: Item, _offered: tuple[str, ...]) -> Step:
    if item.block:
        return frames.shown(state.saying(item.block))
    return frames.shown(state.opened(frames.confirm(state, item)))


def _confirmed(state: State, item: Item, _offered: tuple[str, ...]) -> Step:
    return state, Wants(Want.JOIN, item.key, state.top.key)


def _ticket(state: State, item: Item, _offered: tuple[str, ...]) -> Step:
    if item.key == "here":
        return state, Wants(Want.CHECK_IN, state.top.key)
    return frames.shown(state.opened(frames.cancel(state)))


def _one_of_tickets(state: State, item: Item, _offered: tuple[str, ...]) -> Step:
    return state, Wants(Want.TICKETS, item.key)


def _cancelled(state: State, _item: Item, _offered: tuple[str, ...]) -> Step:
    return state, Wants(Want.CANCEL, state.top.key)


_CHOSEN = {
    Place.LANGUAGE: _language,
    Place.MENU: _menu,
    Place.WHERE: _where,
    Place.ORGANIZATIONS: _organization,
    Place.BRANCHES: _branch,
    Place.SERVICES: _service,
    Place.CONFIRM: _confirmed,
    Place.TICKETS: _one_of_tickets,
    Place.TICKET: _ticket,
    Place.CANCEL: _cancelled,
}
