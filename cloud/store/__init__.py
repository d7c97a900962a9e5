"""What the cloud keeps, in PostgreSQL or, for a demo, in SQLite."""
