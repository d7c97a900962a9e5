"""Live pictures as the answer to a request of somebody who has signed in."""

from collections.abc import Iterable

from starlette.responses import StreamingResponse

from branch_server.web.errors import WebError
from branch_server.web.people.person import Person
from branch_server.web.site import Site
from foleni.messages.replies import Code
from foleni.web.live import MOST_STREAMS, Draw


def streamed(site: Site, person: Person, pictures: Iterable[tuple[str, Draw]]) -> StreamingResponse:
    """An event stream of these pictures that ends with the person's session, or token. Raises `WebError` 503 where there are
    as many streams open as this machine carries.
    """
    if site.hub.open_streams >= MOST_STREAMS:
        raise WebError(503, Code.UNAVAILABLE, f"{MOST_STREAMS} streams are open already.", {"Retry-After": "10"})
    pieces = site.hub.stream(pictures, owner=person.session or person.id)
    return StreamingResponse(pieces, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})
