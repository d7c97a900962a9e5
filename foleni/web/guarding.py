"""Limits on what comes in, and headers on what goes out."""

from collections.abc import Mapping

from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from foleni.web import errors

_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; script-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class _Guard:
    def __init__(self, app: ASGIApp, most_body_bytes: int, headers: dict[str, str], longer: Mapping[str, int]) -> None:
        self._app = app
        self._usual_most = most_body_bytes
        self._longer = longer
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        more = self._headers if scope["path"].startswith("/static/") else {**self._headers, "Cache-Control": "no-store"}

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in more.items():
                    headers.setdefault(name, value)
            await send(message)

        most = self._longer.get(scope["path"], self._usual_most)
        length = Headers(scope=scope).get("content-length", "0")
        if length.isdigit() and int(length) <= most:
            await self._app(scope, self._bounded(receive, most), sending)
            return
        await errors.refused(413, "too_large", _too_long(most))(scope, receive, sending)

    @staticmethod
    def _bounded(receive: Receive, most: int) -> Receive:
        """The same, until more comes than a request may have: one that does not say its length is bounded, too."""
        taken = 0

        async def bounded() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > most:
                raise HTTPException(413, _too_long(most))
            return message

        return bounded


def _too_long(most: int) -> str:
    return f"No request here is longer than {most} bytes."


def guard(
    app: FastAPI,
    most_body_bytes: int,
    *,
    is_tls: bool,
    headers: dict[str, str] | None = None,
    longer: Mapping[str, int] | None = None,
) -> None:
    """Every answer of `app` gets the headers of this house, changed by `headers`; longer requests are turned away. `longer` are
    paths that take more, which read their bodies piece by piece.
    """
    told = {**_HEADERS, **(headers or {})}
    if is_tls:
        told["Strict-Transport-Security"] = "max-age=31536000"
    app.add_middleware(_Guard, most_body_bytes, told, longer or {})
