"""Backups of a branch: copied while it runs, proved, encrypted, and kept in several places."""
