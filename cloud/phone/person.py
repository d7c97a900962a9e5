"""`/me`: somebody's own tickets and settings. The page is empty until its script has asked the API in the person's name."""

from fastapi import FastAPI, Request
from starlette.responses import Response

from cloud.phone.shell import drawn, language_of


def install(app: FastAPI) -> None:
    """Adds the page."""
    app.get("/me", include_in_schema=False)(_me)


async def _me(request: Request) -> Response:
    return drawn(request, "phone/me.html", language_of(request))
