"""The box that is looked at: where its files are, and what it is for."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from foleni.settings import HostPort

ROLES = ("branch", "kiosk", "display")
_MOST_MEMBERSHIPS = 64


@dataclass(frozen=True, slots=True)
class Places:
    """Where a box keeps things; other places are for tests."""

    etc: Path = Path("/etc/foleni")
    state: Path = Path("/var/lib/foleni")
    programs: Path = Path("/opt/foleni/bin")
    proc: Path = Path("/proc")
    sys: Path = Path("/sys")
    run: Path = Path("/run")


@dataclass(frozen=True, slots=True)
class Program:
    """One program that the box is set up for, and what its settings file says; empty where it cannot be read."""

    name: str
    config: Path
    settings: Mapping[str, Any]
    fault: str = ""

    @property
    def role(self) -> str:
        return self.name.partition("-")[0]


@dataclass(frozen=True)
class Box:
    """Reads only; what is missing counts as not there."""

    places: Places = field(default_factory=Places)

    @cached_property
    def programs(self) -> tuple[Program, ...]:
        """By the settings files that are there."""
        found = [self.places.etc / f"{role}.toml" for role in ROLES]
        found += sorted(self.places.etc.glob("counter-*.toml"))
        return tuple(_program(path) for path in found if path.exists())

    def program(self, role: str) -> Program | None:
        return next((program for program in self.programs if program.role == role), None)

    @property
    def is_branch(self) -> bool:
        return self.program("branch") is not None

    @property
    def branch_data(self) -> Path:
        """The branch server's folder."""
        program = self.program("branch")
        given = program.settings.get("data") if program is not None else None
        return Path(given) if isinstance(given, str) else self.places.state / "branch"

    @property
    def web(self) -> HostPort | None:
        """Where this machine reaches the branch server's web side."""
        program = self.program("branch")
        given = program.settings.get("http") if program is not None else None
        try:
            address = HostPort.parse(str(given))
        except ValueError:
            return None
        return HostPort("127.0.0.1", address.port) if address.host in {"0.0.0.0", "::"} else address  # noqa: S104

    @cached_property
    def homes(self) -> tuple[Path, ...]:
        """Data folders of the programs that join a branch."""
        folders = [self.places.state / role for role in ROLES[1:] if self.program(role) is not None]
        folders += sorted((self.places.state / "counter").glob("*"))[:_MOST_MEMBERSHIPS]
        return tuple(folder for folder in folders if folder.is_dir())

    def membership(self, home: Path) -> Mapping[str, Any] | None:
        """What a program knows of its branch; None where it has not joined one. Raises `OSError`, `ValueError`."""
        try:
            read = json.loads((home / "membership.json").read_bytes())
        except FileNotFoundError:
            return None
        if not isinstance(read, dict):
            raise ValueError("it is not what a box writes")
        return read


def _program(path: Path) -> Program:
    try:
        return Program(path.stem, path, tomllib.loads(path.read_text("utf-8")))
    except OSError as error:
        return Program(path.stem, path, {}, f"cannot be read: {error.strerror}")
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return Program(path.stem, path, {}, f"is not understood: {error}")
