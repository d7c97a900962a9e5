"""The feature's routes."""

from fastapi import FastAPI

from cloud.phone import finding, person, push, shell, tickets
from cloud.site import Site


def install(app: FastAPI, site: Site) -> None:
    """Adds the pages of the phone app, and the subscriptions of its browsers."""
    shell.install(app)
    finding.install(app, site)
    tickets.install(app, site)
    person.install(app)
    app.include_router(push.router)
