"""What a box asks a branch server over HTTPS, and the one thing that it trusts there: the branch's own authority."""

import contextlib
import http.client
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from foleni.joining.keys import CertificateError, one_certificate
from foleni.link.tls import client_context
from foleni.messages.base import Message
from foleni.messages.joining import (
    PREFIX,
    Ask,
    Commit,
    Granted,
    Opened,
    Renew,
    Renewed,
    Reveal,
    Waiting,
    Welcome,
    server_name,
)
from foleni.settings import HostPort

_STEP_S = 5.0
_WHOLE_S = 15.0
"""So long a whole question and answer may take, however slowly a server drips."""
_MOST_BYTES = 262_144
_LONGEST_REST_S = 300

M = TypeVar("M", bound=Message)


class AskError(Exception):
    """What was asked was not answered as it should be; the text is for the log."""


class UnreachableError(AskError):
    """No answer, or none that can be understood: ask again later."""


class NotThePromisedError(AskError):
    """The server there is not the one that it, or its announcement, says it is."""


class FullError(AskError):
    """The server takes no more for now; `rest_s` is how long it wants to be left alone."""

    def __init__(self, rest_s: int) -> None:
        super().__init__(f"the server takes no requests for {rest_s} s")
        self.rest_s = rest_s


class OverError(AskError):
    """The request is refused, expired or unknown: only a new one can be answered. The text is the server's reason."""


class CutOffError(AskError):
    """The branch says that this box is none of its devices."""


class Office:
    """A branch server whose authority is known. Everything that is asked blocks for 15 s at most, and raises `AskError`."""

    def __init__(self, at: HostPort, ca: str, name: str) -> None:
        self.at = at
        self.name = name  # the time is not looked at: a box whose clock is not set must be able to join
        try:
            self.ca = one_certificate(ca)
            self._context = client_context(self.ca, checks_time=False)
        except (OSError, CertificateError) as error:
            raise NotThePromisedError(f"{at} shows an authority that cannot be used: {error}") from error

    @classmethod
    def found(cls, at: HostPort) -> "tuple[Office, Welcome]":
        """Who answers at that address. What it says of itself has been said twice: to anybody, and by the owner of the
        authority's key. Whether that is the branch that people mean, only the code can tell.
        """
        try:
            heard = _read(_exchange(at, None, at.host, "GET", f"{PREFIX}/branch"), Welcome)
        except OverError as error:
            raise UnreachableError(f"no box can join at {at}: {error}") from error
        office = cls(at, heard.ca, server_name(heard.branch))
        if office.welcome() != heard:
            raise NotThePromisedError(f"{at} says something else when it is asked again")
        return office, heard

    def welcome(self) -> Welcome:
        return _read(self._ask("GET", f"{PREFIX}/branch"), Welcome)

    def open(self, commit: Commit) -> Opened:
        return _read(self._ask("POST", f"{PREFIX}/requests", commit), Opened)

    def reveal(self, request: str, reveal: Reveal) -> Waiting:
        return _read(self._ask("POST", f"{PREFIX}/requests/{request}/reveal", reveal), Waiting)

    def answer(self, request: str, nonce: str) -> Waiting | Granted:
        answer = self._ask("POST", f"{PREFIX}/requests/{request}/answer", Ask(nonce=nonce))
        return _read(answer, Granted) if answer.status == http.HTTPStatus.OK else _read(answer, Waiting)

    def renew(self, renew: Renew) -> Renewed:
        """Raises `CutOffError` where the branch does not know the device, or not with that password."""
        answer = self._ask("POST", f"{PREFIX}/renew", renew, refusals={http.HTTPStatus.FORBIDDEN: CutOffError})
        return _read(answer, Renewed)

    def _ask(
        self, method: str, path: str, body: Message | None = None, refusals: dict[int, type[AskError]] | None = None
    ) -> "_Answer":
        answer = _exchange(self.at, self._context, self.name, method, path, body)
        if answer.status in (refusals or {}):
            raise (refusals or {})[answer.status](answer.reason)
        return answer


class _Answer:
    def __init__(self, at: HostPort, status: int, rest_s: int, body: bytes) -> None:
        self.at = at
        self.status = status
        self.rest_s = rest_s
        self.body = body

    @property
    def reason(self) -> str:
        """Why not, in the server's words; its status where it gives none."""
        with contextlib.suppress(ValueError):
            said = json.loads(self.body)
            error = said.get("error") if isinstance(said, dict) else None
            message = error.get("message") if isinstance(error, dict) else None
            if isinstance(message, str) and message.strip():
                return "".join(letter for letter in message if letter.isprintable())[:200]
        return f"status {self.status}"


def _read(answer: _Answer, form: type[M]) -> M:
    """The message that was answered; every other answer as its error."""
    if answer.status in {http.HTTPStatus.TOO_MANY_REQUESTS, http.HTTPStatus.SERVICE_UNAVAILABLE}:
        raise FullError(answer.rest_s)
    if answer.status in {http.HTTPStatus.GONE, http.HTTPStatus.NOT_FOUND, http.HTTPStatus.CONFLICT}:
        raise OverError(answer.reason)
    if not http.HTTPStatus.OK <= answer.status < http.HTTPStatus.MULTIPLE_CHOICES:
        raise UnreachableError(f"{answer.at} answers with {answer.reason}")
    try:
        return form.model_validate_json(answer.body)
    except ValidationError as error:
        fault = error.errors(include_input=False, include_url=False)[0]["msg"]
        raise UnreachableError(f"{answer.at} answers something else than a {form.__name__}: {fault}") from error


def _exchange(
    at: HostPort, context: ssl.SSLContext | None, name: str, method: str, path: str, body: BaseModel | None = None
) -> _Answer:
    """One question on a connection of its own; with no `context` whoever answers is believed."""
    sent = body.model_dump_json().encode() if body is not None else None
    headers = {"Accept": "application/json", "Connection": "close"} | ({"Content-Type": "application/json"} if sent else {})
    try:
        with _connected(at, context or _believing(), name) as sock:
            talk = http.client.HTTPConnection(at.host, at.port)
            talk.sock = sock
            talk.request(method, path, sent, headers)
            answer = talk.getresponse()
            read = answer.read(_MOST_BYTES + 1)
    except ssl.SSLCertVerificationError as error:
        raise NotThePromisedError(f"{at} is not who it says it is: {error.verify_message}") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise UnreachableError(f"{at} does not answer: {error}") from error
    if len(read) > _MOST_BYTES:
        raise UnreachableError(f"{at} answers without end")
    return _Answer(at, answer.status, _rest_s(answer.getheader("Retry-After")), read)


@contextlib.contextmanager
def _connected(at: HostPort, context: ssl.SSLContext, name: str) -> Iterator[ssl.SSLSocket]:
    """A connection that is closed in time, whatever the other side does."""
    with socket.create_connection((at.host, at.port), _STEP_S) as plain:
        spare = plain.dup()
        over = threading.Timer(_WHOLE_S, _hang_up, (spare,))
        over.daemon = True
        over.start()
        try:
            with context.wrap_socket(plain, server_hostname=name) as secured:
                yield secured
        finally:
            over.cancel()
            spare.close()


def _hang_up(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _believing() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _rest_s(header: str | None) -> int:
    return max(1, min(int(header), _LONGEST_REST_S)) if header is not None and header.isdigit() else 10
