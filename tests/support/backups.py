"""Backups as somebody makes them: the commands, the places, and what lies there."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from branch_server.keeping import commands
from branch_server.keeping.age import new_key
from branch_server.keeping.keys import keep_recipient
from branch_server.restoring import command as restoring


@dataclass(frozen=True, slots=True)
class Came:
    """What a command came to, and what it said."""

    status: int
    said: str


class Keeper:
    """Keeps the backups of the branch in `data`; its key lies in `key`."""

    def __init__(self, data: Path, folder: Path, capsys: pytest.CaptureFixture[str] | None = None) -> None:
        self.data = data
        self.key = folder / "key.txt"
        secret, public = new_key()
        self.key.write_text(secret)
        keep_recipient(data, public)
        self._capsys = capsys

    def heard_by(self, capsys: pytest.CaptureFixture[str]) -> "Keeper":
        """The same, for a test that reads what is said."""
        self._capsys = capsys
        return self

    def back_up(self, *places: Path, settings: str | None = None) -> Came:
        """To these folders, or to those of a settings file."""
        arguments = [f"--to={place}" for place in places] + ["--same-disk"]
        if settings is not None:
            config = self.key.with_name("branch.toml")
            config.write_text(settings)
            arguments = ["--config", str(config)]
        return self._came(commands.back_up(["--data", str(self.data), *arguments]))

    def verify(self, source: Path, *more: str) -> Came:
        return self._came(commands.verify([str(source), "--identity", str(self.key), *more]))

    def restore(self, source: Path | str, data: Path, *more: str) -> Came:
        arguments = ["--from-backup", str(source), "--data", str(data)]
        if "--identity" not in more:
            arguments += ["--identity", str(self.key)]
        return self._came(restoring.main([*arguments, *more]))

    def status(self) -> dict[str, Any]:
        """`last-backup.json`."""
        told: dict[str, Any] = json.loads((self.data / "backup" / "last-backup.json").read_bytes())
        return told

    def _came(self, status: int) -> Came:
        said = self._capsys.readouterr() if self._capsys is not None else None
        return Came(status, said.out + said.err if said is not None else "")


def backups_in(place: Path) -> list[Path]:
    """The backups there, the oldest first."""
    return sorted(place.glob("foleni-*.tar.gz.age"), key=lambda path: path.name.split("-")[-1])


def series_in(said: str, prefix: str) -> int:
    """The number that a service goes on at, as a restore says it."""
    found = re.search(rf"numbers go on at .*\b{prefix}([0-9]+)", said)
    assert found is not None, said
    return int(found.group(1))


def everything_below(folder: Path) -> Sequence[str]:
    """All names, for a folder that must stay as it is."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))
