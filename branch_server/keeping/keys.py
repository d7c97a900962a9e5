"""The keys of backups: the box keeps the public half and can only lock; the secret half is on paper."""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from branch_server.keeping.age import Identity, Recipient, identity_of, recipient_of
from branch_server.keeping.errors import KeyFaultError
from branch_server.keeping.places import RECIPIENTS, folder_of
from foleni.files import write_whole

_SECRET = "AGE-SECRET-KEY-"  # noqa: S105 - how a secret key begins


def keep_recipient(data: Path, public: str) -> None:
    """From now on backups can be opened with this key as well; durably. Two at once are both kept: each is on somebody's paper.

    Raises `KeyFaultError` where it is none, `OSError`.
    """
    recipient_of(public)
    folder = folder_of(data)
    folder.mkdir(mode=0o700, exist_ok=True)
    with _alone(folder):
        lines = dict.fromkeys([*kept_recipients(data), public])
        write_whole(folder / RECIPIENTS, "".join(f"{line}\n" for line in lines).encode())


def kept_recipients(data: Path) -> list[str]:
    """The public keys that this box keeps."""
    with suppress(FileNotFoundError):
        lines = (folder_of(data) / RECIPIENTS).read_text(encoding="utf-8", errors="replace").splitlines()
        return [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    return []


def recipients_of(data: Path, more: Sequence[str]) -> list[Recipient]:
    """Everybody who is to be able to open a backup. Raises `KeyFaultError` where there is nobody."""
    texts = list(dict.fromkeys([*kept_recipients(data), *more]))
    if not texts:
        raise KeyFaultError("there is no key yet: make one in the console under Backups, or with `foleni-branch backup-key`")
    return [recipient_of(text) for text in texts]


def identities_of(text: str) -> list[Identity]:
    """The secret keys in a file's text, or one as somebody typed it from paper: in any case, with blanks or line breaks.

    Raises `KeyFaultError`, which never quotes what was given.
    """
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = "".join("".join(lines).split()).upper()
    parts = [f"{_SECRET}{part}" for part in joined.split(_SECRET)[1:]]
    if not parts:
        raise KeyFaultError(f"there is no key in it: one begins with {_SECRET}1")
    return [identity_of(part) for part in parts]


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One writer at a time, in this process and in others."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
