"""What may be a PIN or a password. Pure."""

from enum import StrEnum

SHORTEST_PIN = 6
SHORTEST_PASSWORD = 10
LONGEST = 128
_RUNS = ("01234567890", "09876543210")


class Fault(StrEnum):
    """Why a secret cannot be taken."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    TOO_EASY = "too_easy"
    IS_NAME = "is_name"


def fault_of(secret: str, staff: str, name: str = "") -> Fault | None:
    """The first fault of a secret for somebody; None where it is well."""
    if len(secret) > LONGEST:
        return Fault.TOO_LONG
    is_pin = secret.isascii() and secret.isdigit()
    if len(secret) < (SHORTEST_PIN if is_pin else SHORTEST_PASSWORD):
        return Fault.TOO_SHORT
    if _repeats(secret) or (is_pin and any(secret in run for run in _RUNS)):
        return Fault.TOO_EASY
    told = {staff.casefold(), name.casefold()} - {""}
    return Fault.IS_NAME if secret.casefold() in told else None


def _repeats(secret: str) -> bool:
    """Whether a piece of at most half its length makes it up: 000000, 121212, 123123."""
    return any(secret == (secret[:size] * len(secret))[: len(secret)] for size in range(1, len(secret) // 2 + 1))
