"""What each route may refuse, in the form that OpenAPI describes it in."""

from collections.abc import Iterable
from typing import Any

from branch_server.web.api.forms import Refusal
from branch_server.web.errors import status_of
from foleni.messages.replies import Code

_SENTENCES: dict[str, str] = {
    Code.SERVICE_CLOSED: "Cash is closed. It opens again at 13:30.",
    Code.SERVICE_PAUSED: "Cash is paused (the printer is changed).",
    Code.SERVICE_FULL: "Cash has given its 120 tickets of today.",
    Code.UNKNOWN_SERVICE: "There is no such service.",
    Code.UNKNOWN_COUNTER: "There is no such counter.",
    Code.UNKNOWN_TICKET: "There is no such ticket today.",
    Code.NOTHING_WAITING: "Nobody is waiting for counter 3.",
    Code.NOTHING_IN_HAND: "Counter 3 has no ticket in hand.",
    Code.COUNTER_CLOSED: "Counter 3 is closed.",
    Code.NOT_ALLOWED: "Max may not do that here.",
    Code.ALREADY_QUEUED: "This phone number has a ticket already: A017.",
    Code.WRONG_STATE: "A042 is completed, not waiting.",
    Code.INVALID: "priority: String should match pattern '^[a-z0-9-]{1,32}$'",
    Code.UNAVAILABLE: "The queue does not answer now. Please try again in a moment.",
    "not_signed_in": "Sign in, or send a token that is valid.",
    "too_large": "A request here has at most 65536 bytes.",
    "not_json": "Send the body as application/json.",
    "too_many": "These are too many requests. Please wait a moment.",
    "not_found": "There is nothing here.",
    "method_not_allowed": "Method Not Allowed",
    "unknown_hook": "There is no such webhook.",
    "unknown_delivery": "There is no such delivery any more.",
    "too_many_hooks": "A branch has at most 20 webhooks.",
    "hook_off": "This webhook is switched off.",
    "not_there": "kiosk-1 is not connected. Nothing was done.",
    "no_answer": "kiosk-1 did not answer.",
}
_STATUSES = {
    "not_signed_in": 401, "not_found": 404, "method_not_allowed": 405, "too_large": 413, "not_json": 415, "too_many": 429,
    "unknown_hook": 404, "unknown_delivery": 404, "too_many_hooks": 409, "hook_off": 409,
    "not_there": 409, "no_answer": 504,
}  # fmt: skip
_TITLES = {
    401: "Nobody is signed in, or the token is not valid", 403: "Not theirs to do", 404: "There is no such thing",
    405: "Not with this method", 409: "Not possible now", 413: "The body is too long", 415: "The body is of another kind",
    422: "The request cannot be understood", 429: "Too many requests; `Retry-After` says when to come back",
    503: "Nothing was done; try again", 504: "It may have been done, but nothing came back",
}  # fmt: skip

OF_READING: tuple[str, ...] = ("not_signed_in", Code.NOT_ALLOWED, Code.INVALID, "too_many")
OF_ASKING: tuple[str, ...] = (*OF_READING, "too_large", "not_json", Code.UNAVAILABLE)


def described(codes: Iterable[str]) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may refuse with these codes, an example for each code."""
    grouped: dict[int, list[str]] = {}
    for code in dict.fromkeys(str(code) for code in codes):
        grouped.setdefault(_status_of(code), []).append(code)
    return {
        status: {
            "model": Refusal,
            "description": f"{_TITLES[status]}: {', '.join(f'`{code}`' for code in named)}",
            "content": {"application/json": {"examples": {code: {"value": _example(code)} for code in named}}},
        }
        for status, named in sorted(grouped.items())
    }


def _status_of(code: str) -> int:
    return _STATUSES.get(code) or status_of(Code(code))


def _example(code: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": _SENTENCES[code]}}
