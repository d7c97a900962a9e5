"""Every refusal leaves in the contract's form, whoever found the fault."""

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from foleni.messages.replies import Code, Reply

_log = logging.getLogger(__name__)

_STATUS = {
    Code.INVALID: 422,
    Code.NOT_ALLOWED: 403,
    Code.UNAVAILABLE: 503,
    Code.UNKNOWN_SERVICE: 404,
    Code.UNKNOWN_COUNTER: 404,
    Code.UNKNOWN_TICKET: 404,
}


class WebError(Exception):
    """A refusal with a status of its own, such as 401; `code` and `message` go out in the contract's form."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, headers


def status_of(code: Code) -> int:
    """The HTTP status of a refusal."""
    return _STATUS.get(code, 409)


def answer(reply: Reply) -> Response:
    """A reply of the engine as an HTTP answer."""
    if reply.ok:
        return JSONResponse(reply.model_dump(mode="json", exclude_none=True, exclude={"error"}))
    error = reply.error
    code = error.code if error is not None else Code.UNAVAILABLE
    body = {"command": reply.command, "error": error.model_dump(mode="json", exclude_none=True) if error is not None else {}}
    if reply.result is not None:
        body["result"] = reply.result
    return JSONResponse(body, status_of(code), {"Retry-After": "1"} if code is Code.UNAVAILABLE else None)


def refused(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """A refusal in the contract's form."""
    return JSONResponse({"error": {"code": code, "message": message}}, status, headers)


def install(app: FastAPI) -> None:
    """Every exception that leaves a route becomes a refusal."""

    @app.exception_handler(WebError)
    async def _web(request: Request, error: WebError) -> Response:
        return told(request, error.status, error.code, error.message, error.headers)

    @app.exception_handler(RequestValidationError)
    async def _invalid(_request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0] if error.errors() else {"loc": (), "msg": "cannot be read"}
        place = ".".join(str(part) for part in first["loc"][1:])
        return refused(422, "invalid", f"{place}: {first['msg']}" if place else str(first["msg"]))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        headers = dict(error.headers) if error.headers else None
        # a body that cannot even be decoded is a 400 of the framework; the contract's status for what is invalid is 422
        status = 422 if error.status_code == 400 else error.status_code
        return told(request, status, _NAMES.get(status, "invalid"), str(error.detail), headers)

    @app.exception_handler(Exception)
    async def _fault(request: Request, error: Exception) -> Response:
        _log.error("a request failed", exc_info=error)
        return told(request, 500, "unavailable", "This could not be done. Please try again.")


def told(request: Request, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Response:
    """A refusal, as a page where a person asked for a page."""
    draw = getattr(request.app.state, "refusal_page", None)
    path = request.url.path
    is_page = request.method == "GET" and not path.startswith(("/api/", "/static/"))
    if draw is None or not is_page or "text/html" not in request.headers.get("accept", ""):
        return refused(status, code, message, headers)
    drawn: Response = draw(request, status, message)
    return drawn


_NAMES = {404: "not_found", 405: "method_not_allowed", 401: "not_signed_in", 403: "not_allowed", 413: "too_large"}
