"""The audit log of the web side: who, from where, what, when, and what came of it."""

import time
from typing import Any

from sqlalchemy import Engine, delete, insert, select

from branch_server.web.people.person import Person
from branch_server.web.store.keeping import keeping
from branch_server.web.store.tables import audit
from foleni.times import DAY_US

KEPT_US = 400 * DAY_US
_MOST_AT_ONCE = 1000


class Audit:
    """Appends lines; nothing ever changes or deletes one but the end of its keeping time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def note(
        self,
        person: Person,
        action: str,
        subject: str,
        outcome: str = "ok",
        command: str | None = None,
        detail: str | None = None,
        seq: int | None = None,
    ) -> None:
        """Writes a line, durably. No secret and nothing a customer typed belongs into `detail`. `seq` is how far the branch's
        log had come when the command was answered.
        """
        self.write({
            "who": person.id, "role": str(person.role), "address": person.address, "action": action, "subject": subject,
            "outcome": outcome, "command": command, "seq": seq, "detail": detail,
        })  # fmt: skip

    def clean(self, now: int) -> None:
        """Drops lines whose keeping time is over, a bounded number at once."""
        old = select(audit.c.n).where(audit.c.at < now - KEPT_US).order_by(audit.c.n).limit(_MOST_AT_ONCE)
        with keeping(self._engine, "the end of old lines of the audit log") as connection:
            connection.execute(delete(audit).where(audit.c.n.in_(old)))

    def write(self, line: dict[str, Any]) -> None:
        """Writes a line of somebody who is nobody yet, such as a sign-in that failed."""
        filled = {"at": time.time_ns() // 1000, "role": "", "subject": "", "outcome": "ok", **line}
        with keeping(self._engine, f"{filled['action']} of {filled['who']} in the audit log") as connection:
            connection.execute(insert(audit), filled)
