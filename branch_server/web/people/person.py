"""Somebody who acts through the web side: a signed-in member of staff, or an integration with its token."""

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What a person is in the branch; an integration is no person, and has scopes instead."""

    ADMIN = "admin"
    MANAGER = "manager"
    STAFF = "staff"
    INTEGRATION = "integration"


class Scope(StrEnum):
    """What a token may do."""

    READ = "read"
    TICKETS = "tickets"
    COUNTERS = "counters"
    SERVICES = "services"
    REPORTS = "reports"
    METRICS = "metrics"


@dataclass(frozen=True, slots=True)
class Person:
    """`services` are those they may touch; None means all. `address` is where the request came from, `session` the public
    id of their session (not its secret), `language` what they read.
    """

    id: str
    name: str
    role: Role
    services: frozenset[str] | None = None
    scopes: frozenset[Scope] = field(default_factory=frozenset)
    session: str | None = None
    language: str = "en"
    address: str = ""

    def touches(self, service: str) -> bool:
        """Whether a service is theirs."""
        return self.services is None or service in self.services

    def touches_all(self) -> bool:
        """Whether every service of the branch is theirs."""
        return self.services is None
