"""What a sender may ask. The broker keeps its part of these rights; this is the second lock."""

from branch_server.domain.asking import Sender
from branch_server.domain.refusals import Refused
from branch_server.domain.state import State
from foleni.messages.commands import Cancel, Command, CounterCommand, Transfer
from foleni.messages.replies import Code
from foleni.messages.setup import Device, DeviceKind

_KIOSK = frozenset({"join", "check_in", "rate", "cancel"})
_COUNTER = frozenset({
    "call_next", "recall", "start", "complete", "skip", "no_show", "park", "open_counter", "close_counter", "break_counter",
    "call_ticket", "unpark", "transfer", "undo",
})  # fmt: skip
_HOUSE = frozenset({"raise_alert", "clear_alert", "begin_term"})
"""What no device may ask, not even a console."""


def check(state: State, sender: Sender, command: Command) -> None:
    """Refuses a command that its sender may not ask."""
    if sender.trusted:
        return
    device = state.devices.get(sender.name)
    if device is None or not _allowed(state, device, command):
        raise Refused(Code.NOT_ALLOWED, f"{sender.name} may not ask for {command.type.replace('_', ' ')} here.")


def _allowed(state: State, device: Device, command: Command) -> bool:
    match device.kind:
        case DeviceKind.CONSOLE:
            return command.type not in _HOUSE
        case DeviceKind.KIOSK:
            return command.type in _KIOSK and _own_ticket(state, device, command)
        case DeviceKind.COUNTER:
            return command.type in _COUNTER and _own_counter(state, device, command)
        case _:
            return False


def _own_ticket(state: State, device: Device, command: Command) -> bool:
    """Only a cancellation is bound to the kiosk that made the ticket."""
    if not isinstance(command, Cancel):
        return True
    ticket = state.tickets.get(command.ticket)
    return ticket is None or ticket.device == device.id


def _own_counter(state: State, device: Device, command: Command) -> bool:
    if isinstance(command, CounterCommand):
        return command.counter == device.counter
    if isinstance(command, Transfer):
        desk = state.desks.get(device.counter or "")
        return desk is not None and desk.in_hand == command.ticket
    return False
