"""What devices add to the application."""

from fastapi import FastAPI

from branch_server.web.devices import routes, ticket_routes, views
from branch_server.web.site import Site


def install(app: FastAPI, _site: Site) -> None:
    """Adds the feature's routes."""
    for part in (routes, ticket_routes, views):
        app.include_router(part.router)
