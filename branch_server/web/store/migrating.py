"""Bringing `web.db` to the form that this program knows, in one transaction."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from branch_server.web.store.tables import HEAD

_SCRIPTS = Path(__file__).parent / "migrations"


class NewerError(Exception):
    """The database is of a newer program."""


def migrate(connection: Connection) -> bool:
    """Migrates to `HEAD`; True where there was something to do. Raises `NewerError`."""
    found = _version(connection)
    if found == HEAD:
        return False
    if found is not None and found > HEAD:
        raise NewerError(f"its form is {found}, this program knows {HEAD}: update Foleni")
    _upgrade(connection)
    return True


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return version


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - a quarter of a second that only a migration needs
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
