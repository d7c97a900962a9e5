"""What a box remembers of its update, on a disk that may lose its power at any instant."""

import logging
from pathlib import Path

from pydantic import ValidationError

from foleni.files import write_whole
from foleni.messages.base import Message
from foleni.messages.updates import Offer, Outcome, Step
from foleni.updating.errors import UpdateError

_log = logging.getLogger(__name__)


class Record(Message):
    """`offer` is what `step` is about; `slot` is where it goes, and `boot` is the life of the machine in which that began."""

    step: Step = "resting"
    offer: Offer | None = None
    slot: str | None = None
    boot: str | None = None
    outcome: Outcome | None = None
    """How the last plan ended; a plan that has an outcome is not tried again."""

    def ended(self, outcome: Outcome) -> "Record":
        """At rest, with what came of it."""
        return Record(outcome=outcome)


class Memory:
    """The record in a file. Damage costs what was under way, never the box."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "state.json"

    def load(self) -> Record:
        """What was kept last; an empty record where there is none, or none that can be read. Raises `UpdateError`."""
        try:
            return Record.model_validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return Record()
        except ValidationError:
            _log.warning("%s cannot be read: what was under way begins again", self._path)
            return Record()
        except OSError as error:
            raise UpdateError(f"{self._path} cannot be read: {error.strerror}") from error

    def keep(self, record: Record) -> Record:
        """Durable when it returns. Raises `UpdateError`."""
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(self._path, record.model_dump_json(exclude_none=True).encode())
        except OSError as error:
            raise UpdateError(f"{self._path} cannot be written: {error.strerror}") from error
        return record
