"""The fold of what a branch is made of. Whoever imports this has its folds registered."""

from branch_server.domain import events as e
from branch_server.domain.folds import folds
from branch_server.domain.state import Desk, Queue, State
from foleni.times import Instant


@folds(e.BranchSaved)
def _branch_saved(state: State, event: e.BranchSaved, _at: Instant) -> None:
    state.branch = event.branch


@folds(e.PrioritySaved)
def _priority_saved(state: State, event: e.PrioritySaved, _at: Instant) -> None:
    state.priorities[event.priority.id] = event.priority


@folds(e.ServiceSaved)
def _service_saved(state: State, event: e.ServiceSaved, at: Instant) -> None:
    queue = state.queues.get(event.service.id)
    if queue is None:
        state.queues[event.service.id] = Queue(event.service, event.service.state, at)
    else:
        queue.service = event.service


@folds(e.CounterSaved)
def _counter_saved(state: State, event: e.CounterSaved, _at: Instant) -> None:
    desk = state.desks.get(event.counter.id)
    if desk is None:
        state.desks[event.counter.id] = Desk(event.counter)
    else:
        desk.counter, desk.shares, desk.last = event.counter, {}, None


@folds(e.DeviceSaved)
def _device_saved(state: State, event: e.DeviceSaved, _at: Instant) -> None:
    state.devices[event.device.id] = event.device


@folds(e.StaffSaved)
def _staff_saved(state: State, event: e.StaffSaved, _at: Instant) -> None:
    state.staff[event.staff.id] = event.staff


@folds(e.TemplateSaved)
def _template_saved(state: State, event: e.TemplateSaved, _at: Instant) -> None:
    state.templates[event.template.id] = event.template


@folds(e.PriorityRemoved)
def _priority_removed(state: State, event: e.PriorityRemoved, _at: Instant) -> None:
    state.priorities.pop(event.priority, None)


@folds(e.ServiceRemoved)
def _service_removed(state: State, event: e.ServiceRemoved, _at: Instant) -> None:
    state.queues.pop(event.service, None)


@folds(e.CounterRemoved)
def _counter_removed(state: State, event: e.CounterRemoved, _at: Instant) -> None:
    state.desks.pop(event.counter, None)


@folds(e.DeviceRemoved)
def _device_removed(state: State, event: e.DeviceRemoved, _at: Instant) -> None:
    state.devices.pop(event.device, None)


@folds(e.StaffRemoved)
def _staff_removed(state: State, event: e.StaffRemoved, _at: Instant) -> None:
    state.staff.pop(event.staff, None)


@folds(e.TemplateRemoved)
def _template_removed(state: State, event: e.TemplateRemoved, _at: Instant) -> None:
    state.templates.pop(event.template, None)
