"""The first file of an archive: what is in it, of which branch, and of when."""

import hashlib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from foleni.ids import Slug
from foleni.times import WireTime

NAME = "manifest.json"
FORMAT = 1
_CHUNK = 1024 * 1024


class FileEntry(BaseModel):
    """One file of an archive; `sha256` in hexadecimal."""

    model_config = ConfigDict(frozen=True)

    bytes: int = Field(ge=0)
    sha256: str


class Manifest(BaseModel):
    """`seq`, `day`, `waiting` and `term` are the branch's as it was copied, `origins` where settings files stood."""

    model_config = ConfigDict(frozen=True)

    format: int = FORMAT
    branch: Slug
    mark: str
    seq: int
    day: str
    term: int = 0
    waiting: int
    made_at: WireTime
    version: str
    files: dict[str, FileEntry]
    origins: dict[str, str] = {}


def entry_of(path: Path) -> FileEntry:
    """Its size and digest, read from the disk."""
    return FileEntry(bytes=path.stat().st_size, sha256=digest_of(path))


def digest_of(path: Path) -> str:
    """SHA-256 in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
