"""What customers are written about, and by which ways."""

from enum import StrEnum

from foleni.times import MINUTE_US


class Occasion(StrEnum):
    """Why a message is sent."""

    OTP = "otp"
    JOINED = "joined"
    NEAR = "near"
    CALLED = "called"
    SKIPPED = "skipped"
    CLOSING = "closing"
    REMINDER = "reminder"
    REFUSED = "refused"


class Channel(StrEnum):
    """How a message goes out."""

    SMS = "sms"
    WHATSAPP = "whatsapp"
    EMAIL = "email"
    PUSH = "push"


GOOD_FOR_S = {
    Occasion.OTP: 5 * 60,
    Occasion.JOINED: 30 * 60,
    Occasion.NEAR: 20 * 60,
    Occasion.CALLED: 10 * 60,
    Occasion.SKIPPED: 20 * 60,
    Occasion.CLOSING: 60 * 60,
    Occasion.REMINDER: 60 * 60,
    Occasion.REFUSED: 60 * 60,
}
"""So long a message is true; later it would only mislead."""

HEAD_START_US = {Occasion.OTP: 60 * MINUTE_US, Occasion.CALLED: 15 * MINUTE_US, Occasion.NEAR: 5 * MINUTE_US}
"""Where many messages wait, these go before others that came so much earlier."""

OVERTAKES = {
    Occasion.CALLED: (Occasion.NEAR, Occasion.SKIPPED),
    Occasion.SKIPPED: (Occasion.NEAR, Occasion.CALLED),
    Occasion.REFUSED: (Occasion.JOINED, Occasion.NEAR, Occasion.REMINDER),
}
"""What is not yet sent about a ticket, and not true any more, once this has happened to it."""
