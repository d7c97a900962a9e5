"""Joining from afar, tickets and their streams, branches; and the description of the API."""

from fastapi import FastAPI

from cloud.queues import describing, place_routes, ticket_routes
from cloud.queues.finishing import Finishing
from cloud.queues.pictures import pictures_of
from cloud.queues.watching import Watchers
from cloud.site import Site


def install(app: FastAPI, site: Site) -> None:
    """Adds the feature."""
    watchers = Watchers(site, pictures_of(site))
    site.notes["queues.watchers"] = watchers
    site.closing.append(watchers.end)
    site.ticks.append(Finishing(site).tick)
    for routes in (place_routes, ticket_routes, describing):
        app.include_router(routes.router)
