"""Everything that the cloud keeps."""

from alembic import op

from cloud.store.tables import metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    metadata.create_all(op.get_bind())
