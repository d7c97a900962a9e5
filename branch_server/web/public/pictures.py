"""A ticket's live picture: drawn anew only where what it shows has become something else."""

import hashlib
import json
import time
from typing import Any

from branch_server.domain.tickets import Status, Ticket
from branch_server.domain.waits import Wait
from branch_server.web import pages
from branch_server.web.public.faces import Face, Standing, face_of
from branch_server.web.site import Site

_WAIT_KEPT_S = 20.0
"""An estimate is asked anew when somebody ahead has gone, or after this time."""
_MINUTE_S = 60


class TicketPicture:
    """The picture of one ticket in one language, for as many pages as follow it. Between two events that mean nothing to the
    ticket it costs one look at its queue.
    """

    def __init__(self, site: Site, ticket: str, token: str, language: str) -> None:
        self._site = site
        self._id = ticket
        self._token = token
        self._language = language
        self._wait: tuple[int, float, Wait] | None = None
        self._drawn: tuple[Any, bytes] | None = None

    def draw(self) -> bytes:
        """`{"live", "title", "sentence", "tone", "call", "face", "acts", "marks"}`: the face and the acts as HTML, and a mark
        of each, by which a page knows what it shows already; `gone` without a ticket.
        """
        ticket = self._site.follower.state.tickets.get(self._id)
        live = self._site.lan.is_live
        if ticket is None:
            return json.dumps({"live": live, "gone": True}).encode()
        standing = self._standing(ticket)
        queue = standing.state.queues.get(ticket.service)
        mark = (ticket, live, standing.ahead, _shown(standing.wait), queue and (queue.state, queue.reopens_at, queue.service))
        if self._drawn is None or self._drawn[0] != mark:
            self._drawn = (mark, self._picture(face_of(standing, self._language), live=live))
        return self._drawn[1]

    def face(self, ticket: Ticket) -> Face:
        """What the page shows now."""
        return face_of(self._standing(ticket), self._language)

    def marks(self, face: Face) -> list[str]:
        """The marks of what the page shows of `face`."""
        return [_mark(part) for part in self._parts(face)]

    def _parts(self, face: Face) -> tuple[str, str]:
        return (
            pages.fragment("public/ticket_face.html", self._language, face=face),
            pages.fragment("public/ticket_acts.html", self._language, face=face, token=self._token, asking=False),
        )

    def _picture(self, face: Face, *, live: bool) -> bytes:
        shown, acts = self._parts(face)
        drawn = {
            "live": live, "title": face.title, "sentence": face.sentence, "tone": face.tone, "call": face.call,
            "face": shown, "acts": acts, "marks": [_mark(shown), _mark(acts)],
        }  # fmt: skip
        return json.dumps(drawn, ensure_ascii=False, separators=(",", ":")).encode()

    def _standing(self, ticket: Ticket) -> Standing:
        follower = self._site.follower
        state, queue = follower.state, follower.state.queues.get(ticket.service)
        story = follower.story_of(ticket.id) if ticket.status is Status.COMPLETED else ()
        if ticket.status is not Status.WAITING or ticket.rank_at is None or queue is None:
            return Standing(ticket, state, story=story)
        ahead = queue.ahead_of(ticket.rank_at, ticket.id)
        if self._wait is None or self._wait[0] != ahead or time.monotonic() - self._wait[1] > _WAIT_KEPT_S:
            wait = follower.waits.estimate(state, queue, ticket.rank_at, ticket.id, follower.now())
            self._wait = (ahead, time.monotonic(), wait)
        return Standing(ticket, state, ahead, self._wait[2], story)


def _mark(html: str) -> str:
    return hashlib.sha256(html.encode()).hexdigest()[:10]


def _shown(wait: Wait | None) -> tuple[int, int] | None:
    """Waits are shown in whole minutes."""
    return None if wait is None else (-(-wait.p50_s // _MINUTE_S), -(-wait.p90_s // _MINUTE_S))
