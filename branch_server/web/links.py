"""A ticket's public link: `/t/<token>`, which only this branch's key can make."""

import base64
import hashlib
import hmac
import socket

from branch_server.domain.state import State
from foleni.settings import HostPort

LINK_KEY = "link-key"
_TOKEN_BYTES = 15
_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared with, not listened on


def token_of(key: bytes, ticket: str) -> str:
    """The token of a ticket: 20 letters that say nothing."""
    return base64.urlsafe_b64encode(hmac.digest(key, ticket.encode(), hashlib.sha256)[:_TOKEN_BYTES]).decode()


def root_of(http: HostPort, *, is_tls: bool) -> str:
    """Where people on the LAN find the web side. One that listens on every address is called by this machine's name, as the
    LAN announces it.
    """
    host = f"{socket.gethostname().partition('.')[0]}.local" if http.host in _EVERYWHERE else http.host
    return f"{'https' if is_tls else 'http'}://{HostPort(host, http.port)}"


class Links:
    """Makes links, and finds the ticket of one again among those that are known today."""

    def __init__(self, key: bytes, root: str) -> None:
        self._key = key
        self._root = root
        self._tickets: dict[str, str] = {}
        self._known: set[str] = set()

    def link_of(self, ticket: str) -> str:
        return f"{self._root}/t/{self.token_of(ticket)}"

    def token_of(self, ticket: str) -> str:
        """The last part of a ticket's link."""
        return token_of(self._key, ticket)

    def ticket_of(self, token: str, state: State) -> str | None:
        """The id of the ticket with this token; None where no ticket of today has it."""
        found = self._tickets.get(token)
        if found is None:
            self._learn(state)
            found = self._tickets.get(token)
        return found if found in state.tickets else None

    def _learn(self, state: State) -> None:
        """Only what is new is worked out: whoever tries tokens that do not exist costs nothing."""
        fresh = state.tickets.keys() - self._known
        if fresh or len(self._known) > len(state.tickets):
            kept = {token: ticket for token, ticket in self._tickets.items() if ticket in state.tickets}
            self._tickets = kept | {self.token_of(ticket): ticket for ticket in fresh}
            self._known = set(state.tickets)
