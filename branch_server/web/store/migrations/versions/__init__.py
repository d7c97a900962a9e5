"""One file a migration, each a transaction of its own."""
