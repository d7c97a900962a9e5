"""What this feature adds to the application."""

from collections.abc import Sequence
from itertools import count

from fastapi import FastAPI

from branch_server.domain.events import Recorded, StaffRemoved, StaffSaved
from branch_server.web.people import audit_pages, door_pages, people_pages, people_routes, session_routes, token_routes
from branch_server.web.people.current import end_sessions, ended_now, install_redirects, now_us, tokens_over
from branch_server.web.site import Site
from branch_server.web.store.credentials import Credential

_SWEEP_EVERY = 20
"""Ticks: ten seconds."""
_TIDY_EVERY = 1200
"""Ten minutes."""


def install(app: FastAPI, site: Site) -> None:
    """Adds the feature's routes, and ends sessions when their time or their person has gone."""
    install_redirects(app)
    app.state.refusal_page = door_pages.refusal_page
    for routes in (session_routes, door_pages, people_routes, token_routes, people_pages, audit_pages):
        app.include_router(routes.router)
    site.follower.subscribe(lambda fresh: _follow(site, fresh))
    turns = count(1)

    def tick() -> None:
        turn = next(turns)
        if turn % _SWEEP_EVERY == 0:
            _sweep(site, now_us())
        if turn % _TIDY_EVERY == 0:
            site.store.audit.clean(now_us())
            site.store.failures.forget(now_us())

    site.ticks.append(tick)


def _sweep(site: Site, now: int) -> None:
    """Ends what is over, with the pages and streams that are open in it."""
    end_sessions(site, ended_now(site, site.follower.state, now))
    for owner in tokens_over(site, now):
        site.hub.end(owner)


def _follow(site: Site, fresh: Sequence[Recorded]) -> None:
    """Somebody who was removed or changed: their open pages come back with the rights of now, or not at all."""
    for recorded in fresh:
        event = recorded.event
        if isinstance(event, StaffRemoved):
            site.store.credentials.put(event.staff, Credential("none", ""), now_us())
            end_sessions(site, [one.id for one in site.store.sessions.of_staff(event.staff)])
        elif isinstance(event, StaffSaved):
            for session in site.store.sessions.of_staff(event.staff.id):
                site.hub.end(session.id)
    end_sessions(site, ended_now(site, site.follower.state, now_us()))
