"""The verbs of staff: presses on the desks, calls from a console, and how the branch is managed."""

import time
from collections.abc import Sequence
from typing import Any

from foleni.demo.desk import Desk, DeskError
from foleni.demo.fingers import wait_for
from foleni.demo.house import House
from foleni.demo.words import Action, Verb, WrongError, exactly, number, one_of
from foleni.ids import uuid7
from foleni.messages.commands import Announce, OpenService, PauseService
from foleni.times import MINUTE_US, Instant

_FEEL_S = 0.3
"""How long a person looks at a unit after a press."""
_KINDS = ("single", "double", "long")


def desk_of(house: House) -> Desk:
    if house.desk is None:
        raise WrongError("this branch has no console device, so nothing can be asked of it")
    return house.desk


def _press(words: Sequence[str]) -> Action:
    rest = list(words) if len(words) != 1 else [*words, "single"]
    counter, kind = exactly(rest, "counter", "kind of press")
    one_of(kind, _KINDS, "kind of press")

    def act(house: House) -> str:
        pad = house.pads.get(counter)
        if pad is None:
            raise WrongError(f"counter {counter} has no unit; there are units at {', '.join(house.pads) or 'none'}")
        before = pad.shows()
        try:
            pad.press(kind)
        except OSError as error:
            raise WrongError(f"the unit of counter {counter} is not there: {error}") from error
        wait_for(lambda: pad.shows() != before, _FEEL_S)
        return f"{kind} press at counter {counter}, its display shows {pad.shows() or 'nothing'}"

    return act


def _call(words: Sequence[str]) -> Action:
    (counter,) = exactly(words, "counter")

    def act(house: House) -> str:
        desk = desk_of(house)
        try:
            labels = [each.label for each in desk.counters.values()] if counter == "all" else [counter]
            return ", ".join(f"{desk.call_next(label)} to counter {label}" for label in labels)
        except DeskError as error:
            raise WrongError(str(error)) from error

    return act


def _asked(house: House, command: Any, done: str) -> str:
    try:
        desk_of(house).ask(command)
    except DeskError as error:
        raise WrongError(str(error)) from error
    return done


def _counters(words: Sequence[str]) -> Action:
    (written,) = exactly(words, "number of counters")
    upto = int(number(written, "number of counters", most=99))

    def act(house: House) -> str:
        try:
            desk_of(house).add_counters(upto)
        except DeskError as error:
            raise WrongError(str(error)) from error
        return f"{upto} counters are open"

    return act


def _notice(words: Sequence[str]) -> Action:
    text = " ".join(words)
    return lambda house: _asked(house, Announce(id=uuid7(), text={"en": text} if text else {}), f"notice: {text or 'none'}")


def _pause(words: Sequence[str]) -> Action:
    service, *rest = words or exactly(words, "service")
    minutes = number(exactly(rest, "number of minutes")[0], "number of minutes") if rest else None

    def act(house: House) -> str:
        until = None if minutes is None else Instant(time.time_ns() // 1000 + int(minutes * MINUTE_US))
        return _asked(house, PauseService(id=uuid7(), service=service, reopens_at=until), f"{service} is paused")

    return act


def _open(words: Sequence[str]) -> Action:
    (service,) = exactly(words, "service")
    return lambda house: _asked(house, OpenService(id=uuid7(), service=service), f"{service} is open")


VERBS = (
    Verb(
        "press",
        "press COUNTER [single|double|long]",
        "press the unit on a desk: next, recall, no-show",
        "press 1 double",
        _press,
    ),
    Verb("call", "call COUNTER|all", "call the next number from a console", "call 2", _call),
    Verb("pause", "pause SERVICE [MINUTES]", "a service takes no more customers", "pause enquiries 30", _pause),
    Verb("open", "open SERVICE", "a service takes customers again", "open enquiries", _open),
    Verb("counters", "counters NUMBER", "open so many counters, made where they are missing", "counters 12", _counters),
    Verb("notice", "notice [TEXT]", "the line at the bottom of the TV", "notice Closed tomorrow.", _notice),
)
