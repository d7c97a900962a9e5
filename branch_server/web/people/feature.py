"""What this feature adds to the application."""

from fastapi import FastAPI

from branch_server.web.site import Site


def install(app: FastAPI, site: Site) -> None:
    """Adds the feature's routes."""
