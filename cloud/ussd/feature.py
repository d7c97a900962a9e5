"""The feature's routes."""

from fastapi import FastAPI

from cloud.site import Site
from cloud.ussd import routes, simulator
from cloud.ussd.talking import Talk
from cloud.ussd.trust import simulated


def install(app: FastAPI, site: Site) -> None:
    """Adds the feature: the gateways of the settings, and the simulator's own where it is wanted."""
    simulators = tuple(map(simulated, simulator.KINDS)) if site.settings.simulator else ()
    inbox = routes.Inbox(site, (*site.settings.gateway, *simulators), Talk(site))
    app.include_router(routes.routes(inbox))
    if site.settings.simulator:
        app.include_router(simulator.routes())
