"""The sync with the branches: what they tell, and what they are asked."""

from fastapi import FastAPI

from cloud.site import Site
from cloud.sync import routes
from cloud.sync.hearing import Hearing
from cloud.sync.polling import Polls


def install(app: FastAPI, site: Site) -> None:
    """Adds the feature."""
    hearing, polls = Hearing(site), Polls(site)
    site.notes["sync.hearing"], site.notes["sync.polls"] = hearing, polls
    site.ticks.append(hearing.tick)
    site.closing.append(polls.end)
    app.include_router(routes.router)
