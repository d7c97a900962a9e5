"""The migrations of a branch's database, run by Alembic."""
