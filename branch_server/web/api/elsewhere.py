"""Examples for the routes of other features that integrations may use: devices and reports."""

from typing import Any

from branch_server.web.api.operations import TICKET

_FIGURES: dict[str, Any] = {
    "issued": 412, "served": 371, "no_show": 18, "cancelled": 9, "expired": 6, "abandoned": 33, "active": 8,
    "wait_mean_s": 534, "wait_p50_s": 470, "wait_p90_s": 1104, "within_target": 0.83, "service_mean_s": 262,
    "service_p50_s": 231, "service_p90_s": 488, "no_show_rate": 0.044, "abandonment": 0.08, "ratings": 57, "stars": 4.4,
}  # fmt: skip
_AT_COUNTERS: dict[str, Any] = {**_FIGURES, "open_s": 25200, "busy_s": 19800, "idle_s": 4500, "break_s": 900}
_PERIOD: dict[str, Any] = {"from": "2026-11-15", "to": "2026-11-21", "target_s": 900}
_COUNTED: dict[str, Any] = {
    "state": "open", "waiting": 11, "waits_since": "2026-11-21T09:41:07.123Z", "issued": 63, "served": 49, "no_show": 2,
    "abandoned": 3, "parked": 1,
}  # fmt: skip
_DEVICE: dict[str, Any] = {
    "id": "kiosk-1", "kind": "kiosk", "name": {"en": "Kiosk at the door"}, "online": True, "since": "2026-11-21T06:02:11.000Z",
    "seen_at": "2026-11-21T09:40:02.512Z", "software": "0.1.0", "printer": "ok", "sound": None,
}  # fmt: skip
_TICKET: dict[str, Any] = {
    "ticket": TICKET, "day": "2026-11-21", "number": "A042", "service": "cash", "channel": "kiosk", "priority": "normal",
    "status": "completed", "counter": "c1", "staff": "ada", "joined_at": "2026-11-21T09:41:07.123Z",
    "called_at": "2026-11-21T09:52:40.010Z", "started_at": "2026-11-21T09:53:02.345Z", "ended_at": "2026-11-21T09:57:20.100Z",
    "wait_s": 692, "service_s": 257, "skips": 0, "outcome": "done", "stars": 5, "language": "en", "offline": False,
}  # fmt: skip
_LIVE: dict[str, Any] = {
    "day": "2026-11-21", "target_min": 15, "totals": {**_COUNTED, "in_hand": 4, "staffed": 5, "counters": 6},
    "services": [{"service": "cash", "name": {"en": "Cash"}, **_COUNTED}],
    "counters": [{"counter": "c1", "label": "1", "state": "open", "staff": "Ada", "in_hand": "A042",
                  "called_at": "2026-11-21T09:52:40.010Z", "served": 12, "no_show": 0}],
    "alerts": [{"alert": "paper:kiosk-1", "message": "Kiosk 1 has no paper."}],
}  # fmt: skip


def _by(name: str, key: dict[str, Any], figures: dict[str, Any] = _FIGURES) -> dict[str, Any]:
    return {**_PERIOD, name: [{**key, **figures}]}


ANSWERS: dict[str, Any] = {
    "get /api/v1/devices": {"devices": [_DEVICE]},
    "post /api/v1/devices/{device}/orders": {"ok": True, "code": "done", "message": ""},
    "get /api/v1/reports/summary": {**_PERIOD, "summary": _AT_COUNTERS},
    "get /api/v1/reports/by-day": _by("days", {"day": "2026-11-21"}),
    "get /api/v1/reports/by-hour": _by("hours", {"hour": 10}),
    "get /api/v1/reports/by-weekday": _by("weekdays", {"weekday": "sat"}),
    "get /api/v1/reports/heatmap": _by("heatmap", {"weekday": "sat", "hour": 10}),
    "get /api/v1/reports/services": _by("services", {"service": "cash"}),
    "get /api/v1/reports/counters": _by("counters", {"counter": "c1"}, _AT_COUNTERS),
    "get /api/v1/reports/staff": _by("staff", {"staff": "ada"}, _AT_COUNTERS),
    "get /api/v1/reports/channels": _by("channels", {"channel": "kiosk"}),
    "get /api/v1/reports/tickets": {"from": "2026-11-15", "to": "2026-11-21", "tickets": [_TICKET], "next": None},
    "get /api/v1/reports/live": _LIVE,
    "get /api/v1/reports/mine": {**_by("services", {"service": "cash"}), "summary": _AT_COUNTERS},
    "get /healthz": {"status": "ok"},
}
"""What is answered, by method and path."""

BODIES: dict[str, Any] = {"post /api/v1/devices/{device}/orders": {"type": "identify"}}
"""What is asked."""

REFUSALS: dict[str, tuple[str, ...]] = {"post /api/v1/devices/{device}/orders": ("not_there", "no_answer")}
"""Codes beside those that every route has."""
