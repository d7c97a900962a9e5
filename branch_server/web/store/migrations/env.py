"""Alembic's entry: runs the migrations on the connection that it is given, in the transaction that is open there."""

from alembic import context

from branch_server.web.store.tables_all import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
context.run_migrations()
