"""What every place for backups can do."""

from pathlib import Path
from typing import Protocol


class Target(Protocol):
    """A place. Every method raises `TargetError` where it cannot be used now."""

    def names(self) -> list[str]:
        """The names of the files there, whosever they are; none that is still being written."""
        ...

    def put(self, file: Path, name: str) -> None:
        """Writes a file under a name and reads it back: it is there whole when this returns, and not at all when it raises.
        What an earlier try has left half written goes.
        """
        ...

    def fetch(self, name: str, place: Path) -> None:
        """Brings a file here."""
        ...

    def remove(self, name: str) -> None:
        """Deletes a file; one that is gone already is none's fault."""
        ...
