"""Locking and opening with age (C2SP), in its own file format: any other program that knows age opens our backups, too."""

from collections.abc import Sequence
from typing import Any, BinaryIO, NewType

import pyrage  # type: ignore[import-untyped]

from branch_server.keeping.errors import ArchiveError, KeyFaultError

Recipient = NewType("Recipient", object)
"""The public half of a key: it can only lock."""
Identity = NewType("Identity", object)
"""The secret half."""

_age: Any = pyrage


def new_key() -> tuple[str, str]:
    """A new pair: its secret half, and its public half."""
    identity = _age.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def recipient_of(text: str) -> Recipient:
    """Raises `KeyFaultError`."""
    try:
        return Recipient(_age.x25519.Recipient.from_str(text))
    except _age.RecipientError as error:
        raise KeyFaultError(f"{text[:80]!r} is no public key of age") from error


def identity_of(text: str) -> Identity:
    """Raises `KeyFaultError`, which does not quote it."""
    try:
        return Identity(_age.x25519.Identity.from_str(text))
    except _age.IdentityError as error:
        raise KeyFaultError("the key has a wrong letter somewhere: compare it with the paper") from error


def encrypt(reading: BinaryIO, writing: BinaryIO, recipients: Sequence[Recipient]) -> None:
    """Raises `ArchiveError` where it cannot be written, `OSError` where it cannot be read."""
    try:
        _age.encrypt_io(reading, writing, list(recipients))
    except _age.EncryptError as error:
        raise ArchiveError(f"it could not be locked: {error}") from error


def decrypt(reading: BinaryIO, writing: BinaryIO, identities: Sequence[Identity]) -> None:
    """Raises `ArchiveError` for another key, and for what is damaged or cut off anywhere; `OSError`."""
    try:
        _age.decrypt_io(reading, writing, list(identities))
    except _age.DecryptError as error:
        if "no matching" in str(error).lower():
            raise ArchiveError("it is not locked with this key: it belongs to another paper") from error
        raise ArchiveError("it is damaged or cut off") from error
    except OSError as error:
        if error.errno is not None:
            raise
        raise ArchiveError("it is damaged or cut off") from error
