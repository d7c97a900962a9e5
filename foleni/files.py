"""Files that are there whole or not at all, also after a power cut."""

import contextlib
import os
from pathlib import Path

SECRET_MODE = 0o600


def write_whole(path: Path, content: bytes, mode: int = SECRET_MODE) -> None:
    """Replaces a file in one step, on the disk when this returns. Raises `OSError`, and leaves nothing half written.

    Two writers of one file must keep each other away.
    """
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        keep_names(path.parent)
    except OSError:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise


def keep_names(folder: Path) -> None:
    """The names of the folder's files, as they are now, outlive a power cut. Raises `OSError`."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
