"""Sessions of signed-in people. They are asked for with every request, so they also lie in memory; the file follows."""

import hashlib
import hmac
import secrets
from dataclasses import asdict, dataclass

from sqlalchemy import Engine, delete, insert, select, update

from branch_server.web.store.keeping import keeping
from branch_server.web.store.tables import sessions
from foleni.times import MINUTE_US

MOST_OF_ONE_PERSON = 12
"""One more, and the one that was not used for longest ends."""
_SEEN_EVERY_US = MINUTE_US


@dataclass(slots=True)
class Session:
    """`id` is public, the secret is known to the browser only. Times in microseconds."""

    id: str
    digest: str
    staff: str
    address: str
    begun_at: int
    seen_at: int
    needs_pin: bool


class Sessions:
    """All sessions. For one thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        with engine.connect() as connection:
            found = [Session(**row) for row in connection.execute(select(sessions)).mappings()]
        self._by_digest = {session.digest: session for session in found}
        self._written = {session.id: session.seen_at for session in found}

    def begin(self, staff: str, address: str, now: int, *, needs_pin: bool) -> tuple[Session, str, list[str]]:
        """A new session, its secret, and the ids of those that ended for it."""
        old = sorted(self.of_staff(staff), key=lambda one: one.seen_at)
        ended = [one.id for one in old[: max(0, len(old) - MOST_OF_ONE_PERSON + 1)]]
        self.end(ended)
        secret = secrets.token_urlsafe(32)
        session = Session(secrets.token_hex(8), _digest(secret), staff, address, now, now, needs_pin)
        with keeping(self._engine, "a session") as connection:
            connection.execute(insert(sessions), asdict(session))
        self._by_digest[session.digest] = session
        self._written[session.id] = now
        return session, secret, ended

    def find(self, secret: str) -> Session | None:
        """The session of a secret, however old it is."""
        return self._by_digest.get(_digest(secret))

    def seen(self, session: Session, now: int) -> None:
        """The person has just asked for something. Known at once, and written once a minute."""
        session.seen_at = now
        if abs(now - self._written.get(session.id, now)) < _SEEN_EVERY_US:
            return
        self._written[session.id] = now
        with keeping(self._engine, "a session") as connection:
            connection.execute(update(sessions).where(sessions.c.id == session.id).values(seen_at=now))

    def of_staff(self, staff: str) -> list[Session]:
        return [session for session in self._by_digest.values() if session.staff == staff]

    def all(self) -> list[Session]:
        return list(self._by_digest.values())

    def end(self, ended: list[str]) -> None:
        """Forgets sessions by their ids."""
        if not ended:
            return
        gone = set(ended)
        self._by_digest = {digest: one for digest, one in self._by_digest.items() if one.id not in gone}
        self._written = {one: at for one, at in self._written.items() if one not in gone}
        with keeping(self._engine, "a session") as connection:
            connection.execute(delete(sessions).where(sessions.c.id.in_(ended)))

    def pin_chosen(self, session: Session) -> None:
        """A session that began with a one-time code is one like others now."""
        session.needs_pin = False
        with keeping(self._engine, "a session") as connection:
            connection.execute(update(sessions).where(sessions.c.id == session.id).values(needs_pin=False))


def csrf_of(secret: str) -> str:
    """What a page sends with each change: made from the session's secret, so it needs no keeping."""
    return hmac.digest(secret.encode(), b"csrf", hashlib.sha256).hex()[:32]


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
