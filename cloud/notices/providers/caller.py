"""HTTP to providers: connections are kept, and an answer comes within the time or not at all."""

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

import requests

from cloud.notices.providers.provider import SendingError, TroubleError

_MOST_ANSWER_BYTES = 64 * 1024
_CONNECT_S = 3.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever the status."""

    status: int
    body: bytes
    headers: Mapping[str, str]


class Caller:
    """For any thread; nobody shares a connection at the same time."""

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._idle: deque[requests.Session] = deque()

    def post(
        self,
        url: str,
        data: Mapping[str, str] | bytes,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
    ) -> Answer:
        """Raises `TroubleError` where no whole answer came in time; a redirect is an answer, and is not followed."""
        session = self._idle.pop() if self._idle else self._opened()
        try:
            answer = self._post(session, url, data, headers, auth)
        except (requests.RequestException, OSError) as error:
            session.close()
            raise TroubleError(type(error).__name__) from error
        except SendingError:
            session.close()
            raise
        self._idle.append(session)
        return answer

    def _opened(self) -> requests.Session:
        return requests.Session()

    def _post(
        self,
        session: requests.Session,
        url: str,
        data: Mapping[str, str] | bytes,
        headers: Mapping[str, str] | None,
        auth: tuple[str, str] | None,
    ) -> Answer:
        over_at = time.monotonic() + self._timeout_s
        waits = (min(_CONNECT_S, self._timeout_s), self._timeout_s)
        given = data if isinstance(data, bytes) else dict(data)
        session.cookies.clear()
        with session.post(
            url, data=given, headers=dict(headers or {}), auth=auth, timeout=waits, stream=True, allow_redirects=False
        ) as response:
            body = b""
            for piece in response.iter_content(4096):
                body += piece
                if len(body) > _MOST_ANSWER_BYTES or time.monotonic() > over_at:
                    raise TroubleError("the answer does not end")
            return Answer(response.status_code, body, response.headers)
