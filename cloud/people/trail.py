"""The audit trail: who did what to whom, from where, and what came of it."""

from sqlalchemy import Connection, insert

from cloud.requests import request_id
from cloud.store.tables import audit
from foleni.times import Instant

HOUSE = "house"
"""Who did it where nobody asked for it: the nightly work, and whoever administers at the machine itself."""


def note(  # noqa: PLR0913 - a line has so many sides, and each is named
    c: Connection,
    *,
    at: Instant,
    who: str,
    address: str,
    action: str,
    subject: str,
    outcome: str,
    organization: str | None = None,
    branch: str | None = None,
) -> None:
    """Writes a line. `who` is a user's id, a branch, or `HOUSE`; `outcome` is `ok` or the code of the refusal. Never a code, a
    token or a customer's phone number: the trail outlives them.
    """
    c.execute(
        insert(audit).values(
            at=at, who=who, address=address, action=action, subject=subject, outcome=outcome, organization=organization,
            branch=branch, request=request_id.get(),
        )
    )  # fmt: skip
