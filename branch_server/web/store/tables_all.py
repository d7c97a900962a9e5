"""All tables of `web.db`, those of each feature, on one metadata."""

from branch_server.web.store import hooks_tables, shifts_tables
from branch_server.web.store.tables import metadata

__all__ = ["hooks_tables", "metadata", "shifts_tables"]
