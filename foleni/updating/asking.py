"""The branch server as a box's agent reaches it: HTTPS, with the account that the box has at the broker."""

import hashlib
import http.client
import os
import shutil
import ssl
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from foleni.files import keep_names
from foleni.link import clock
from foleni.link.tls import client_context
from foleni.messages.updates import PREFIX, Answer, Offer, Report
from foleni.settings import HostPort
from foleni.updating.errors import BranchAwayError, InstallError, RefusedError

_SILENT_S = 30.0
_MOST_ANSWER_BYTES = 65_536
_PIECE_BYTES = 256 * 1024
_ROOM_BYTES = 64 * 1024 * 1024
"""So much stays free on the data partition, for tickets."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the branch server is, and who asks. Without `ca` there is no TLS, or nobody checks it: on loopback only."""

    at: HostPort
    account: str
    password: str = field(repr=False)
    ca: str | None = None
    name: str | None = None
    plain: bool = False


class BranchServer:
    """Asks and fetches, each on a connection of its own."""

    def __init__(self, place: Place) -> None:
        self._place = place
        secret = b64encode(f"{place.account}:{place.password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {secret}", "Accept-Encoding": "identity", "Connection": "close"}

    def ask(self, report: Report) -> Answer:
        """Raises `BranchAwayError`."""
        body = report.model_dump_json(exclude_none=True).encode()
        with self._asked("POST", f"{PREFIX}/ask", body, {"Content-Type": "application/json"}) as answer:
            read = b"".join(_pieces(answer, _MOST_ANSWER_BYTES))
        if answer.status != http.HTTPStatus.OK:
            raise BranchAwayError(f"{self._place.at} answers with status {answer.status}")
        try:
            return Answer.model_validate_json(read)
        except ValidationError as error:
            raise BranchAwayError(f"{self._place.at} answers what cannot be read") from error

    def fetch(self, offer: Offer, into: Path, progress: Callable[[int], object]) -> None:
        """Raises `BranchAwayError` where the line breaks, `RefusedError` for content that was not offered, `InstallError` for a
        disk that cannot take it.
        """
        size = offer.size or 0
        try:
            if into.exists() and _fits(into, offer):
                return
            partial = into.with_name(f"{into.name}.partial")
            into.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with partial.open("ab") as file:
                if file.tell() > size:
                    file.truncate(0)
                goes_on = file.tell() > 0
                _check_room(into.parent, size - file.tell())
                if file.tell() < size:
                    self._fill(file, offer, progress)
                file.flush()
                os.fsync(file.fileno())
            if not _fits(partial, offer):
                raise _misfit(goes_on)
            partial.replace(into)
            keep_names(into.parent)
        except BranchAwayError:
            raise
        except OSError as error:
            raise InstallError(f"the bundle cannot be kept: {error.strerror or error}") from error

    def _fill(self, file: BinaryIO, offer: Offer, progress: Callable[[int], object]) -> None:
        """Appends what is missing."""
        size, have = offer.size or 0, file.seek(0, os.SEEK_END)
        with self._asked("GET", f"{PREFIX}/bundles/{offer.sha256}", None, {"Range": f"bytes={have}-"}) as answer:
            if answer.status == http.HTTPStatus.OK:
                have = file.truncate(0)
            elif answer.status != http.HTTPStatus.PARTIAL_CONTENT:
                raise BranchAwayError(f"{self._place.at} gives no bundle: status {answer.status}")
            told = have * 20 // size
            for piece in _pieces(answer, size - have):
                file.write(piece)
                have += len(piece)
                if have * 20 // size > told:
                    told = have * 20 // size
                    progress(told * 5)
        if have < size:
            raise BranchAwayError(f"the line broke after {have} of {size} bytes")

    @contextmanager
    def _asked(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Iterator[http.client.HTTPResponse]:
        place = self._place
        try:
            talk = self._connection()
            try:
                yield _answer(talk, method, path, body, {**self._headers, **headers})
            finally:
                talk.close()
        except ssl.SSLCertVerificationError as error:
            raise BranchAwayError(f"{place.at} is not who it says it is: {error.verify_message}") from error
        except (ConnectionError, TimeoutError, ssl.SSLError, http.client.HTTPException) as error:
            raise BranchAwayError(f"{place.at} does not answer: {error}") from error

    def _connection(self) -> http.client.HTTPConnection:
        place = self._place
        try:
            talk = http.client.HTTPConnection(place.at.host, place.at.port, timeout=_SILENT_S)
            talk.connect()
            if not place.plain:
                talk.sock = _context(place).wrap_socket(talk.sock, server_hostname=place.name or place.at.host)
        except ssl.SSLError:
            raise
        except OSError as error:
            raise BranchAwayError(f"{place.at} does not answer: {error.strerror or error}") from error
        return talk


def _answer(
    talk: http.client.HTTPConnection, method: str, path: str, body: bytes | None, headers: dict[str, str]
) -> http.client.HTTPResponse:
    """Raises `BranchAwayError` where the network goes: the errors of the disk are other ones."""
    try:
        talk.request(method, path, body, headers)
        return talk.getresponse()
    except OSError as error:
        raise BranchAwayError(f"{talk.host}:{talk.port} does not answer: {error.strerror or error}") from error


def _context(place: Place) -> ssl.SSLContext:
    if place.ca is not None:
        return client_context(place.ca, checks_time=clock.is_set())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _pieces(answer: http.client.HTTPResponse, most: int) -> Iterator[bytes]:
    """The body, and never more than was offered. Raises `BranchAwayError`: the disk's errors are other ones."""
    while most > 0:
        try:
            piece = answer.read(min(_PIECE_BYTES, most))
        except (OSError, http.client.HTTPException) as error:
            raise BranchAwayError(f"the line broke: {error}") from error
        if not piece:
            return
        most -= len(piece)
        yield piece


def _check_room(folder: Path, missing: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < missing + _ROOM_BYTES:
        raise InstallError(f"there is no room: {missing >> 20} MiB are needed, {free >> 20} MiB are free")


def _fits(path: Path, offer: Offer) -> bool:
    """Whether a file is the offered one; one that is not goes."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest == offer.sha256 and path.stat().st_size == offer.size:
        return True
    path.unlink()
    return False


def _misfit(goes_on: bool) -> BranchAwayError | RefusedError:
    """What came in one piece is refused; the beginning of what came in several may be what a power cut has left of it."""
    if goes_on:
        return BranchAwayError("what was fetched in several parts does not fit together, and is fetched anew")
    return RefusedError("what was fetched is not what was offered: its digest is another one")
