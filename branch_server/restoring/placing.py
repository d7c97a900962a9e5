"""Puts what was restored in its place: the journal last, because with it the folder is a branch's."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from branch_server.adapters.db.connections import FILE_NAME
from branch_server.engine.journal import StorageError
from foleni.files import keep_names, write_whole

ASIDE = ".restoring"
"""The folder below the data folder in which everything is made."""
_PLACING = "placing"
"""Stands there while files are moved, with their names: what they name in the data folder is of a restore that was cut off."""
_BROKER = "mosquitto"
"""A broker in a unit of its own may have been there first. Its folder holds nothing that is not made anew."""
_OTHERS = frozenset({ASIDE, _BROKER, "lock"})


def is_in_use(data: Path) -> bool:
    """Whether something is in the folder that no restore has put there."""
    if not data.exists():
        return False
    placed = _placed(data)
    return not data.is_dir() or any(path.name not in _OTHERS and path.name not in placed for path in data.iterdir())


def clear(data: Path) -> Path:
    """An empty folder to work in, with everything gone that a restore which was cut off has left. Raises `OSError`."""
    take_back(data)
    aside = data / ASIDE
    aside.mkdir(parents=True, mode=0o700)
    return aside


def take_back(data: Path) -> None:
    """Takes away what a restore has made: the branch's files stay where their journal is in its place. Raises `OSError`."""
    for name in _placed(data):
        path = data / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    shutil.rmtree(data / ASIDE, ignore_errors=True)


def put_in_place(made: Path, data: Path) -> None:
    """Moves everything in `made` into `data`. The journal comes in one step, and never over one that came there meanwhile.

    Raises `StorageError`, `OSError`.
    """
    others = [path for path in made.iterdir() if path.name != FILE_NAME and not (data / path.name).exists()]
    if others:
        write_whole(data / ASIDE / _PLACING, "\n".join(path.name for path in others).encode())
    for path in others:
        _sync_all(path)
        path.rename(data / path.name)
    keep_names(data)
    _sync(made / FILE_NAME)
    try:
        os.link(made / FILE_NAME, data / FILE_NAME)
    except FileExistsError as error:
        raise StorageError(f"{data / FILE_NAME} is there now; it stays as it is") from error
    _sync(data)


def _placed(data: Path) -> list[str]:
    """The names that a restore without an end has put there."""
    if (data / FILE_NAME).exists():
        return []
    with suppress(OSError):
        return (data / ASIDE / _PLACING).read_text(encoding="utf-8").split("\n")
    return []


def _sync_all(path: Path) -> None:
    if path.is_dir():
        for below in path.iterdir():
            _sync_all(below)
    _sync(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
