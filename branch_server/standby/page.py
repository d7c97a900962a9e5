"""The standby's own page: how the pair stands, and the press by which an administrator lets this server take over.

There is no web side here: it would write. The page needs nothing but the log and the PINs that have come from the other server.
"""

import logging
import socket
import ssl
import threading
from collections.abc import Callable
from functools import cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from branch_server.standby.asked import Press, press
from branch_server.standby.door import Door, ShutError
from branch_server.standby.record import now_of
from foleni.settings import HostPort
from foleni.words.catalogue import base_of, msgid, words

_log = logging.getLogger(__name__)

ROOM = "branch_server.standby"
LANGUAGES = ("en", "fr", "ar")
MOST_CALLERS = 32
_MOST_BYTES = 4096
_PATIENCE_S = 10.0
_REFRESH_S = 4
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
}


class StandbyPage:
    """Listens where the web side would. `pair` is its certificate and key, None for plain HTTP on loopback."""

    def __init__(self, where: HostPort, data: Path, door: Door, pair: tuple[Path, Path] | None) -> None:
        """Raises `OSError`."""
        self._server = _Server((where.host, where.port), _Handler)
        self._server.data, self._server.door = data, door
        if pair is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            context.load_cert_chain(*pair)
            self._server.wrap = lambda sock: context.wrap_socket(sock, server_side=True)
        self.address = f"{'http' if pair is None else 'https'}://{HostPort(where.host, self._server.server_address[1])}"
        self._thread = threading.Thread(target=self._server.serve_forever, name="standby page", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def shown(data: Path, language: str, *, fault: str = "", done: bool = False) -> str:
    """The page as HTML."""
    now = now_of(data)
    say = words(ROOM, language)
    refresh = _REFRESH_S if done else 0  # a page with a form in it stays as it is
    return _environment().get_template("page.html").render(
        t=say, language=language, other=now.get("other", ""), attached=bool(now.get("attached")), live=bool(now.get("live")),
        fault=fault, done=done, refresh=refresh,
    )  # fmt: skip


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    data: Path
    door: Door
    wrap: Callable[[socket.socket], socket.socket] | None = None

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._places = threading.Semaphore(MOST_CALLERS)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Whoever comes when all places are taken is sent away: callers who say nothing must not use up this machine."""
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def finish_request(self, request: Any, client_address: Any) -> None:
        """On the caller's own thread: a caller that does not shake hands holds up nobody."""
        request.settimeout(_PATIENCE_S)
        try:
            super().finish_request(self.wrap(request) if self.wrap is not None else request, client_address)
        except OSError as error:
            _log.debug("a caller of the standby's page is gone: %s", error)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the signature is given
        _log.exception("the standby's page failed for %s", client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _PATIENCE_S

    def do_GET(self) -> None:
        self._answer(HTTPStatus.OK)

    def do_POST(self) -> None:
        """Only a form of our own, with a PIN in it, does anything."""
        size = self.headers.get("Content-Length", "")
        if self.path != "/take-over" or not size.isdecimal() or int(size) > _MOST_BYTES:
            self._answer(HTTPStatus.BAD_REQUEST)
            return
        form = {name: values[0] for name, values in parse_qs(self.rfile.read(int(size)).decode(errors="replace")).items()}
        say = words(ROOM, self._language)
        try:
            fault = self._pressed(form)
        except ShutError as shut:
            wait = say("Too many wrong tries. Try again in {minutes} min.", minutes=shut.minutes)
            self._answer(HTTPStatus.TOO_MANY_REQUESTS, wait)
            return
        self._answer(HTTPStatus.OK if not fault else HTTPStatus.FORBIDDEN, say(fault) if fault else "", done=not fault)

    def _pressed(self, form: dict[str, str]) -> str:
        """Why nothing is done, in English; empty where it is done. Raises `ShutError`."""
        staff = form.get("staff", "").strip()
        if not self.server.door.opens(staff, form.get("pin", "")):
            return _not_right()
        is_off = form.get("off") == "yes"
        if not is_off and not now_of(self.server.data).get("live"):
            return _not_confirmed()
        _log.warning("%s wants this server to take over, from %s", staff, self.client_address[0])
        press(self.server.data, Press(what="take_over", by=staff, first_is_off=is_off))
        return ""

    @property
    def _language(self) -> str:
        asked = [base_of(part.split(";")[0].strip()) for part in self.headers.get("Accept-Language", "").split(",")]
        return next((language for language in asked if language in LANGUAGES), LANGUAGES[0])

    def _answer(self, status: HTTPStatus, fault: str = "", *, done: bool = False) -> None:
        body = shown(self.server.data, self._language, fault=fault, done=done).encode()
        self.send_response(status)
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the name is given
        _log.debug(format, *arguments)


@cache
def _environment() -> Environment:
    loader = FileSystemLoader(Path(__file__).parent / "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def _not_right() -> str:
    return msgid("Id or PIN is not right, or this person is no administrator.")


def _not_confirmed() -> str:
    return msgid("First look whether the other server is off, and say so.")
