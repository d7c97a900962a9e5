"""What the agent needs of the box that it runs on, and of its branch server."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from foleni.messages.updates import Answer, Offer, Report


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a bundle's signed manifest says."""

    compatible: str
    version: str


class Box(Protocol):
    """The machine: two slots, one of which runs. Everything raises `UpdateError`."""

    @property
    def compatible(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def boot_id(self) -> str:
        """Another one after each start of the machine."""

    @property
    def slot(self) -> str:
        """The slot that runs."""

    @property
    def spare(self) -> str:
        """The slot that does not run."""

    @property
    def uptime_s(self) -> float: ...

    @property
    def is_blessed(self) -> bool:
        """Whether the running version has proved itself."""

    def release(self, slot: str) -> str | None:
        """The version in a slot, where it is whole."""

    def is_startable(self, slot: str) -> bool:
        """Whether the machine would still start this slot."""

    def was_tried(self, slot: str) -> bool:
        """Whether a slot is there but has used up its tries."""

    def busy(self) -> str:
        """Why a restart would disturb somebody now; empty where it would not."""

    def inspect(self, bundle: Path) -> Bundle:
        """Checks the signature. Raises `RefusedError`."""

    def install(self, bundle: Path) -> None:
        """Writes the spare slot and makes it the one to start, with few tries. Raises `RefusedError`, `InstallError`."""

    def prefer(self, slot: str) -> None:
        """Makes a slot, as it is, the one to start, with few tries."""

    def drop(self, slot: str) -> None:
        """What lies in a slot is not wanted: it is not started any more."""

    def give_up(self, slot: str) -> None:
        """A slot has had its chance: it counts as tried."""

    def restart(self) -> None:
        """Restarts the machine; returns while that goes on."""


class Branch(Protocol):
    """The branch server. Everything raises `BranchAwayError`."""

    def ask(self, report: Report) -> Answer: ...

    def fetch(self, offer: Offer, into: Path, progress: Callable[[int], object]) -> None:
        """Goes on where an earlier fetch ended; `progress` gets the percentage. `into` has the offered size and digest in the
        end. Raises `RefusedError` where it cannot.
        """
