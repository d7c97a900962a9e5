"""The whole setup as a TOML file, in the form of `--setup`: written, and read again. No secret is ever in it."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import tomli_w
from pydantic import ValidationError

from branch_server.adapters.setup.file import DeviceEntry, SetupFile, StaffEntry
from branch_server.domain.state import State
from branch_server.web.admin.faults import faults_of
from branch_server.web.admin.kinds import BRANCH, KINDS, fields_of
from foleni.messages.setup import BUILT_IN_PRIORITIES, Branch, Device, PriorityClass, Service, Setting, Staff
from foleni.words.catalogue import Words, msgid

NEVER = "never"
"""In the file, for a rule that is switched off where its default is to be on."""
_OTHER = msgid("The file describes branch {theirs}. This branch stays {ours}; all else is taken over.")
_HEAD = "# The setup of branch {id}. Names may be a string or a table of languages. PINs and passwords are not in it.\n\n"

Things = Mapping[str, Mapping[str, Setting]]
"""A setup: the things of each kind, by their ids."""


class UnreadableError(Exception):
    """A file that is no setup. `faults` are sentences, one a fault."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = list(faults)


class MovedFile(SetupFile):
    """The form of `--setup`, in which a branch may still be without services."""

    service: tuple[Service, ...] = ()


@dataclass(slots=True)
class Target:
    """The setup that a file describes, and what is to be known beside it, in sentences."""

    things: dict[str, dict[str, Setting]]
    notes: list[str] = field(default_factory=list)


def things_of(state: State) -> dict[str, dict[str, Setting]]:
    """The setup as it is."""
    return {name: dict(kind.things(state)) for name, kind in KINDS.items()}


def as_toml(state: State) -> str:
    """The setup as a file. Reading it again gives the same setup."""
    things = things_of(state)
    branch = next(iter(things.pop(BRANCH).values()))
    tables: dict[str, Any] = {BRANCH: _written(branch)}
    tables |= {kind: [_written(thing) for thing in named.values()] for kind, named in things.items() if named}
    return _HEAD.format(id=fields_of(branch)["id"]) + tomli_w.dumps(tables)


def read_file(text: str, say: Words) -> MovedFile:
    """What a file says, without a look at the branch: a long one may be read on another thread. Raises `UnreadableError`."""
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UnreadableError([say("This is no TOML file: {fault}", fault=str(error))]) from error
    try:
        file = MovedFile.model_validate(table)
    except ValidationError as error:
        raise UnreadableError([_placed(fault, table) for fault in faults_of(error, say)]) from error
    if twins := _twins(file, say):
        raise UnreadableError(twins)
    return file


def target_of(file: MovedFile, state: State, keeper: str, say: Words) -> Target:
    """The setup that a file describes for this branch. `keeper` is the person who brings it, and never loses their own rights
    by it.
    """
    target = Target(_things(file), [])
    _keep_id(target, file.branch, state, say)
    _keep_keeper(target, keeper, state, say)
    _keep_boxes(target, state)
    if any(entry.password for entry in file.device) or any(entry.pin for entry in file.staff):
        target.notes.append(say("PINs and passwords in the file are not taken over. Reset PINs on the page People."))
    return target


def _written(thing: Setting) -> dict[str, Any]:
    """A thing without what is not set; what is switched off says so."""
    table: dict[str, Any] = thing.model_dump(mode="json", exclude_none=True)
    if isinstance(thing, Device):
        table.pop("box", None)
    if isinstance(thing, Branch) and thing.alerts.device_gone_min is None:
        table["alerts"]["device_gone_min"] = NEVER
    return {name: value for name, value in table.items() if value not in ([], {})}


def _things(file: MovedFile) -> dict[str, dict[str, Setting]]:
    """Built-in classes that the file does not name are as they are built in."""
    priorities: dict[str, Setting] = {known.id: known for known in BUILT_IN_PRIORITIES}
    return {
        BRANCH: {file.branch.id: file.branch},
        "priority": priorities | _by_id(file.priority),
        "service": _by_id(file.service),
        "counter": _by_id(file.counter),
        "device": _by_id([_plain(entry) for entry in file.device]),
        "staff": _by_id([_plain(entry) for entry in file.staff]),
        "template": _by_id(file.template),
    }


def _plain(entry: DeviceEntry | StaffEntry) -> Device | Staff:
    """An entry of the file without its secret."""
    if isinstance(entry, DeviceEntry):
        return Device.model_validate(entry.model_dump(exclude={"password"}))
    return Staff.model_validate(entry.model_dump(exclude={"pin"}))


def _by_id(things: Sequence[PriorityClass | Setting]) -> dict[str, Setting]:
    return {_id_of(thing): thing for thing in things}


def _id_of(thing: Setting) -> str:
    return str(getattr(thing, "id"))  # noqa: B009 - every kind has an id, their common form has not


def _keep_id(target: Target, branch: Branch, state: State, say: Words) -> None:
    ours = state.branch.id if state.branch is not None else branch.id
    if branch.id != ours:
        target.things[BRANCH] = {ours: branch.model_copy(update={"id": ours})}
        target.notes.append(say(_OTHER, theirs=branch.id, ours=ours))


def _keep_keeper(target: Target, keeper: str, state: State, say: Words) -> None:
    known = state.staff.get(keeper)
    wanted = target.things["staff"].get(keeper)
    if known is None or wanted == known:
        return
    if not isinstance(wanted, Staff) or wanted.role != known.role or not wanted.active:
        target.things["staff"][keeper] = known
        target.notes.append(say("You stay as you are: nobody takes their own rights away with a file."))


def _keep_boxes(target: Target, state: State) -> None:
    """Which machine has joined as a device, no file says: a device that stays keeps its machine."""
    for name, device in target.things["device"].items():
        known = state.devices.get(name)
        box = known.box if known is not None and isinstance(device, Device) and known.kind is device.kind else None
        target.things["device"][name] = device.model_copy(update={"box": box})


def _twins(file: MovedFile, say: Words) -> list[str]:
    lists: dict[str, Sequence[Any]] = {
        "priority": file.priority, "service": file.service, "counter": file.counter, "device": file.device, "staff": file.staff,
        "template": file.template,
    }  # fmt: skip
    found = []
    for kind, entries in lists.items():
        ids = [entry.id for entry in entries]
        twins = sorted({name for name in ids if ids.count(name) > 1})
        found += [f"{kind} {twin}: {say('This id stands there twice.')}" for twin in twins]
    return found


def _placed(fault: dict[str, str], table: dict[str, Any]) -> str:
    """`service cash, prefix: …` rather than `service.0.prefix`."""
    parts = fault["field"].split(".")
    if len(parts) >= 2 and parts[1].isdecimal():
        entries = table.get(parts[0])
        entry = entries[int(parts[1])] if isinstance(entries, list) and int(parts[1]) < len(entries) else None
        name = entry.get("id", f"{int(parts[1]) + 1}") if isinstance(entry, dict) else f"{int(parts[1]) + 1}"
        parts = [f"{parts[0]} {name}", *parts[2:]]
    return f"{', '.join(parts)}: {fault['message']}"
