"""Names of files around backups, in the branch's data folder."""

from pathlib import Path

RECIPIENTS = "recipients"
STATUS = "last-backup.json"
WANTED = "wanted"
LOCK = "lock"
MAKING = ".making"


def folder_of(data: Path) -> Path:
    """The folder of what backups need beside the branch's own files."""
    return data / "backup"
