"""The verbs of trouble: paper, cables, power cuts; and time that goes by."""

import time
from collections.abc import Callable, Sequence
from functools import partial

from foleni.demo.fingers import wait_for
from foleni.demo.house import KIOSK, House
from foleni.demo.keeper import Keeper, State
from foleni.demo.words import Action, Verb, WrongError, exactly, number, one_of

_UP_S = 60.0
_GONE_S = 2.0
_FAULTS = ("unplug", "plug", "hang", "mute", "garbage", "babble", "well")


def _paper(words: Sequence[str]) -> Action:
    (state,) = exactly(words, "state of the paper")
    one_of(state, ("out", "low", "in"), "state of the paper")
    return lambda house: _tell_printer(house, "paper", "new" if state == "in" else state)


def _cover(words: Sequence[str]) -> Action:
    (state,) = exactly(words, "state of the cover")
    one_of(state, ("open", "closed"), "state of the cover")
    return lambda house: _tell_printer(house, "cover", state)


def _printer(words: Sequence[str]) -> Action:
    (fault,) = exactly(words, "fault")
    one_of(fault, _FAULTS, "fault")
    return lambda house: _tell_printer(house, fault)


def _tell_printer(house: House, *words: str) -> str:
    if house.paper is None:
        raise WrongError("there is no printer")
    try:
        house.paper.say(*words)
    except OSError as error:
        raise WrongError(f"the printer is not there: {error}") from error
    return f"printer: {' '.join(words)}"


def _plug(words: Sequence[str], *, in_: bool) -> Action:
    (counter,) = exactly(words, "counter")

    def act(house: House) -> str:
        pad = house.pads.get(counter)
        if pad is None:
            raise WrongError(f"counter {counter} has no unit")
        try:
            pad.plug(in_=in_)
        except OSError as error:
            raise WrongError(f"the unit of counter {counter} is not there: {error}") from error
        return f"the unit of counter {counter} is {'plugged in again' if in_ else 'unplugged'}"

    return act


def _program(words: Sequence[str], what: Callable[[House, Keeper], str]) -> Action:
    (name,) = exactly(words, "name of the program")

    def act(house: House) -> str:
        keeper = house.keepers.get(name)
        if keeper is None:
            raise WrongError(f"there is no program {name!r}; there are: {', '.join(house.keepers)}")
        return f"{name} {what(house, keeper)}"

    return act


def _kill(house: House, keeper: Keeper) -> str:
    before = keeper.pid
    keeper.kill()
    wait_for(lambda: keeper.pid != before, _GONE_S)
    _forget(house, keeper)
    return "was killed and comes back by itself"


def _stop(house: House, keeper: Keeper) -> str:
    keeper.hold()
    _forget(house, keeper)
    return f"was killed and stays away until: start {keeper.program.name}"


def _start(_house: House, keeper: Keeper) -> str:
    keeper.release()
    if not wait_for(lambda: keeper.state is State.UP, _UP_S):
        raise WrongError(f"{keeper.program.name} does not come up: {keeper.last_words()}")
    return "is back"


def _forget(house: House, keeper: Keeper) -> None:
    """What the kiosk told of its page is over with it."""
    if keeper.program.name == KIOSK:
        house.folders.shown.unlink(missing_ok=True)


def _wait(words: Sequence[str]) -> Action:
    (written,) = exactly(words, "number of seconds")
    seconds = number(written, "number of seconds")

    def act(_house: House) -> str:
        time.sleep(seconds)
        return f"{seconds:g} s later"

    return act


VERBS = (
    Verb("paper", "paper out|low|in", "the printer's roll", "paper out", _paper),
    Verb("cover", "cover open|closed", "the printer's cover", "cover open", _cover),
    Verb("printer", f"printer {'|'.join(_FAULTS)}", "other faults of the printer, and their end", "printer unplug", _printer),
    Verb("unplug", "unplug COUNTER", "pull the cable of a unit", "unplug 1", lambda words: _plug(words, in_=False)),
    Verb("plug", "plug COUNTER", "put the cable back", "plug 1", lambda words: _plug(words, in_=True)),
    Verb("kill", "kill PROGRAM", "end a program like a power cut; it comes back", "kill server", partial(_program, what=_kill)),
    Verb("stop", "stop PROGRAM", "the same, and it stays away", "stop server", partial(_program, what=_stop)),
    Verb("start", "start PROGRAM", "start a stopped program", "start server", partial(_program, what=_start)),
    Verb("wait", "wait SECONDS", "do nothing for a while", "wait 2", _wait),
)
