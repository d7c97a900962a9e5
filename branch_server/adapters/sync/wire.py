"""One request to the cloud and its answer: small, in time, in the cloud's own form, or an error that says which it was not."""

import json
import threading
from collections.abc import Mapping
from time import monotonic
from typing import Any

import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError

from branch_server.adapters.sync.address import CloudUrl, TokenFile
from branch_server.adapters.sync.clocks import CloudClock
from branch_server.adapters.sync.errors import CloudAwayError, CloudRefusedError
from branch_server.adapters.sync.sockets import Sockets, session_over
from foleni import __version__
from foleni.times import from_wire

CONNECT_S = 5.0
MOST_BYTES = 4 * 1024 * 1024
"""Of one answer."""
_CHUNK_BYTES = 64 * 1024
_REFUSALS = frozenset({400, 401, 403, 404, 405, 409, 410, 413, 422})
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": f"foleni-branch/{__version__}"}


class Wire:
    """The requests of one worker. One at a time; `end` and `end_overdue` are for other threads."""

    def __init__(self, url: CloudUrl, branch: str, token: TokenFile, clock: CloudClock) -> None:
        self._root = f"{url}/api/v1/sync/{branch}/"
        self._token = token
        self._clock = clock
        self._sockets = Sockets()
        self._session = session_over(self._sockets, through_proxies=not url.is_here)
        self._overdue_at: float | None = None
        self.token_used = ""
        """That of the last request: the file may hold another one by now."""
        self._lock = threading.Lock()

    def get(self, name: str, fields: Mapping[str, int], read_s: float) -> dict[str, Any]:
        """The answer's object. Raises `CloudAwayError`, `CloudRefusedError`."""
        return self._ask("GET", name, read_s, params=dict(fields))

    def post(self, name: str, body: bytes, read_s: float) -> dict[str, Any]:
        """The answer's object. Raises `CloudAwayError`, `CloudRefusedError`."""
        return self._ask("POST", name, read_s, data=body, headers={"Content-Type": "application/json"})

    def end(self) -> None:
        """Ends the request that waits, and every later one."""
        self._sockets.shut(for_good=True)

    def end_overdue(self) -> None:
        """Ends a request that should long be over: an answer may come so slowly that no timeout sees it."""
        with self._lock:
            is_overdue = self._overdue_at is not None and monotonic() > self._overdue_at
        if is_overdue:
            self._sockets.shut()

    def _ask(
        self, method: str, name: str, read_s: float, headers: Mapping[str, str] | None = None, **given: Any
    ) -> dict[str, Any]:
        given |= {
            "headers": {**_HEADERS, **(headers or {})},
            "timeout": (CONNECT_S, read_s),
            "auth": _Bearer(self._token.token),
        }
        self._is_due_in(CONNECT_S + 2 * read_s)
        try:
            with self._session.request(method, self._root + name, allow_redirects=False, stream=True, **given) as response:
                content = _content_of(response)
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            raise CloudAwayError(_in_words(error)) from error
        finally:
            self._is_due_in(None)
        answer = _answer_of(response.status_code, content)
        self._hear(answer)
        return answer

    def _is_due_in(self, seconds: float | None) -> None:
        with self._lock:
            self._overdue_at = monotonic() + seconds if seconds is not None else None

    def _hear(self, answer: Mapping[str, Any]) -> None:
        now = answer.get("now")
        if isinstance(now, str):
            try:
                self._clock.heard(from_wire(now))
            except ValueError as error:
                raise CloudAwayError("its clock cannot be read") from error


class _Bearer(AuthBase):
    """As an object, so that nothing else on this machine (a .netrc) names another secret."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _content_of(response: requests.Response) -> bytes:
    content = bytearray()
    for chunk in response.raw.stream(_CHUNK_BYTES, decode_content=False):
        content += chunk
        if len(content) > MOST_BYTES:
            raise ValueError(f"it answers with more than {MOST_BYTES} bytes")
    return bytes(content)


def _answer_of(status: int, content: bytes) -> dict[str, Any]:
    """The object in a good answer. Only what has the cloud's form is its word: a hotel's login page answers 200 as well."""
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        answer = None
    if status == 413:
        raise CloudRefusedError(413, "too_large", "This is too large")
    if status == 200 and isinstance(answer, dict):
        return answer
    error = answer.get("error") if isinstance(answer, dict) else None
    if status in _REFUSALS and isinstance(error, dict) and isinstance(error.get("code"), str):
        raise CloudRefusedError(status, error["code"][:64], str(error.get("message", ""))[:200])
    raise CloudAwayError(f"it answers {status}" if status != 200 else "what answers there is not the cloud")


def _in_words(error: Exception) -> str:
    """What went wrong, without the many layers that it went through."""
    while error.args and isinstance(error.args[0], Exception):
        error = error.args[0]
    reason = getattr(error, "reason", None)
    return " ".join(str(reason or error).split())[:300] or type(error).__name__
