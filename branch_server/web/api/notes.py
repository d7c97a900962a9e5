"""What the API keeps at hand beside the site."""

from dataclasses import dataclass

from fastapi import Request
from sqlalchemy import func, select

from branch_server.adapters.db.reading import LogReader
from branch_server.adapters.db.tables import events
from branch_server.web.api.hooks.book import HookBook
from branch_server.web.api.hooks.delivering import Deliverer
from branch_server.web.api.metrics import Meter
from branch_server.web.api.pictures import Pictures
from branch_server.web.api.repeats import Repeats
from branch_server.web.site import Site, site_of

_NAME = "api"


@dataclass(frozen=True, slots=True)
class Notes:
    """The API's own parts."""

    repeats: Repeats
    meter: Meter
    pictures: Pictures
    book: HookBook
    deliverer: Deliverer


def note(site: Site) -> Notes:
    """Makes the API's parts and leaves them with the site."""
    book = HookBook(site.store.engine)
    deliverer = Deliverer(book, lambda: LogReader(site.data), lambda: newest_of(site))
    notes = Notes(Repeats(site.store.engine), Meter(), Pictures(site.follower), book, deliverer)
    site.notes[_NAME] = notes
    return notes


def newest_of(site: Site) -> int:
    """The number of the log's last event, as it is written; for any thread. Raises `SQLAlchemyError`."""
    with site.branch_db.connect() as connection:
        return connection.execute(select(func.max(events.c.seq))).scalar_one() or 0


def notes_of(request: Request) -> Notes:
    notes = site_of(request).notes[_NAME]
    assert isinstance(notes, Notes)
    return notes
