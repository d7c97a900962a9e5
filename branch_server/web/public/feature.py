"""What this feature adds to the application: pages for the hall and for customers, without sign-in."""

from fastapi import FastAPI

from branch_server.web.public import display, tickets
from branch_server.web.site import Site


def install(app: FastAPI, site: Site) -> None:
    """Adds the board and the ticket pages. No phone number and no name is on any of them."""
    display.install(app, site)
    tickets.install(app, site)
