"""`/api/docs`: the description of the API as a page, from this machine alone."""

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, Response
from swagger_ui_bundle import swagger_ui_path  # type: ignore[import-untyped]  # it has no types

from branch_server.web import errors, pages

router = APIRouter(include_in_schema=False)

_PARTS = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript"}


@router.get("/api/docs")
async def docs(request: Request) -> Response:
    return pages.page(request, "api/docs.html", "en")


@router.get("/api/docs/{name}")
async def part(name: str) -> Response:
    """A file of Swagger UI's own."""
    kind = _PARTS.get(name)
    if kind is None:
        return errors.refused(404, "not_found", "There is no such file.")
    return FileResponse(swagger_ui_path / name, media_type=kind, headers={"Cache-Control": "public, max-age=86400"})
