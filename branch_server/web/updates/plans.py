"""What is planned for the boxes, and what they told last; kept in one file that is written whole."""

import logging
from pathlib import Path
from typing import Annotated, Literal

from pydantic import StringConstraints, ValidationError

from foleni.files import write_whole
from foleni.messages.base import Message, Uuid
from foleni.messages.updates import Compatible, Outcome, Release, Report, Sha256

_log = logging.getLogger(__name__)

When = Literal["now", "night", "hold"]
Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class Window(Message):
    """When boxes restart that are updated at night, in the branch's time. It may go past midnight."""

    begins: Clock = "02:00"
    ends: Clock = "04:00"


class Plan(Message):
    """The version that all boxes of a kind should have; without `sha256` the one in their other slot. Another choice is
    another plan.
    """

    id: Uuid
    compatible: Compatible
    version: Release
    sha256: Sha256 | None = None
    size: int | None = None
    when: When
    downgrade: bool = False
    by: str
    at: str
    scout: str | None = None
    """The box that goes first: the others follow when it is well."""


class Known(Message):
    """A box that has asked."""

    report: Report
    heard_at: int
    """Microseconds since 1970."""
    sent_at: int | None = None
    """When it was last told to restart."""
    ended_at: int | None = None
    """When it first told how its last plan had ended."""

    def outcome_of(self, plan: Plan) -> Outcome | None:
        """How the plan ended there, if it did."""
        outcome = self.report.outcome
        return outcome if outcome is not None and outcome.plan == plan.id else None


class Board(Message):
    """All plans by kind of box, and all boxes by name."""

    plans: dict[str, Plan] = {}
    known: dict[str, Known] = {}
    window: Window = Window()

    def planned(self, plan: Plan) -> "Board":
        return self.model_copy(update={"plans": {**self.plans, plan.compatible: plan}})

    def without(self, compatible: str) -> "Board":
        return self.model_copy(update={"plans": {key: plan for key, plan in self.plans.items() if key != compatible}})

    def heard(self, device: str, known: Known) -> "Board":
        return self.model_copy(update={"known": {**self.known, device: known}})

    def only(self, devices: frozenset[str]) -> "Board":
        """Without the boxes that are none of the branch's any more."""
        return self.model_copy(update={"known": {name: known for name, known in self.known.items() if name in devices}})


class BoardFile:
    """The board on disk. `OSError` where that does not work."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> Board:
        """An empty board where there is none, or none that can be read: then nothing is planned, and boxes tell anew."""
        try:
            return Board.model_validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return Board()
        except ValidationError:
            _log.error("%s is damaged: nothing is planned any more", self._path)
            return Board()

    def keep(self, board: Board) -> None:
        write_whole(self._path, board.model_dump_json(exclude_none=True).encode())
