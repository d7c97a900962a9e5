"""What signs people in, as far as it was chosen or made here; and what people prefer."""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Engine, select
from sqlalchemy.dialects.sqlite import insert

from branch_server.web.store.tables import credentials, preferences

Kind = Literal["pin", "code", "none"]


@dataclass(frozen=True, slots=True)
class Credential:
    """A PIN's or password's hash, a one-time code's, or `none`: nothing signs this person in."""

    kind: Kind
    hash: str
    ends_at: int | None = None


class Credentials:
    """One credential a person; it wins over what the setup gave."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, staff: str) -> Credential | None:
        wanted = select(credentials.c.kind, credentials.c.hash, credentials.c.ends_at).where(credentials.c.staff == staff)
        with self._engine.connect() as connection:
            row = connection.execute(wanted).first()
        return Credential(row.kind, row.hash, row.ends_at) if row is not None else None

    def all(self) -> dict[str, Credential]:
        with self._engine.connect() as connection:
            return {row.staff: Credential(row.kind, row.hash, row.ends_at) for row in connection.execute(select(credentials))}

    def put(self, staff: str, credential: Credential, now: int) -> None:
        """Replaces what the person had."""
        values = {"kind": credential.kind, "hash": credential.hash, "made_at": now, "ends_at": credential.ends_at}
        put = insert(credentials).values(staff=staff, **values)
        with self._engine.begin() as connection:
            connection.execute(put.on_conflict_do_update(index_elements=["staff"], set_=values))


class Preferences:
    """The language that each person reads; few, so they lie in memory."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        with engine.connect() as connection:
            self._languages: dict[str, str] = {row.staff: row.language for row in connection.execute(select(preferences))}

    def language_of(self, staff: str) -> str | None:
        return self._languages.get(staff)

    def speaks(self, staff: str, language: str) -> None:
        self._languages[staff] = language
        put = insert(preferences).values(staff=staff, language=language)
        with self._engine.begin() as connection:
            connection.execute(put.on_conflict_do_update(index_elements=["staff"], set_={"language": language}))
