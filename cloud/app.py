"""The application: features put together, and what holds for every answer."""

from importlib import import_module

from fastapi import FastAPI, Request
from sqlalchemy.exc import DataError
from starlette.responses import Response

from cloud import pages
from cloud.requests import telling
from cloud.site import Site
from foleni import __version__
from foleni.web import errors
from foleni.web.guarding import guard

MOST_BODY_BYTES = 4 * 1024 * 1024
_HEADERS = {"Permissions-Policy": "camera=(), geolocation=(self), microphone=(), payment=()"}
"""A phone may ask its owner where it is, to name the branches that are near."""


def create_app(site: Site) -> FastAPI:
    """The whole cloud over `site`."""
    app = FastAPI(
        title="Foleni cloud", version=__version__, docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False
    )
    app.state.site = site
    errors.install(app)
    app.add_exception_handler(DataError, _unkeepable)
    for feature in pages.FEATURES[1:]:
        import_module(f"cloud.{feature}.feature").install(app, site)
    pages.STATICS.install(app)
    guard(app, MOST_BODY_BYTES, is_tls=site.settings.is_tls, headers=_HEADERS)
    telling(app, site)
    return app


async def _unkeepable(request: Request, _error: Exception) -> Response:
    """What no database takes, such as a text with a zero in it, was never a name or a number of ours."""
    return errors.told(request, 422, "invalid", "There is something in this that cannot be kept.")
