"""Places that backups are kept in. Each takes a file whole or not at all, and reads back what it has taken."""
