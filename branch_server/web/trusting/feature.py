"""What this feature adds to the application."""

from fastapi import FastAPI

from branch_server.web.site import Site
from branch_server.web.trusting import routes


def install(app: FastAPI, site: Site) -> None:  # noqa: ARG001 - every feature is installed alike
    """Adds the page about the branch's certificate."""
    app.include_router(routes.router)
