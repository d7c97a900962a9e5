"""Tokens of integrations. A token is shown once; only its SHA-256 is kept."""

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import Engine, insert, select, update

from branch_server.web.store.keeping import keeping
from branch_server.web.store.tables import tokens
from foleni.times import MINUTE_US

PREFIX = "fol_"
_USED_EVERY_US = MINUTE_US


@dataclass(slots=True)
class Token:
    """Times in microseconds; without `ends_at` it lasts until it is revoked."""

    id: str
    name: str
    scopes: tuple[str, ...]
    digest: str
    made_by: str
    made_at: int
    ends_at: int | None = None
    used_at: int | None = None
    revoked_at: int | None = None

    def is_valid(self, now: int) -> bool:
        return self.revoked_at is None and (self.ends_at is None or now < self.ends_at)


class Tokens:
    """All tokens, also in memory: they are asked for with every request. For one thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        with engine.connect() as connection:
            rows = connection.execute(select(tokens)).mappings().all()
        found = [Token(**{**row, "scopes": tuple(str(row["scopes"]).split())}) for row in rows]
        self._by_digest = {token.digest: token for token in found}

    def make(self, name: str, scopes: tuple[str, ...], made_by: str, now: int, ends_at: int | None) -> tuple[Token, str]:
        """A new token and its text, which nobody can read again."""
        text = PREFIX + secrets.token_urlsafe(32)
        token = Token(secrets.token_hex(4), name, scopes, _digest(text), made_by, now, ends_at)
        row = {
            "id": token.id, "name": name, "scopes": " ".join(scopes), "digest": token.digest, "made_by": made_by,
            "made_at": now, "ends_at": ends_at,
        }  # fmt: skip
        with self._engine.begin() as connection:
            connection.execute(insert(tokens), row)
        self._by_digest[token.digest] = token
        return token, text

    def use(self, text: str, now: int) -> Token | None:
        """The token of a text where it is valid now; its use is written once a minute."""
        token = self._by_digest.get(_digest(text))
        if token is None or not token.is_valid(now):
            return None
        if token.used_at is None or abs(now - token.used_at) >= _USED_EVERY_US:
            token.used_at = now
            with keeping(self._engine, "a token's last use") as connection:
                connection.execute(update(tokens).where(tokens.c.id == token.id).values(used_at=now))
        return token

    def revoke(self, token: Token, now: int) -> None:
        with self._engine.begin() as connection:
            connection.execute(update(tokens).where(tokens.c.id == token.id).values(revoked_at=now))
        token.revoked_at = now

    def find(self, token: str) -> Token | None:
        return next((one for one in self._by_digest.values() if one.id == token), None)

    def all(self) -> list[Token]:
        """The newest first."""
        return sorted(self._by_digest.values(), key=lambda token: (-token.made_at, token.id))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()
