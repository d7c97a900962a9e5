"""The description of the API: FastAPI's, with how one signs in, and without what nobody can rely on."""

from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from starlette.responses import JSONResponse, Response

from branch_server.web.api import elsewhere
from branch_server.web.api.refusals import described
from foleni import __version__
from foleni.web.older_form import in_older_form

router = APIRouter()

_TAGS = {
    "tickets": "One customer's place in one queue of today.",
    "counters": "Where tickets are called and served.",
    "services": "What customers come for; one queue each.",
    "board": "What the displays show.",
    "stream": "Pictures of the branch as it changes (server-sent events).",
    "announce": "A notice on every board.",
    "hooks": "Webhooks: public events, signed and sent to an address of yours.",
    "reports": "Figures of periods, from the tickets themselves.",
    "devices": "Kiosks, displays, counter units and printers.",
    "health": "For whoever watches over the machine.",
}
_ABOUT = """\
The queue of one branch, on its own LAN. A request that asks for something is the same command that a device would
send, and is answered with the engine's reply.

**Signing in.** An integration sends a token that an administrator made: `Authorization: Bearer fol_…`. A browser has
its session's cookie, and sends `X-CSRF-Token` with everything that changes something.

**Doing it once.** `Idempotency-Key` is the command's id. A UUID is taken as it is; any other key of up to 255 visible
letters is the caller's own. The same request again, also after a crash, has the effect of once and gets the same
answer. The same key with another body is refused with `invalid`.

**Refusals** have the form `{"error": {"code", "message"}}`; `code` is stable, `message` is for people. `409` is what is not
possible now, `404` what is unknown, `422` what cannot be understood, `403` what is not yours, `503` what to try again.
Unknown fields are ignored, so that fields may be added.
"""
_SCHEMES = {
    "token": {"type": "http", "scheme": "bearer", "description": "a token from the console, with scopes and an expiry"},
    "session": {"type": "apiKey", "in": "cookie", "name": "foleni_session", "description": "the console's own session"},
}
_OURS_ALONE = "/api/v1/session"
"""Signing in is between a browser and its pages."""
_METHODS = ("get", "post", "put", "patch", "delete")
_BELOW = "/api/v1/"


@router.get("/api/openapi.json", include_in_schema=False)
async def openapi(request: Request) -> Response:
    """The description, drawn once."""
    app: FastAPI = request.app
    if app.openapi_schema is None:
        app.openapi_schema = description_of(app)
    return JSONResponse(app.openapi_schema)


def description_of(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of the routes that integrations may use."""
    tags = [{"name": name, "description": about} for name, about in _TAGS.items()]
    document = get_openapi(
        title="Foleni branch", version=__version__, description=_ABOUT, routes=app.routes, tags=tags,
        servers=[{"url": "/", "description": "this branch"}],
    )  # fmt: skip
    document.setdefault("components", {})["securitySchemes"] = _SCHEMES
    document["paths"] = {path: item for path, item in document["paths"].items() if not path.startswith(_OURS_ALONE)}
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                _complete(path, method, item[method])
    return in_older_form(document)


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    """Who may ask, the refusals that every route has, and examples for what other features describe."""
    name = f"{method} {path}"
    if path.startswith(_BELOW):
        operation["security"] = [{"token": []}, {"session": []}]
        codes = ["not_signed_in", "not_allowed", "invalid", "too_many", "unavailable", *elsewhere.REFUSALS.get(name, ())]
        codes += ["too_large", "not_json"] if method != "get" else []
        codes += ["not_found"] if "{" in path else []
        for status, answer in described(codes).items():
            operation["responses"].setdefault(str(status), _plain(answer))
    _say_our_form(operation)
    if name in elsewhere.ANSWERS:
        operation["responses"]["200"]["content"]["application/json"]["example"] = elsewhere.ANSWERS[name]
    if name in elsewhere.BODIES:
        operation["requestBody"]["content"]["application/json"]["example"] = elsewhere.BODIES[name]


def _plain(answer: dict[str, Any]) -> dict[str, Any]:
    content = {"application/json": {**answer["content"]["application/json"], "schema": _REFUSAL}}
    return {"description": answer["description"], "content": content}


def _say_our_form(operation: dict[str, Any]) -> None:
    """FastAPI describes refusals of bad input in a form of its own; ours have the contract's."""
    told = operation["responses"].get("422")
    if told is not None and "HTTPValidationError" in str(told.get("content", "")):
        operation["responses"]["422"] = _plain(described(["invalid"])[422])


_REFUSAL = {"$ref": "#/components/schemas/Refusal"}
