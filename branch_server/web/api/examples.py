"""Examples of what is read: one small branch on one morning."""

from typing import Any

from branch_server.web.api.operations import HAND, STANDING, TICKET

_CALL: dict[str, Any] = {
    "ticket": TICKET, "number": "A042", "counter": "c1", "counter_label": "1", "service": "cash",
    "called_at": "2026-11-21T09:52:40.010Z", "call": 1,
}  # fmt: skip
SERVICES: dict[str, Any] = {
    "seq": 4711, "day": "2026-11-21",
    "services": [{
        "id": "cash", "prefix": "A", "name": {"en": "Cash", "fr": "Caisse"}, "state": "open", "waiting": 11,
        "wait_p50_s": 540, "wait_p90_s": 800, "reopens_at": None,
    }],
}  # fmt: skip
BOARD: dict[str, Any] = {
    "seq": 4711, "calls": [_CALL], "recent": [{**_CALL, "number": "A041"}],
    "next": [{"service": "cash", "numbers": ["A043", "A044", "A045"]}], "notice": {},
}  # fmt: skip
COUNTER: dict[str, Any] = {"seq": 4711, "state": "open", "label": "1", "in_hand": HAND, "waiting": 11}
COUNTERS: dict[str, Any] = {"seq": 4711, "counters": {"c1": COUNTER}}
TOLD: dict[str, Any] = {
    **STANDING, "seq": 4711, "channel": "api", "priority": "normal",
    "story": [{
        "seq": 4702, "id": "0197a3c2-5b20-7000-8f6e-1c2d3e4f5a6b", "type": "ticket_joined", "at": "2026-11-21T09:41:07.123Z",
        "ticket": TICKET, "number": "A042", "service": "cash", "channel": "api", "priority": "normal", "day": "2026-11-21",
    }],
}  # fmt: skip
FOUND: dict[str, Any] = {"seq": 4711, "tickets": [{**STANDING, "seq": 4711, "channel": "api", "priority": "normal"}]}
_HEAD: dict[str, Any] = {
    "service": "cash", "ticket": TICKET, "number": "A042", "rank_at": "2026-11-21T09:41:07.123Z", "wait_s": 690,
    "credit_min": 0,
}  # fmt: skip
NEXT: dict[str, Any] = {
    "seq": 4711, "counter": "c1", "ticket": FOUND["tickets"][0],
    "why": {"rule": "fifo", "reason": "longest effective wait of Cash and Enquiries; 11 min", "heads": [_HEAD]},
}  # fmt: skip
STREAM = 'event: board\nid: 12\ndata: {"seq":4711,"calls":[…],"recent":[…],"next":[…],"notice":{}}\n\n'
