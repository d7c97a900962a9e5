"""Bringing a branch's database to the form that this program knows."""

from pathlib import Path

from sqlalchemy import Connection

from branch_server.adapters.db.tables import HEAD
from branch_server.engine.journal import DamagedError
from foleni.migrating import NewerFormError, bring_to

_SCRIPTS = Path(__file__).parent / "migrations"


def migrate(connection: Connection) -> bool:
    """Migrates a branch's database; True where there was something to do. Raises `DamagedError` for one of a newer program."""
    try:
        return bring_to(connection, HEAD, _SCRIPTS)
    except NewerFormError as error:
        raise DamagedError(f"the database {connection.engine.url.database} is of a newer program; {error}") from error
