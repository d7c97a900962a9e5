"""What the pair adds to the application."""

from fastapi import FastAPI

from branch_server.web.pair import routes
from branch_server.web.site import Site


def install(app: FastAPI, _site: Site) -> None:
    """Adds the feature's routes."""
    app.include_router(routes.router)
    app.include_router(routes.page_router)
