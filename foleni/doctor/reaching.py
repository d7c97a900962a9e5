"""Reaching a branch server as a box does: TCP, TLS with the branch's authority, HTTP."""

import http.client
import json
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from foleni.link.tls import client_context
from foleni.settings import HostPort

_ANSWER_S = 5.0
_MOST_BYTES = 1 << 20


class ReachError(Exception):
    """It does not answer, or not as a branch server does; the text says how."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`at` is the time that the server has told; None where it has told none."""

    status: int
    body: bytes
    at: datetime | None

    @property
    def json(self) -> dict[str, Any]:
        """Raises `ReachError` where it is none."""
        try:
            told = json.loads(self.body)
        except ValueError:
            told = None
        if not isinstance(told, dict):
            raise ReachError("what answers there is no branch server")
        return told


def get(place: HostPort, path: str, ca: Path | str | None) -> Answer:
    """`ca` is the only authority that is believed, a file or PEM; None asks without TLS. Raises `ReachError`."""
    connection = _connection(place, ca)
    try:
        connection.request("GET", path, headers={"Connection": "close"})
        response = connection.getresponse()
        return Answer(response.status, response.read(_MOST_BYTES), _date(response.getheader("Date")))
    except ssl.SSLCertVerificationError as error:
        raise ReachError(f"its certificate is not of this branch: {error.verify_message}") from error
    except (OSError, http.client.HTTPException) as error:
        raise ReachError(_words(error)) from error
    finally:
        connection.close()


def _connection(place: HostPort, ca: Path | str | None) -> http.client.HTTPConnection:
    if ca is None:
        return http.client.HTTPConnection(place.host, place.port, timeout=_ANSWER_S)
    try:
        context = client_context(ca)
    except OSError as error:
        raise ReachError(str(error)) from error
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # an organization's chain comes without its root
    context.check_hostname = False  # the authority is this branch's alone, and vouches for nobody else
    return http.client.HTTPSConnection(place.host, place.port, timeout=_ANSWER_S, context=context)


def _date(told: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(told or "").astimezone(UTC)
    except ValueError:
        return None


def _words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer within 5 s"
    return str(getattr(error, "strerror", None) or "") or str(error) or type(error).__name__
