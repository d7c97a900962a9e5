"""One command in, its events out: the only door into the rules."""

from collections.abc import Callable, Sequence
from typing import Any

from branch_server.domain import rights
from branch_server.domain.asking import Moment
from branch_server.domain.events import Event
from branch_server.domain.handlers import alerts, calling, days, joining, places, serving, setting_up, terms, tickets, undoing
from branch_server.domain.refusals import Refused
from branch_server.domain.state import State
from foleni.messages import commands as c
from foleni.messages.replies import Code

_Handler = Callable[[State, Any, Moment], Sequence[Event]]

_HANDLERS: dict[type[c.Command], _Handler] = {
    c.Join: joining.join,
    c.Cancel: tickets.cancel,
    c.CheckIn: tickets.check_in,
    c.AddNote: tickets.add_note,
    c.SetPriority: tickets.set_priority,
    c.Rate: tickets.rate,
    c.CallNext: calling.call_next,
    c.CallTicket: calling.call_ticket,
    c.Unpark: calling.unpark,
    c.Recall: calling.recall,
    c.Start: serving.start,
    c.Complete: serving.complete,
    c.Skip: serving.skip,
    c.NoShow: serving.no_show,
    c.Park: serving.park,
    c.Undo: undoing.undo,
    c.Transfer: serving.transfer,
    c.OpenCounter: places.open_counter,
    c.CloseCounter: places.close_counter,
    c.BreakCounter: places.break_counter,
    c.OpenService: places.open_service,
    c.PauseService: places.pause_service,
    c.CloseService: places.close_service,
    c.Announce: places.announce,
    c.RaiseAlert: alerts.raise_alert,
    c.ClearAlert: alerts.clear_alert,
    c.BeginTerm: terms.begin_term,
    c.CloseDay: days.close_day,
    c.SaveBranch: setting_up.save_branch,
    c.SavePriority: setting_up.save_priority,
    c.SaveService: setting_up.save_service,
    c.SaveCounter: setting_up.save_counter,
    c.SaveDevice: setting_up.save_device,
    c.SaveStaff: setting_up.save_staff,
    c.SaveTemplate: setting_up.save_template,
    c.RemovePriority: setting_up.remove_priority,
    c.RemoveService: setting_up.remove_service,
    c.RemoveCounter: setting_up.remove_counter,
    c.RemoveDevice: setting_up.remove_device,
    c.RemoveStaff: setting_up.remove_staff,
    c.RemoveTemplate: setting_up.remove_template,
}


def decide(state: State, command: c.Command, moment: Moment) -> Sequence[Event]:
    """The events that `command` causes; raises `Refused`, with a code of the contract, where it cannot be done."""
    handler = _HANDLERS[type(command)]
    rights.check(state, moment.sender, command)
    if state.branch is None and not isinstance(command, c.SaveBranch):
        raise Refused(Code.INVALID, "This branch is not set up yet.")
    return handler(state, command, moment)
