"""A ticket as it is printed and shown: facts only, no form."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PaperTicket:
    """`issued_at` is in the branch's own time. Waits are in seconds; they and `ahead` are None where nobody knows (offline)."""

    number: str
    service: str
    """The name of the service in the customer's language."""
    organization: str
    branch: str
    kiosk: str
    issued_at: datetime
    language: str
    ahead: int | None = None
    wait_p50_s: int | None = None
    wait_p90_s: int | None = None
    url: str | None = None
    footer: str = ""
    copy: bool = False
    """Printed again by staff: the paper says so."""
    trial: bool = False
    """No ticket, but proof that the printer prints: it promises nothing."""
