"""The lines of the audit trail in words."""

from collections.abc import Sequence
from typing import Any

from cloud.people.audit_routes import Line
from cloud.people.trail import HOUSE
from foleni.words.catalogue import msgid, words
from foleni.words.times import day_and_time

_ACTIONS = {
    "sign_in": msgid("signed in"),
    "refresh": msgid("came with a used token: that sign-in has ended"),
    "sign_out_everywhere": msgid("signed out everywhere"),
    "erase_me": msgid("had their data erased"),
    "make_organization": msgid("made an organization"),
    "edit_organization": msgid("changed an organization"),
    "make_branch": msgid("made a branch"),
    "edit_branch": msgid("changed a branch"),
    "make_token": msgid("made a token"),
    "revoke_token": msgid("revoked a token"),
    "revoke_tokens": msgid("revoked all tokens"),
    "grant_role": msgid("gave a role"),
    "grant_staff": msgid("made somebody staff"),
    "grant_manager": msgid("made somebody a manager"),
    "grant_admin": msgid("made somebody an administrator"),
    "withdraw_staff": msgid("took the role of staff"),
    "withdraw_manager": msgid("took the role of a manager"),
    "withdraw_admin": msgid("took the role of an administrator"),
    "shut_out": msgid("shut somebody out"),
    "let_in": msgid("let somebody in again"),
    "call_next": msgid("called the next"),
    "skip": msgid("skipped"),
    "pause_service": msgid("paused a service"),
    "open_service": msgid("opened a service"),
    "close_service": msgid("closed a service"),
    "erase_contacts": msgid("erased contacts whose time was over"),
}
_OUTCOMES = {
    "ok": msgid("done"),
    "unavailable": msgid("the branch did not answer"),
    "not_allowed": msgid("not allowed"),
    "wrong_code": msgid("wrong code"),
    "nothing_waiting": msgid("nobody waiting"),
    "wrong_state": msgid("not possible then"),
    "counter_closed": msgid("the counter was closed"),
}


def audit_rows(lines: Sequence[Line], language: str) -> list[dict[str, Any]]:
    """What the page shows; what has no words yet is shown as it is. Times are in UTC, as branches have zones of their own."""
    say = words("cloud.offices", language)
    return [
        {
            "at": day_and_time(line.at, "UTC", language),
            "who": "Foleni" if line.who == HOUSE else line.name or line.who,
            "address": line.address,
            "action": say(_ACTIONS[line.action]) if line.action in _ACTIONS else line.action.replace("_", " "),
            "subject": line.subject,
            "place": line.branch or line.organization or "",
            "outcome": say(_OUTCOMES[line.outcome]) if line.outcome in _OUTCOMES else line.outcome.replace("_", " "),
            "is_ok": line.outcome == "ok",
        }
        for line in lines
    ]
