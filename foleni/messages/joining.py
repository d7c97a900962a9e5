"""How a box joins a branch: what it and the branch server say to each other over HTTPS, and the code that proves both.

The code is a short authentication string, as in Bluetooth's numeric comparison: six digits made of the branch's authority, the
box's key and a nonce of each side. The box commits itself before it sees the server's nonce, and the server gives its nonce
before it sees the box's: neither side, nor anybody between them, can look for a pair of keys that makes a wanted code. A
stranger in the middle has one try in a million.
"""

import hashlib
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from foleni.ids import Slug
from foleni.messages.base import Message, Name, Uuid

BoxKind = Literal["kiosk", "display", "counter", "standby"]
Hex32 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""32 bytes in hexadecimal."""
Pem = Annotated[str, StringConstraints(pattern=r"^-----BEGIN ", max_length=16_384)]
Version = Annotated[str, StringConstraints(min_length=1, max_length=32)]

PREFIX = "/join/v1"
CODE_DIGITS = 6
_COMMITMENT = b"foleni joining 1: commitment"
_CODE = b"foleni joining 1: code"


class Welcome(Message):
    """Which branch this is. Nothing of it can be trusted before the code has been compared."""

    branch: Slug
    name: Name
    ca: Pem
    version: Version


class Commit(Message):
    """A box that would like to join. `commit` is `commitment(csr, nonce)`; `box` says which machine it is, for people."""

    commit: Hex32
    kind: BoxKind
    box: Annotated[str, StringConstraints(max_length=64)] = ""
    version: Version


class Opened(Message):
    """The request is open for `expires_s` seconds; `nonce` is the server's."""

    request: Uuid
    nonce: Hex32
    expires_s: Annotated[int, Field(ge=0)]


class Reveal(Message):
    """What the box had committed itself to: its certificate signing request, and its nonce, which is its secret from now on."""

    csr: Pem
    nonce: Hex32


class Ask(Message):
    """Whether somebody has approved; `nonce` shows that it is the same box."""

    nonce: Hex32


class Waiting(Message):
    """Nobody has approved yet; ask again after `again_s` seconds."""

    expires_s: Annotated[int, Field(ge=0)]
    again_s: Annotated[int, Field(ge=1)] = 2


class Granted(Message):
    """Everything that the box needs from now on. `certificate` is a chain, its own first."""

    branch: Slug
    device: Slug
    kind: BoxKind
    name: Name | None = None
    account: str
    password: Annotated[str, Field(repr=False)]
    certificate: Pem
    ca: Pem
    mqtt_port: Annotated[int, Field(ge=1, le=65_535)]
    server_name: str
    """What the server's certificate must say, whatever its address is."""
    settings: dict[str, str] = {}
    """Settings of the box's program that the branch decides, by the names of its flags."""


class Renew(Message):
    """A new certificate for a device whose old one nears its end, or is over it."""

    device: Slug
    password: Annotated[str, Field(repr=False)]
    csr: Pem


class Renewed(Message):
    """`mqtt_port` says where the broker listens now: the server may have moved."""

    certificate: Pem
    ca: Pem
    mqtt_port: Annotated[int, Field(ge=1, le=65_535)] | None = None


def commitment(csr: bytes, nonce: str) -> str:
    """What a box sends first. `csr` is its signing request in DER, `nonce` 32 bytes in hexadecimal."""
    return _digest(_COMMITMENT, csr, bytes.fromhex(nonce)).hex()


def code(ca: bytes, csr: bytes, box_nonce: str, server_nonce: str) -> str:
    """The six digits that the box shows and the administrator types. `ca` and `csr` in DER, nonces in hexadecimal."""
    digest = _digest(_CODE, ca, csr, bytes.fromhex(box_nonce), bytes.fromhex(server_nonce))
    return f"{int.from_bytes(digest) % 10**CODE_DIGITS:0{CODE_DIGITS}}"


def server_name(branch: str) -> str:
    """The name that a branch server's certificate holds, for devices that reach it at whatever address."""
    return f"{branch}.foleni.internal"


def _digest(purpose: bytes, *parts: bytes) -> bytes:
    """SHA-256 over parts that cannot run into each other."""
    whole = hashlib.sha256(purpose)
    for part in parts:
        whole.update(len(part).to_bytes(8))
        whole.update(part)
    return whole.digest()
