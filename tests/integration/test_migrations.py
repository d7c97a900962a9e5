"""The migrations make exactly the tables that the program speaks of."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from branch_server.adapters.db import migrating
from branch_server.adapters.db.connections import writer_of
from branch_server.adapters.db.tables import HEAD, metadata


def test_the_newest_migration_is_the_one_that_starts_look_for() -> None:
    assert ScriptDirectory(str(Path(migrating.__file__).parent / "migrations")).get_heads() == [HEAD]


def test_a_migrated_database_has_the_tables_of_the_program(tmp_path: Path) -> None:
    engine = writer_of(tmp_path)
    with engine.connect() as connection:
        with connection.begin():
            assert migrating.migrate(connection)
        with connection.begin():
            assert not migrating.migrate(connection)
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()
