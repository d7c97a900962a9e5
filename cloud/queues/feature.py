"""The feature's routes."""

from fastapi import FastAPI

from cloud.site import Site


def install(app: FastAPI, site: Site) -> None:
    """Adds the feature."""
