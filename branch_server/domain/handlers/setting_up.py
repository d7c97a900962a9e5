"""Changing what the branch is made of. A setup that could give a number twice, or strand a ticket, is refused."""

from collections.abc import Container, Sequence

from branch_server.domain.asking import RESERVED, Moment, desk_of, queue_of
from branch_server.domain.events import (
    BranchSaved,
    CounterRemoved,
    CounterSaved,
    DayOpened,
    DeviceRemoved,
    DeviceSaved,
    Event,
    PriorityRemoved,
    PrioritySaved,
    ServiceRemoved,
    ServiceSaved,
    StaffRemoved,
    StaffSaved,
    TemplateRemoved,
    TemplateSaved,
)
from branch_server.domain.handlers.hours import after_branch, after_service
from branch_server.domain.numbers import check_series
from branch_server.domain.refusals import Refused
from branch_server.domain.state import CounterState, State
from branch_server.domain.tickets import ACTIVE
from foleni.days import business_day
from foleni.messages import commands as c
from foleni.messages.replies import Code
from foleni.messages.setup import BUILT_IN_PRIORITIES, Branch, Device, Service

_REMOTE = "the remote issuer"


def save_branch(state: State, command: c.SaveBranch, moment: Moment) -> Sequence[Event]:
    """A new branch opens its first business day at once, and services go by changed hours at once."""
    if state.branch is not None and state.branch.id != command.branch.id:
        raise Refused(Code.INVALID, f"This is branch {state.branch.id}; its id stays.")
    check_series(_prefixes(state), _letters(state, branch=command.branch))
    opened = [] if state.day else [DayOpened(business_day(command.branch, moment.now))]
    return [BranchSaved(command.branch), *opened, *after_branch(state, command.branch, moment.now)]


def save_priority(_state: State, command: c.SavePriority, _moment: Moment) -> Sequence[Event]:
    if command.priority.id == "normal" and command.priority.credit_min:
        raise Refused(Code.INVALID, "The normal class has no credit.")
    return [PrioritySaved(command.priority)]


def save_service(state: State, command: c.SaveService, moment: Moment) -> Sequence[Event]:
    check_series(_prefixes(state, command.service), _letters(state))
    return [ServiceSaved(command.service), *after_service(state, command.service, moment.now)]


def save_counter(state: State, command: c.SaveCounter, _moment: Moment) -> Sequence[Event]:
    for service in command.counter.services:
        queue_of(state, service)
    twin = next((d.counter.id for d in state.desks.values() if d.counter.label == command.counter.label), None)
    if twin not in {None, command.counter.id}:
        raise Refused(Code.INVALID, f"Counter {twin} has the label {command.counter.label} already.")
    return [CounterSaved(command.counter)]


def save_device(state: State, command: c.SaveDevice, _moment: Moment) -> Sequence[Event]:
    if command.device.id in RESERVED:
        raise Refused(Code.INVALID, f"No device can be called {command.device.id}.")
    if command.device.counter is not None:
        desk_of(state, command.device.counter)
    check_series(_prefixes(state), _letters(state, device=command.device))
    return [DeviceSaved(command.device)]


def save_staff(state: State, command: c.SaveStaff, _moment: Moment) -> Sequence[Event]:
    for service in command.staff.services:
        queue_of(state, service)
    return [StaffSaved(command.staff)]


def save_template(_state: State, command: c.SaveTemplate, _moment: Moment) -> Sequence[Event]:
    return [TemplateSaved(command.template)]


def remove_priority(state: State, command: c.RemovePriority, _moment: Moment) -> Sequence[Event]:
    if command.priority in {p.id for p in BUILT_IN_PRIORITIES}:
        raise Refused(Code.INVALID, f"The class {command.priority} always exists.")
    _known(command.priority, state.priorities)
    return [PriorityRemoved(command.priority)]


def remove_service(state: State, command: c.RemoveService, _moment: Moment) -> Sequence[Event]:
    queue_of(state, command.service)
    held = next((t for t in state.tickets.values() if t.service == command.service and t.status in ACTIVE), None)
    if held is not None:
        raise Refused(Code.WRONG_STATE, f"{held.number} is still {held.status} for {command.service}.", held.id)
    desk = next((d for d in state.desks.values() if command.service in d.counter.services), None)
    if desk is not None:
        raise Refused(Code.WRONG_STATE, f"Counter {desk.counter.label} still serves {command.service}.")
    return [ServiceRemoved(command.service)]


def remove_counter(state: State, command: c.RemoveCounter, _moment: Moment) -> Sequence[Event]:
    desk = desk_of(state, command.counter)
    if desk.in_hand is not None or desk.state is not CounterState.CLOSED:
        raise Refused(Code.WRONG_STATE, f"Counter {desk.counter.label} is in use. Close it first.")
    unit = next((d.id for d in state.devices.values() if d.counter == command.counter), None)
    if unit is not None:
        raise Refused(Code.WRONG_STATE, f"Device {unit} still stands at counter {desk.counter.label}.")
    return [CounterRemoved(command.counter)]


def remove_device(state: State, command: c.RemoveDevice, _moment: Moment) -> Sequence[Event]:
    _known(command.device, state.devices)
    return [DeviceRemoved(command.device)]


def remove_staff(state: State, command: c.RemoveStaff, _moment: Moment) -> Sequence[Event]:
    _known(command.staff, state.staff)
    desk = next((d for d in state.desks.values() if d.staff == command.staff and d.state is not CounterState.CLOSED), None)
    if desk is not None:
        name = state.staff[command.staff].name
        raise Refused(Code.WRONG_STATE, f"{name} sits at counter {desk.counter.label}. Close it first.")
    return [StaffRemoved(command.staff)]


def remove_template(state: State, command: c.RemoveTemplate, _moment: Moment) -> Sequence[Event]:
    _known(command.template, state.templates)
    return [TemplateRemoved(command.template)]


def _known(name: str, among: Container[str]) -> None:
    if name not in among:
        raise Refused(Code.INVALID, f"There is no {name}.")


def _prefixes(state: State, changed: Service | None = None) -> dict[str, str]:
    prefixes = {queue.service.id: queue.service.prefix for queue in state.queues.values()}
    return prefixes if changed is None else prefixes | {changed.id: changed.prefix}


def _letters(state: State, branch: Branch | None = None, device: Device | None = None) -> dict[str, str]:
    """The letters of all issuers as they would be with a changed branch or device."""
    devices = dict(state.devices) if device is None else state.devices | {device.id: device}
    letters = {known.id: known.issuer for known in devices.values() if known.issuer is not None}
    owner = branch or state.branch
    if owner is not None and owner.remote_issuer is not None:
        letters[_REMOTE] = owner.remote_issuer
    return letters
