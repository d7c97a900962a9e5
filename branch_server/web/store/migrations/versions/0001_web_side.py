"""Sign-in, sessions, tokens, audit; webhooks; shifts."""

from alembic import op

from branch_server.web.store.tables_all import metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    metadata.create_all(op.get_bind())
