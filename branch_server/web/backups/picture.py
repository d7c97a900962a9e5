"""How the backups are, for the page."""

from pathlib import Path
from typing import Any

from branch_server.keeping.errors import Fault
from branch_server.keeping.keys import kept_recipients
from branch_server.keeping.settings import STICK
from branch_server.keeping.status import Kept, Status, age_s, is_running, is_wanted, read_status
from foleni.times import Instant, to_wire

LATE_S = 36 * 3600
"""A nightly backup that is older has missed a night."""


def picture_of(data: Path, places: list[str], now: Instant) -> dict[str, Any]:
    """`state` is `idle`, `wanted` (asked for, not begun) or `running`; `mood` is `good`, `late` or `none`."""
    status = read_status(data)
    age = age_s(status, now)
    running = is_running(data)
    return {
        "now": to_wire(now),
        "state": "running" if running else "wanted" if is_wanted(data) else "idle",
        "mood": "none" if age is None else "late" if age > LATE_S else "good",
        "good_at": _wire(status.good_at) if status is not None else None,
        "seq": status.seq if status is not None else 0,
        "day": status.day if status is not None else "",
        "fault": status.fault if status is not None else None,
        "words": status.words if status is not None else None,
        "has_key": bool(kept_recipients(data)) or (status is not None and status.fault is not Fault.NO_KEY),
        "places": [_place(one) for one in _places(status, places)],
    }


def _places(status: Status | None, named: list[str]) -> list[Kept]:
    """Those that the settings name, each as the last backup found it; the stick where they name none."""
    known = {one.target: one for one in status.targets} if status is not None else {}
    names = named or list(known) or [f"usb:{STICK}"]
    return [known.get(name) or Kept(target=name, where=name) for name in names]


def _place(kept: Kept) -> dict[str, Any]:
    return {
        "target": kept.target, "where": kept.where, "good_at": _wire(kept.good_at), "tried_at": _wire(kept.tried_at),
        "bytes": kept.bytes, "fault": kept.fault, "words": kept.words,
    }  # fmt: skip


def _wire(at: Instant | None) -> str | None:
    return to_wire(at) if at is not None else None
