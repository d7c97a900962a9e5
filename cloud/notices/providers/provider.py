"""What a provider is to the sender, and what may go wrong with it."""

from dataclasses import dataclass
from typing import Protocol

from cloud.notices.occasions import Channel


@dataclass(frozen=True, slots=True)
class Letter:
    """One message on its way. `recipient` is a phone or an address; of a push it is the subscription as JSON."""

    id: str
    kind: str
    channel: Channel
    recipient: str
    language: str
    title: str
    text: str
    link: str | None
    good_for_s: int


class SendingError(Exception):
    """The provider did not take a message; the text says why, without naming the recipient."""


class TroubleError(SendingError):
    """The provider does not work, or not for us; it may have taken the message all the same. Another one may do."""


class DeclinedError(SendingError):
    """The provider does not carry this message. Another one may."""


class RefusedError(SendingError):
    """Nobody can deliver this message: there is no such recipient, or they want nothing."""


class GoneError(RefusedError):
    """The subscription has ended."""


class Provider(Protocol):
    """Sends; called on several threads at once."""

    @property
    def name(self) -> str: ...

    @property
    def channels(self) -> frozenset[Channel]: ...

    @property
    def at_once(self) -> int:
        """How many messages it may be given at the same time."""

    def send(self, letter: Letter) -> str | None:
        """Hands a message over within seconds; the provider's own id of it, where it tells one. Raises `SendingError`."""
