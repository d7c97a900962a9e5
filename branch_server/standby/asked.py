"""What a person asks of a pair: a file that the console, the standby's page or a command writes, and the server takes."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from branch_server.standby.record import FOLDER
from foleni.files import write_whole
from foleni.messages.base import Message


class Press(Message):
    """`hand_over` is for the server that serves, `take_over` for the other; `first_is_off` is what a person has seen."""

    what: Literal["hand_over", "take_over"]
    by: str
    first_is_off: bool = False


def press(data: Path, asked: Press) -> None:
    """Leaves it for the server. Raises `OSError`."""
    (data / FOLDER).mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(_path(data), asked.to_wire())


def taken(data: Path) -> Press | None:
    """What was asked, once."""
    path = _path(data)
    try:
        asked = Press.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError):
        asked = None
    path.unlink(missing_ok=True)
    return asked


def _path(data: Path) -> Path:
    return data / FOLDER / "asked.json"


Told = Callable[[Press], object]
