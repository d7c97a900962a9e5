"""Bringing a database to the form that this program knows. Each migration is one transaction: all or nothing."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text


class NewerFormError(Exception):
    """The database is of a newer program; the message says how both forms are named."""


def bring_to(connection: Connection, head: str, scripts: Path) -> bool:
    """Runs the migrations in `scripts` up to `head`; True where there was something to do. Raises `NewerFormError`.

    A database that is there already costs no import of Alembic.
    """
    found = _version(connection)
    if found == head:
        return False
    if found is not None and found > head:
        raise NewerFormError(f"its form is {found}, this program knows {head}: update Foleni")
    _upgrade(connection, scripts)
    return True


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return version


def _upgrade(connection: Connection, scripts: Path) -> None:
    from alembic import command  # noqa: PLC0415 - a quarter of a second that only a migration needs
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(scripts))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
