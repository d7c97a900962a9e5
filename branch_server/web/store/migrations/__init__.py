"""The migrations of the web side's own database, run by Alembic."""
