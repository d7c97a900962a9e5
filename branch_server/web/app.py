"""The application: features put together, and what holds for every answer."""

import mimetypes
from collections.abc import Awaitable, Callable
from importlib import import_module

from fastapi import FastAPI, Request
from starlette.responses import FileResponse, Response

from branch_server.web import errors, pages
from branch_server.web.site import Site
from foleni import __version__

MOST_BODY_BYTES = 2 * 1024 * 1024
_FONTS = pages.ROOT.parents[1] / "foleni" / "look" / "fonts"
_A_YEAR = "public, max-age=31536000, immutable"
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


def create_app(site: Site) -> FastAPI:
    """The whole web side over `site`."""
    app = FastAPI(
        title="Foleni branch", version=__version__, docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False
    )
    app.state.site = site
    errors.install(app)
    app.middleware("http")(_guarded)
    for feature in pages.FEATURES[1:]:
        import_module(f"branch_server.web.{feature}.feature").install(app, site)
    app.get("/static/fonts/{name}", include_in_schema=False)(_font)
    app.get("/static/{path:path}", include_in_schema=False)(_static)
    return app


async def _guarded(request: Request, onward: Callable[[Request], Awaitable[Response]]) -> Response:
    """Limits on what comes in, and headers on what goes out."""
    length = request.headers.get("content-length", "0")
    if not length.isdigit() or int(length) > MOST_BODY_BYTES:
        answer: Response = errors.refused(413, "too_large", f"No request here is longer than {MOST_BODY_BYTES} bytes.")
    else:
        answer = await onward(request)
    for name, value in _HEADERS.items():
        answer.headers.setdefault(name, value)
    if not request.url.path.startswith("/static/"):
        answer.headers.setdefault("Cache-Control", "no-store")
    if request.app.state.site.settings.is_tls:
        answer.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return answer


async def _static(path: str, request: Request) -> Response:
    """A file whose address changes with its content is kept for long; one that scripts import by its plain name is asked for
    each time, and sent only where it has changed.
    """
    file = pages.static_file(path)
    if file is None:
        return errors.refused(404, "not_found", "There is no such file.")
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    if "v" in request.query_params:
        return FileResponse(file, media_type=kind, headers={"Cache-Control": _A_YEAR})
    mark = {"Cache-Control": "no-cache", "ETag": f'"{pages.mark_of(file)}"'}
    if request.headers.get("if-none-match") == mark["ETag"]:
        return Response(status_code=304, headers=mark)
    return FileResponse(file, media_type=kind, headers=mark)


async def _font(name: str) -> Response:
    file = _FONTS / name
    if file.parent != _FONTS or file.suffix != ".ttf" or not file.is_file():
        return errors.refused(404, "not_found", "There is no such font.")
    return FileResponse(file, media_type="font/ttf", headers={"Cache-Control": _A_YEAR})
