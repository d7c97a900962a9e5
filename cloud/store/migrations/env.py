"""Alembic's entry: runs the migrations on the connection that it is given, in the transaction that is open there."""

from alembic import context

from cloud.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
context.run_migrations()
