"""The application: features put together, and what holds for every answer."""

from importlib import import_module

from fastapi import FastAPI

from branch_server.web import errors, pages
from branch_server.web.site import Site
from branch_server.web.updates.routes import BUNDLES
from branch_server.web.updates.shelf import MOST_BUNDLE_BYTES
from foleni import __version__
from foleni.web.guarding import guard

MOST_BODY_BYTES = 2 * 1024 * 1024


def create_app(site: Site) -> FastAPI:
    """The whole web side over `site`."""
    app = FastAPI(
        title="Foleni branch", version=__version__, docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False
    )
    app.state.site = site
    errors.install(app)
    guard(app, MOST_BODY_BYTES, is_tls=site.settings.is_tls, longer={BUNDLES: MOST_BUNDLE_BYTES})
    for feature in pages.FEATURES[1:]:
        import_module(f"branch_server.web.{feature}.feature").install(app, site)
    pages.STATICS.install(app)
    return app
