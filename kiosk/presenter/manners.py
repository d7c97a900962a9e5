"""How a kiosk treats people: what its settings choose, and its times in seconds."""

from dataclasses import dataclass

TICKET_S = 8
NO_PAPER_S = 30
"""So long a number stays where there is no paper, or none yet."""
SORRY_S = 12
IDLE_S = 30
DESK_IDLE_S = 60
ASKING_S = 6
"""No answer takes longer: the desk gives a number of its own after 2 s."""
SIGN_S = 15
SETTLE_S = 0.3
"""Nobody has read a page in less: a tap then was meant for the page before."""
TICKET_SETTLE_S = 1.0
CALM_S = 2.0
"""A link that is away no longer than this is not worth a word."""
FIRST_LOCK_S = 2.0
LONGEST_LOCK_S = 64.0


@dataclass(frozen=True, slots=True)
class Manners:
    """What the settings choose. Without `staff_code` there is no staff page."""

    ask_phone: bool = False
    region: str = "RW"
    staff_code: str | None = None
