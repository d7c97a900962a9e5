"""What this feature adds: organizations and branches, remote staff, reports, and the pages for them."""

from fastapi import FastAPI

from cloud.offices import admin_routes, office_pages, queue_routes, report_routes, staff_routes
from cloud.site import Site


def install(app: FastAPI, site: Site) -> None:
    """Adds the feature's routes."""
    queue_routes.install_streams(site)
    for routes in (admin_routes, staff_routes, queue_routes, report_routes, office_pages):
        app.include_router(routes.router)
    app.include_router(queue_routes.pages)
