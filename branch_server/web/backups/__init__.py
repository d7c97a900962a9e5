"""Backups in the administration: how the last one went, asking for one, the key, and how to restore."""
