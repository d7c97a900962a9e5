"""From what is true at a counter to what its units show. Pure."""

from counter.line.picture import Lamp, Note, Picture, Sound
from foleni.messages.replies import Code
from foleni.messages.state import CounterStatus
from foleni.station.station import Reach

_REFUSALS = {
    Code.NOTHING_WAITING: Note.EMPTY,
    Code.NOTHING_IN_HAND: Note.NO_HAND,
    Code.COUNTER_CLOSED: Note.CLOSED,
    Code.WRONG_STATE: Note.CHANGED,
    Code.UNKNOWN_COUNTER: Note.DENIED,
    Code.NOT_ALLOWED: Note.DENIED,
    Code.UNAVAILABLE: Note.RETRY,
}
_RESTING = {"closed": Note.CLOSED, "break": Note.BREAK}


def picture_of(status: CounterStatus | None, reach: Reach, passing: Note = Note.NONE) -> Picture:
    """`passing` is what came of the last press, for a moment. Without the branch server nothing is shown as true."""
    if passing is Note.ID:
        return Picture(lamp=Lamp.BLINKING, blink=True, sound=Sound.SHORT, note=Note.ID)
    if status is None or reach is not Reach.LIVE:
        return Picture(sound=_sound(passing), note=Note.VOID if passing is Note.VOID else Note.GONE)
    number = status.in_hand.number if status.in_hand is not None else ""
    resting = _RESTING.get(status.state, Note.NONE)
    return Picture(
        number,
        status.waiting,
        _lamp(status, number),
        passing is Note.OK and bool(number),
        _sound(passing),
        passing or resting,
    )


def refusal_note(code: Code) -> Note:
    """A refusal's reason, as short as a unit can show it."""
    return _REFUSALS.get(code, Note.REFUSED)


def _lamp(status: CounterStatus, number: str) -> Lamp:
    if not status.waiting:
        return Lamp.DARK
    return Lamp.BLINKING if status.state == "open" and not number else Lamp.LIT


def _sound(passing: Note) -> Sound:
    if passing is Note.NONE:
        return Sound.NONE
    return Sound.SHORT if passing is Note.OK else Sound.DOUBLE
