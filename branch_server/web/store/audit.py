"""The audit log of the web side: who, from where, what, when, and what came of it."""

import time

from sqlalchemy import Engine, insert

from branch_server.web.people.person import Person
from branch_server.web.store.tables import audit


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
    ) -> None:
        """Writes a line, durably. No secret and nothing a customer typed belongs into `detail`."""
        line = {
            "at": time.time_ns() // 1000, "who": person.id, "role": str(person.role), "address": person.address,
            "action": action, "subject": subject, "outcome": outcome, "command": command, "detail": detail,
        }  # fmt: skip
        with self._engine.begin() as connection:
            connection.execute(insert(audit), line)
