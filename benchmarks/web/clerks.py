"""People at consoles as HTTP clients: they sign in, click, and read, and each round trip is timed."""

import time
from typing import Any

import requests

from benchmarks.branch import PIN
from benchmarks.rig import RigError
from foleni.ids import uuid7


class Clerk:
    """One signed-in person with a connection that is kept."""

    def __init__(self, url: str, staff: str) -> None:
        self._url = url
        self._http = requests.Session()
        self.ask("POST", "/api/v1/session", {"staff": staff, "pin": PIN})

    @property
    def cookie(self) -> str:
        """The header with which a stream is opened in this person's name."""
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._http.cookies)

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[dict[str, Any], float]:
        """The answer and its round trip in ms. Raises `RigError` for anything but 200 and a lack of people (409)."""
        headers = {"Origin": self._url, "X-CSRF-Token": self._http.cookies.get("foleni_csrf", "")}
        if method != "GET":
            headers["Idempotency-Key"] = uuid7()
        begun = time.perf_counter()
        answer = self._http.request(method, self._url + path, json=body, headers=headers, timeout=10)
        took_ms = (time.perf_counter() - begun) * 1000
        if answer.status_code not in {200, 201, 409}:
            raise RigError(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
        told: dict[str, Any] = answer.json() if answer.content.startswith(b"{") else {}
        return told, took_ms
