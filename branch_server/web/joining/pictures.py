"""Boxes that ask, as pages show them."""

import json
from typing import Any

from fastapi import Request

from branch_server.web.joining.book import Asked
from branch_server.web.joining.joining import Joining, joining_at, kept_at
from branch_server.web.people import rights
from branch_server.web.people.person import Person
from branch_server.web.people.rights import Action
from branch_server.web.site import site_of


def box_of(box: Asked) -> dict[str, Any]:
    """One box; never with its code, which only its own screen shows."""
    return {
        "request": box.id, "kind": box.kind, "box": box.box, "version": box.version, "address": box.address,
        "since": box.since, "device": box.device,
    }  # fmt: skip


def who_asks(joining: Joining) -> dict[str, Any]:
    """The boxes that wait. It has no time of now in it: pages count by themselves."""
    book, now = joining.book, joining.now
    return {"asking": [box_of(asked) for asked in book.waiting(now)], "closed": book.closed_s(now) > 0}


def drawn(joining: Joining) -> bytes:
    """Who asks, as a live picture."""
    return json.dumps(who_asks(joining), ensure_ascii=False, separators=(",", ":")).encode()


def carried_for(request: Request, person: Person) -> dict[str, Any]:
    """What a page carries of joining: whether boxes can join here and, for those who may let them in, who asks."""
    site = site_of(request)
    joining, kept = joining_at(site), kept_at(site)
    seen = joining if rights.may(person, Action.MANAGE_DEVICES) else None
    obstacle = kept.obstacle if kept is not None else "no_tls"
    return {
        "joins": joining is not None,
        "obstacle": obstacle,
        "joining": who_asks(seen) if seen is not None else {"asking": [], "closed": False},
    }
