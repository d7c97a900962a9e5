"""When the backups need a person."""

import re

from branch_server.keeping.errors import Fault
from branch_server.keeping.settings import STICK
from branch_server.keeping.status import Kept, Status
from branch_server.web.reports.alert_words import (
    BACKUP_AWAY,
    BACKUP_FULL,
    BACKUP_LATE,
    BACKUP_NOT_MADE,
    BACKUP_REFUSED,
    BACKUP_SPOILT,
)
from branch_server.web.reports.troubles import Condition
from foleni.times import HOUR_US, Instant

LATE_H = 36
"""A nightly backup that is older has missed a night."""
_SENTENCES = {
    Fault.FULL: BACKUP_FULL,
    Fault.NOT_THERE: BACKUP_AWAY,
    Fault.UNREACHABLE: BACKUP_AWAY,
    Fault.REFUSED: BACKUP_REFUSED,
    Fault.DAMAGED: BACKUP_SPOILT,
}


def backups_of(status: Status | None, now: Instant) -> dict[str, Condition]:
    """How the backups are; nothing before the first key was made. A stick that is plugged in now and then may be away."""
    if status is None or (status.fault is Fault.NO_KEY and status.good_at is None):
        return {}
    is_late = status.good_at is not None and now - status.good_at > LATE_H * HOUR_US
    found = {
        "backup": _condition(BACKUP_LATE.format(hours=LATE_H), is_late),
        "backup:making": _condition(BACKUP_NOT_MADE, status.fault is not None),
    }
    for kept in status.targets:
        sentence = _SENTENCES.get(kept.fault, BACKUP_REFUSED) if kept.fault is not None else BACKUP_REFUSED
        found[f"backup:{_slug(kept.target)}"] = _condition(sentence.format(place=kept.target), _needs_somebody(kept))
    return found


def _needs_somebody(kept: Kept) -> bool:
    is_stick_away = kept.fault is Fault.NOT_THERE and kept.where == f"usb:{STICK}"
    return kept.fault is not None and not is_stick_away


def _condition(message: str, is_bad: bool) -> Condition:
    return Condition(message, is_bad, not is_bad, 0, 0)


def _slug(target: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", target.lower()).strip("-")[-32:] or "place"
