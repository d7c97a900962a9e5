"""The states of a ticket in the cloud: the branch's own, and the two of a ticket that it does not have."""

from enum import StrEnum

from foleni.times import SECOND_US, Instant


class Status(StrEnum):
    """`asked`: the branch is asked for a number. `refused`: it said no."""

    ASKED = "asked"
    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    PARKED = "parked"
    COMPLETED = "completed"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REFUSED = "refused"


ACTIVE = (Status.ASKED, Status.WAITING, Status.CALLED, Status.SERVING, Status.PARKED)
"""Whoever has such a ticket has a place."""
REMOTE = frozenset({"app", "ussd", "appointment"})
"""Channels by which somebody joins who is not in the building."""
CONNECTED_US = 35 * SECOND_US
"""A branch that asks for commands without a pause is heard at least every 25 s or so."""


def is_live(heard_at: int | None, now: Instant) -> bool:
    """Whether a branch that was last heard at this instant is taken for connected."""
    return heard_at is not None and now - heard_at <= CONNECTED_US
