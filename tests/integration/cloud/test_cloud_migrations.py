"""The cloud's migrations make exactly the tables that the program speaks of, in both databases."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from cloud.store import database
from cloud.store.database import Database, DatabaseError
from cloud.store.tables import HEAD, metadata
from tests.support.postgres import postgres

SCRIPTS = Path(database.__file__).parent / "migrations"


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return postgres().database() if request.param == "postgresql" else f"sqlite:///{tmp_path / 'cloud.db'}"


def test_the_newest_migration_is_the_one_that_starts_look_for() -> None:
    assert ScriptDirectory(str(SCRIPTS)).get_heads() == [HEAD]


def test_a_migrated_database_has_the_tables_of_the_program(address: str) -> None:
    kept = Database(address)
    kept.open()
    assert kept.run_here(_differences) == []
    kept.open()
    kept.close()


def test_a_database_of_a_newer_program_is_left_alone(address: str) -> None:
    kept = Database(address)
    kept.open()
    kept.run_here(lambda connection: connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseError, match="update Foleni"):
        kept.open()
    kept.close()


def _differences(connection: Connection) -> list[object]:
    found: list[object] = compare_metadata(MigrationContext.configure(connection), metadata)
    return found
