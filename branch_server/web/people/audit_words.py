"""Names for everything that the audit log can tell: commands, events, and what is done on the pages themselves."""

from functools import lru_cache

from branch_server.web.people.wording import words_in
from foleni.words.catalogue import Words, msgid

_QUEUE = {
    "join": msgid("Ticket given"),
    "ticket_joined": msgid("Ticket given"),
    "cancel": msgid("Ticket cancelled"),
    "ticket_cancelled": msgid("Ticket cancelled"),
    "check_in": msgid("Checked in"),
    "ticket_checked_in": msgid("Checked in"),
    "transfer": msgid("Ticket transferred"),
    "ticket_transferred": msgid("Ticket transferred"),
    "add_note": msgid("Note added"),
    "note_added": msgid("Note added"),
    "set_priority": msgid("Priority changed"),
    "priority_changed": msgid("Priority changed"),
    "rate": msgid("Service rated"),
    "ticket_rated": msgid("Service rated"),
    "call_next": msgid("Next one called"),
    "call_ticket": msgid("Ticket called"),
    "ticket_called": msgid("Ticket called"),
    "recall": msgid("Called once more"),
    "ticket_recalled": msgid("Called once more"),
    "start": msgid("Service begun"),
    "ticket_started": msgid("Service begun"),
    "complete": msgid("Ticket completed"),
    "ticket_completed": msgid("Ticket completed"),
    "skip": msgid("Skipped: not there"),
    "ticket_skipped": msgid("Skipped: not there"),
    "no_show": msgid("No-show"),
    "ticket_no_show": msgid("No-show"),
    "park": msgid("Ticket parked"),
    "ticket_parked": msgid("Ticket parked"),
    "unpark": msgid("Parked ticket called again"),
    "undo": msgid("Taken back"),
    "ticket_restored": msgid("Taken back"),
    "ticket_returned": msgid("Back in the queue"),
    "ticket_renumbered": msgid("Number corrected"),
    "ticket_expired": msgid("Ticket expired"),
    "open_counter": msgid("Counter opened"),
    "counter_opened": msgid("Counter opened"),
    "close_counter": msgid("Counter closed"),
    "counter_closed": msgid("Counter closed"),
    "break_counter": msgid("Break begun"),
    "counter_on_break": msgid("Break begun"),
    "print_ticket": msgid("Ticket printed"),
    "announce": msgid("Notice changed"),
    "announced": msgid("Notice changed"),
}
_SERVICES = {
    "open_service": msgid("Service opened"),
    "service_opened": msgid("Service opened"),
    "pause_service": msgid("Service paused"),
    "service_paused": msgid("Service paused"),
    "close_service": msgid("Service closed"),
    "service_closed": msgid("Service closed"),
    "close_day": msgid("Day closed"),
    "day_closed": msgid("Day closed"),
    "day_opened": msgid("Day begun"),
}
_SIGNING = {
    "sign_in": msgid("Sign-in"),
    "sign_out": msgid("Signed out"),
    "sign_out_everywhere": msgid("Signed out everywhere"),
    "choose_pin": msgid("PIN chosen"),
    "reset_pin": msgid("PIN reset"),
    "lift_lockout": msgid("Let in again"),
}
_PEOPLE = {
    "save_staff": msgid("Person saved"),
    "staff_saved": msgid("Person saved"),
    "remove_staff": msgid("Person removed"),
    "staff_removed": msgid("Person removed"),
    "save_shift": msgid("Shift planned"),
    "remove_shift": msgid("Shift removed"),
}
_SETUP = {
    "save_branch": msgid("Branch changed"),
    "branch_saved": msgid("Branch changed"),
    "save_service": msgid("Service saved"),
    "service_saved": msgid("Service saved"),
    "remove_service": msgid("Service removed"),
    "service_removed": msgid("Service removed"),
    "save_counter": msgid("Counter saved"),
    "counter_saved": msgid("Counter saved"),
    "remove_counter": msgid("Counter removed"),
    "counter_removed": msgid("Counter removed"),
    "save_priority": msgid("Priority class saved"),
    "priority_saved": msgid("Priority class saved"),
    "remove_priority": msgid("Priority class removed"),
    "priority_removed": msgid("Priority class removed"),
    "save_template": msgid("Paper ticket changed"),
    "template_saved": msgid("Paper ticket changed"),
    "remove_template": msgid("Paper ticket removed"),
    "template_removed": msgid("Paper ticket removed"),
    "import_setup": msgid("Setup imported"),
    "export_setup": msgid("Setup exported"),
    "back_up": msgid("Backup asked for"),
    "begin_term": msgid("Another server serves"),
    "term_began": msgid("Another server serves"),
    "hand_over": msgid("Handover to the second server"),
    "make_backup_key": msgid("Backup key made"),
}
_DEVICES = {
    "save_device": msgid("Device saved"),
    "device_saved": msgid("Device saved"),
    "remove_device": msgid("Device removed"),
    "device_removed": msgid("Device removed"),
    "approve_box": msgid("Box let in"),
    "refuse_box": msgid("Box turned away"),
    "wrong_join_code": msgid("Wrong joining code"),
    "identify": msgid("Device asked to show itself"),
    "restart": msgid("Device restarted"),
    "print": msgid("Test print"),
    "print_test": msgid("Test print"),
    "bring_bundle": msgid("Update brought"),
    "remove_bundle": msgid("Update deleted"),
    "plan_update": msgid("Update planned"),
    "drop_update": msgid("Update taken back"),
    "save_update_window": msgid("Time of updates changed"),
    "alert_raised": msgid("Alert raised"),
    "raise_alert": msgid("Alert raised"),
    "alert_cleared": msgid("Alert over"),
    "clear_alert": msgid("Alert over"),
}
_ACCESS = {
    "make_token": msgid("Token made"),
    "revoke_token": msgid("Token revoked"),
    "make_hook": msgid("Webhook made"),
    "change_hook": msgid("Webhook changed"),
    "remove_hook": msgid("Webhook removed"),
    "renew_hook_secret": msgid("Webhook secret renewed"),
    "export_audit": msgid("Audit log exported"),
    "export_report": msgid("Report exported"),
}
_NAMES = {**_QUEUE, **_SERVICES, **_SIGNING, **_PEOPLE, **_SETUP, **_DEVICES, **_ACCESS}

GROUPS: dict[str, frozenset[str]] = {
    "queue": frozenset(_QUEUE),
    "services": frozenset(_SERVICES),
    "signing": frozenset(_SIGNING),
    "people": frozenset(_PEOPLE),
    "setup": frozenset(_SETUP),
    "devices": frozenset(_DEVICES),
    "access": frozenset(_ACCESS),
}
"""What the log can be narrowed to."""


@lru_cache(maxsize=8)
def actions_in(language: str) -> dict[str, str]:
    """The name of each action in a language."""
    say = words_in(language)
    return {action: say(name) for action, name in _NAMES.items()}


def groups_in(say: Words) -> list[tuple[str, str]]:
    """What the log can be narrowed to, with a name."""
    return [
        ("queue", say("Tickets and counters")),
        ("services", say("Services and the day")),
        ("signing", say("Signing in")),
        ("people", say("People and shifts")),
        ("setup", say("Setup")),
        ("devices", say("Devices and alerts")),
        ("access", say("Tokens, webhooks, exports")),
    ]
