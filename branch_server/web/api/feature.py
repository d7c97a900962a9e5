"""What this feature adds to the application."""

from fastapi import FastAPI
from starlette.middleware import Middleware

from branch_server.web.api import command_routes, docs_page, live_routes, openapi, reading_routes
from branch_server.web.api.box_metrics import Box
from branch_server.web.api.hooks import page as hook_page
from branch_server.web.api.hooks import routes as hook_routes
from branch_server.web.api.limits import Limits
from branch_server.web.api.metrics import Hall
from branch_server.web.api.notes import note
from branch_server.web.site import Site


def install(app: FastAPI, site: Site) -> None:
    """Adds the feature's routes."""
    notes = note(site)
    notes.meter.registry.register(Hall(site, notes.book))
    notes.meter.registry.register(Box(site))
    site.follower.subscribe(notes.meter.events)
    app.user_middleware.append(Middleware(Limits, turned_away=notes.meter.turned_away))
    site.follower.subscribe(lambda _fresh: notes.deliverer.ring())
    site.parts.append(("webhooks", notes.deliverer))
    for part in (reading_routes, command_routes, live_routes, openapi, docs_page, hook_routes, hook_page):
        app.include_router(part.router)
    app.include_router(live_routes.stream_router)
