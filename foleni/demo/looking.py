"""The verbs that look: pictures, the board in letters, how the programs are."""

import re
import time
from collections.abc import Sequence
from pathlib import Path

from foleni.demo.camera import CameraError
from foleni.demo.fingers import FingerError
from foleni.demo.house import KIOSK, TV, House
from foleni.demo.staff import desk_of
from foleni.demo.words import Action, Verb, WordsError, WrongError, exactly, one_of

_DRAWN_S = 0.25
"""A window says what it shows a little before that is on the screen."""
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


def take_picture(house: House, window: str, name: str) -> Path:
    """A picture of a window, or of the newest ticket, in the folder of pictures. Raises `WrongError`."""
    house.shots.mkdir(parents=True, exist_ok=True)
    path = house.shots / f"{name}.png"
    if window == "ticket":
        _copy_ticket(house, path)
    else:
        _photograph(house, window, path)
    if path not in house.taken:
        house.taken.append(path)
    return path


def _photograph(house: House, window: str, path: Path) -> None:
    if house.camera is None:
        raise WrongError(f"there is no screen, so no picture of the {window}")
    try:
        time.sleep(_DRAWN_S)
        place = house.place(window)
        if place is None:
            raise WrongError(f"the {window} is not there")
        house.camera.take(place, path)
    except (CameraError, FingerError) as error:
        raise WrongError(str(error)) from error


def _copy_ticket(house: House, path: Path) -> None:
    tickets = house.paper.tickets() if house.paper is not None else []
    if not tickets:
        raise WrongError("no ticket was printed yet")
    path.write_bytes(tickets[-1].picture.read_bytes())


def _shot(words: Sequence[str]) -> Action:
    window, name = exactly(words, "window", "name of the picture")
    one_of(window, (KIOSK, TV, "ticket"), "window")
    if not _NAME.fullmatch(name):
        raise WordsError(f"{name!r} is no name of a picture: small letters, digits and -")

    def act(house: House) -> str:
        return f"picture {take_picture(house, window, f'{len(house.taken) + 1:02d}-{window}-{name}')}"

    return act


def _shots(words: Sequence[str]) -> Action:
    exactly(words)

    def act(house: House) -> str:
        taken, faults = [], []
        for window in (KIOSK, TV, "ticket"):
            try:
                taken.append(str(take_picture(house, window, window)))
            except WrongError as error:
                faults.append(str(error))
        return "\n".join([*taken, *faults])

    return act


def _board(words: Sequence[str]) -> Action:
    exactly(words)

    def act(house: House) -> str:
        desk = desk_of(house)
        board, services = desk.board, desk.services
        if board is None or services is None:
            raise WrongError("the branch has not told its board yet")
        calls = [f"  {call.number} -> counter {call.counter_label}" for call in board.calls] or ["  nobody is called"]
        following = {each.service: ", ".join(each.numbers) for each in board.next}
        queues = [
            f"  {each.name.get('en', each.id)}: {each.waiting} waiting{_next(following.get(each.id))} ({each.state})"
            for each in services.services
        ]
        return "\n".join([*calls, *queues])

    return act


def _next(numbers: str | None) -> str:
    return f", next {numbers}" if numbers else ""


def _status(words: Sequence[str]) -> Action:
    exactly(words)

    def act(house: House) -> str:
        programs = [
            f"  {name:10} {keeper.state:9} process {keeper.pid or '-'}, log {keeper.program.log}"
            for name, keeper in house.keepers.items()
        ]
        pads = [f"  unit of counter {name} shows: {pad.shows() or 'nothing'}" for name, pad in house.pads.items()]
        return "\n".join([*programs, *pads, *(f"  missing: {each}" for each in house.missing)])

    return act


VERBS = (
    Verb("board", "board", "who is called, who waits", "board", _board),
    Verb("status", "status", "the programs, the units and their displays", "status", _status),
    Verb("shots", "shots", "pictures of kiosk, TV and the newest ticket", "shots", _shots),
    Verb("shot", "shot kiosk|tv|ticket NAME", "one picture under a name of your own", "shot kiosk services", _shot),
)
