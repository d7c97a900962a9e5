"""What this feature adds: signing in, one's own data, people and their roles, the audit trail."""

from fastapi import FastAPI

from cloud.keeping.nightly import Nightly
from cloud.people import audit_routes, auth_routes, door_pages, me_routes, people_routes
from cloud.people.current import install_redirect
from cloud.people.keys import read_keys
from cloud.site import Site


def install(app: FastAPI, site: Site) -> None:
    """Adds the feature's routes, and the nightly erasing of contact data. The keys are made before anybody needs one: in a
    transaction that then fails they would be known to this process alone.
    """
    site.database.run_here(read_keys)
    install_redirect(app)
    app.state.refusal_page = door_pages.refusal_page
    for routes in (auth_routes, me_routes, people_routes, audit_routes, door_pages):
        app.include_router(routes.router)
    Nightly(site)
