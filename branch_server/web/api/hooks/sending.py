"""One attempt to deliver: signed, without redirects, and never to an address that is forbidden."""

import hashlib
import hmac
import socket
import ssl
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError

from branch_server.web.api.hooks.addresses import is_forbidden
from foleni import __version__

CONNECT_S = 5.0
ANSWER_S = 10.0
_ANSWERED_WELL = range(200, 300)
_BEFORE_LONG = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt: the answer's status, or why there was none (`no_connection`, `no_answer`, `not_secure`,
    `forbidden`, `status`).
    """

    status: int | None
    fault: str | None = None

    @property
    def arrived(self) -> bool:
        return self.fault is None

    @property
    def is_down(self) -> bool:
        """Whether the next delivery would likely fare no better now."""
        return not self.arrived and (self.status is None or self.status >= 500 or self.status in _BEFORE_LONG)


class HttpSender:
    """Posts deliveries. For one thread."""

    def __init__(self) -> None:
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.verify = ssl.get_default_verify_paths().cafile or True
        self._http.mount("http://", _Guarded(max_retries=0))
        self._http.mount("https://", _Guarded(max_retries=0))

    def send(self, url: str, body: bytes, headers: dict[str, str]) -> Outcome:
        """Posts `body`; the answer's own body is not read."""
        ours = {"Content-Type": "application/json", "User-Agent": f"Foleni/{__version__}", **headers}
        try:
            with self._http.post(
                url, data=body, headers=ours, timeout=(CONNECT_S, ANSWER_S), allow_redirects=False, stream=True
            ) as answer:
                status = answer.status_code
        except requests.exceptions.SSLError:
            return Outcome(None, "not_secure")
        except requests.exceptions.ConnectTimeout:
            return Outcome(None, "no_connection")
        except requests.exceptions.Timeout:
            return Outcome(None, "no_answer")
        except requests.exceptions.RequestException as error:
            return Outcome(None, "forbidden" if _FORBIDDEN in str(error) else "no_connection")
        return Outcome(status, None if status in _ANSWERED_WELL else "status")

    def close(self) -> None:
        self._http.close()


def signature(secret: str, body: bytes, at_s: int) -> str:
    """The value of `Foleni-Signature`: HMAC-SHA256 of `<t>.<body>` under the hook's secret."""
    mark = hmac.new(secret.encode(), b"%d." % at_s + body, hashlib.sha256).hexdigest()
    return f"t={at_s},v1={mark}"


_FORBIDDEN = "this address is not for webhooks"


class _Checked:
    """A connection that looks whom it has reached before it says anything: a name may lead anywhere."""

    def _new_conn(self) -> socket.socket:
        reached: socket.socket = super()._new_conn()  # type: ignore[misc]
        if is_forbidden(reached.getpeername()[0]):
            reached.close()
            raise NewConnectionError(self, _FORBIDDEN)  # type: ignore[arg-type]
        return reached


class _PlainConnection(_Checked, HTTPConnection):
    pass


class _SecureConnection(_Checked, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _Guarded(HTTPAdapter):
    """Requests' own adapter with checked connections."""

    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:
        super().init_poolmanager(*arguments, **named)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}
