"""What this feature adds to the application."""

from fastapi import FastAPI

from branch_server.web.admin import api, moves, views
from branch_server.web.site import Site


def install(app: FastAPI, _site: Site) -> None:
    """Adds the feature's routes."""
    app.include_router(views.router)
    app.include_router(moves.router)
    app.include_router(api.router)
