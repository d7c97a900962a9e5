"""Reads `--setup FILE`: all faults at once, each with its place in the file."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationError

from foleni.ids import uuid7
from foleni.messages.commands import (
    Command,
    SaveBranch,
    SaveCounter,
    SaveDevice,
    SavePriority,
    SaveService,
    SaveStaff,
    SaveTemplate,
)
from foleni.messages.setup import Branch, Counter, Device, PriorityClass, Service, Setting, Staff, Template

_Entry = PriorityClass | Service | Counter | Device | Staff | Template


class SetupError(Exception):
    """A setup that cannot be used; the message names every fault."""


class DeviceEntry(Device):
    password: Annotated[str, StringConstraints(min_length=8, max_length=128)] | None = None


class StaffEntry(Staff):
    pin: Annotated[str, StringConstraints(pattern=r"^[0-9]{4,12}$")] | None = None


class SetupFile(Setting):
    """The file as it is written: one table for the branch, a list of tables for everything else."""

    branch: Branch
    priority: tuple[PriorityClass, ...] = ()
    service: Annotated[tuple[Service, ...], Field(min_length=1)]
    counter: tuple[Counter, ...] = ()
    device: tuple[DeviceEntry, ...] = ()
    staff: tuple[StaffEntry, ...] = ()
    template: tuple[Template, ...] = ()


@dataclass(frozen=True, slots=True)
class Setup:
    """A branch to be: the commands that make it, and the secrets that no event may hold. `pins` is None where none is set."""

    commands: Sequence[Command]
    passwords: dict[str, str]
    pins: dict[str, str | None]


def read_setup(path: Path) -> Setup:
    """The setup in a file. Raises `SetupError`."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SetupError(f"{path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SetupError(f"{path}: {error}") from error
    return parse_setup(table, str(path))


def parse_setup(table: dict[str, Any], source: str) -> Setup:
    """The setup in a table; `source` names it in faults. Raises `SetupError`."""
    try:
        file = SetupFile.model_validate(table)
    except ValidationError as error:
        raise SetupError(f"{source}: {'; '.join(_faults(table, error))}") from error
    lists: dict[str, Sequence[_Entry]] = {
        "priority": file.priority, "service": file.service, "counter": file.counter, "device": file.device, "staff": file.staff,
        "template": file.template,
    }  # fmt: skip
    twins = [twin for kind, entries in lists.items() for twin in _twins(kind, entries)]
    if twins:
        raise SetupError(f"{source}: {'; '.join(twins)}")
    passwords = {device.id: device.password for device in file.device if device.password is not None}
    return Setup(_commands(file), passwords, {person.id: person.pin for person in file.staff})


def _commands(file: SetupFile) -> list[Command]:
    """In an order in which each finds what it names."""
    devices = (Device(**entry.model_dump(exclude={"password", "box"})) for entry in file.device)
    people = (Staff(**entry.model_dump(exclude={"pin"})) for entry in file.staff)
    return [
        SaveBranch(id=uuid7(), branch=file.branch),
        *(SavePriority(id=uuid7(), priority=priority) for priority in file.priority),
        *(SaveService(id=uuid7(), service=service) for service in file.service),
        *(SaveCounter(id=uuid7(), counter=counter) for counter in file.counter),
        *(SaveDevice(id=uuid7(), device=device) for device in devices),
        *(SaveStaff(id=uuid7(), staff=person) for person in people),
        *(SaveTemplate(id=uuid7(), template=template) for template in file.template),
    ]


def _twins(kind: str, entries: Sequence[_Entry]) -> list[str]:
    ids = [entry.id for entry in entries]
    return [f"{kind} {twin} stands there twice" for twin in sorted({name for name in ids if ids.count(name) > 1})]


def _faults(table: dict[str, Any], error: ValidationError) -> list[str]:
    return [f"{_place(table, fault['loc'])}: {fault['msg']}" for fault in error.errors(include_url=False, include_input=False)]


def _place(table: dict[str, Any], loc: tuple[int | str, ...]) -> str:
    """`service cash, prefix` rather than `service.0.prefix`."""
    if len(loc) >= 2 and isinstance(loc[1], int):
        entry = table[str(loc[0])][loc[1]]
        name = entry.get("id", f"no. {loc[1] + 1}") if isinstance(entry, dict) else f"no. {loc[1] + 1}"
        return ", ".join([f"{loc[0]} {name}", *(str(part) for part in loc[2:])])
    return ", ".join(str(part) for part in loc)
