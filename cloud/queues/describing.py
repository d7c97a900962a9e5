"""The description of the API: `/api/v1/openapi.json`, and as a page `/api/docs`, from this machine alone."""

from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema
from starlette.responses import FileResponse, JSONResponse, Response
from swagger_ui_bundle import swagger_ui_path  # type: ignore[import-untyped]  # it has no types

from cloud import pages
from cloud.queues.answers import Refusal
from foleni import __version__
from foleni.messages.sync import EventsUp, RepliesUp
from foleni.web import errors
from foleni.web.older_form import in_older_form

router = APIRouter(include_in_schema=False)

ADDRESS = "/api/v1/openapi.json"
_PARTS = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript"}
_REF = "#/components/schemas/{model}"
_READ_BY_HAND = (EventsUp, RepliesUp, Refusal)
"""Bodies of which FastAPI does not know."""
_ABOUT = """\
The public side of Foleni: people join a branch's queue from afar and watch their place, and organizations see their branches.

**Signing in.** A code is sent to a phone (`/api/v1/auth/otp/request`), and brings an access token: `Authorization: Bearer …`. A
ticket is opened by the token of its link, without signing in. A branch server has a token of its own.

**Doing it once.** `Idempotency-Key` is a UUID that whoever asks has chosen: the same again has the effect of once.

**Refusals** have the form `{"error": {"code", "message"}}`; `code` is stable, `message` is for people. `409` is what is not
possible now, `404` what is unknown or not yours to know of, `422` what cannot be understood, `503` what to try again.
Times are RFC 3339, waits are seconds. Unknown fields are ignored, so that fields may be added.
"""


@router.get(ADDRESS)
async def description(request: Request) -> Response:
    """The description, drawn once."""
    app: FastAPI = request.app
    if app.openapi_schema is None:
        app.openapi_schema = description_of(app)
    return JSONResponse(app.openapi_schema)


@router.get("/api/docs")
async def docs(request: Request) -> Response:
    return pages.page(request, "queues/docs.html", "en", address=ADDRESS)


@router.get("/api/docs/{name}")
async def part(name: str) -> Response:
    """A file of Swagger UI's own."""
    kind = _PARTS.get(name)
    if kind is None:
        return errors.refused(404, "not_found", "There is no such file.")
    return FileResponse(swagger_ui_path / name, media_type=kind, headers={"Cache-Control": "public, max-age=86400"})


def description_of(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of everything below `/api/v1`."""
    document = get_openapi(title="Foleni cloud", version=__version__, description=_ABOUT, routes=app.routes)
    parts = document.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    _, more = models_json_schema([(model, "validation") for model in _READ_BY_HAND], ref_template=_REF)
    for name, schema in more["$defs"].items():
        schemas.setdefault(name, schema)
    parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    for path, item in document["paths"].items():
        for operation in item.values():
            _complete(path, operation)
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    return in_older_form(document)


def _complete(path: str, operation: dict[str, Any]) -> None:
    """Who may ask, and the refusals that every route has."""
    if path.startswith("/api/"):
        operation["security"] = [{"token": []}, {}]
    for told in operation["responses"].values():
        if "HTTPValidationError" in str(told.get("content", "")):
            told["content"] = _REFUSAL
    for status, about in _OF_ALL.items():
        told = operation["responses"].setdefault(status, {"description": about})
        told.setdefault("content", _REFUSAL)
    for status, told in operation["responses"].items():
        if status >= "400":
            told.setdefault("content", _REFUSAL)


_REFUSAL = {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}
_OF_ALL = {
    "401": "not signed in",
    "403": "not allowed",
    "404": "unknown, or not yours to know of",
    "413": "too large",
    "422": "cannot be understood",
    "429": "too many requests",
    "503": "not possible now; try again",
}
