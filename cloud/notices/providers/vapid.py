"""The key pair by which push services know this installation: made once, kept in `secrets`."""

import base64

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid  # type: ignore[import-untyped]
from sqlalchemy import Connection, select

from cloud.store.database import upserting
from cloud.store.tables import secrets

_NAME = "vapid"


def key_pair(c: Connection) -> Vapid:
    """The pair; of several processes that start at once all have the same."""
    new = Vapid()
    new.generate_keys()
    row = {"name": _NAME, "value": new.private_pem().decode()}
    c.execute(upserting(c, secrets).values(row).on_conflict_do_nothing())
    kept = c.execute(select(secrets.c.value).where(secrets.c.name == _NAME)).scalar_one()
    return Vapid.from_pem(kept.encode())


def public_key(key: Vapid) -> str:
    """What a browser subscribes with: the uncompressed point, in base64url."""
    point = key.public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()
