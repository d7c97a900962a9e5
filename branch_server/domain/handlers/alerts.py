"""What needs a person: raised and cleared by the house itself."""

from collections.abc import Sequence

from branch_server.domain.asking import Moment
from branch_server.domain.events import AlertCleared, AlertRaised, Event
from branch_server.domain.state import State
from foleni.messages.commands import ClearAlert, RaiseAlert


def raise_alert(state: State, command: RaiseAlert, _moment: Moment) -> Sequence[Event]:
    same = state.alerts.get(command.alert) == command.message
    return [] if same else [AlertRaised(command.alert, command.message)]


def clear_alert(state: State, command: ClearAlert, _moment: Moment) -> Sequence[Event]:
    return [AlertCleared(command.alert)] if command.alert in state.alerts else []
