"""`/` and `/b/<branch>`: finding a branch, and what it offers now."""

import io
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

import phonenumbers
import segno
from babel.core import get_global
from fastapi import FastAPI, Request
from starlette.responses import Response

from cloud.phone.faces import heard_phrase
from cloud.phone.shell import drawn, language_of
from cloud.phone.wording import ROOM
from cloud.queues import view
from cloud.queues.view import BranchView, ServiceView
from cloud.site import Site
from foleni.ids import is_slug
from foleni.times import Instant
from foleni.web import errors
from foleni.words import Words, pick, time_of_day, wait_short, words

MOST_BRANCHES = 50
_MOST_QUERY = 60
_NEAR_M = 1000
_OPEN, _PAUSED = "open", "paused"


@dataclass(frozen=True, slots=True)
class BranchCard:
    """A branch in the list, in finished words."""

    id: str
    name: str
    organization: str
    place: str
    distance: str
    state: str
    waiting: str
    is_open: bool
    away: str
    calling_code: str
    zone: str


@dataclass(frozen=True, slots=True)
class ServiceCard:
    """A service of a branch, in finished words."""

    id: str
    name: str
    state: str
    is_open: bool
    waiting: int
    wait: str
    most: str
    told: str
    reason: str


def install(app: FastAPI, site: Site) -> None:
    """Adds the pages on which a branch is found."""
    found = Finding(site)
    app.get("/", include_in_schema=False)(found.home)
    app.get("/b/{branch}", include_in_schema=False)(found.branch)
    app.get("/b/{branch}/code.svg", include_in_schema=False)(found.code)


class Finding:
    """The first page, and a branch's page."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def home(self, request: Request) -> Response:
        """Branches: all, those that are near, or those with a word in their names."""
        language, query = language_of(request), request.query_params.get("q", "").strip()[:_MOST_QUERY]
        place = _place(request)
        found = await self._site.database.run(
            lambda c: view.branches(c, self._site.now(), query=query, near=place, limit=MOST_BRANCHES)
        )
        say = words(ROOM, language)
        cards = [_branch_card(one, self._site.now(), say) for one in found]
        kept = f"q={quote(query)}&" if query else f"lat={place[0]}&lon={place[1]}&" if place else ""
        return drawn(
            request, "phone/home.html", language, kept=kept, query=query, is_near=place is not None, branches=cards
        )  # fmt: skip

    async def code(self, branch: str) -> Response:
        """The QR code for the door: it leads to the branch's page."""
        if not is_slug(branch) or await self._site.database.run(lambda c: view.branch(c, branch, self._site.now())) is None:
            return errors.refused(404, "unknown_branch", "There is no such branch.")
        return Response(_code(f"{self._site.url}/b/{branch}"), media_type="image/svg+xml")

    async def branch(self, request: Request, branch: str) -> Response:
        """What a branch offers; with `?service=` the step before joining."""
        known = is_slug(branch)
        found = await self._site.database.run(lambda c: view.branch(c, branch, self._site.now())) if known else None
        if found is None:
            return lost(request, "branch", language_of(request))
        language = language_of(request)
        offered = await self._site.database.run(lambda c: view.services(c, branch, self._site.now()))
        say = words(ROOM, language)
        cards = [_service_card(one, found.time_zone, say) for one in offered]
        asked = request.query_params.get("service", "")
        chosen = next((card for card in cards if card.id == asked), None)
        return drawn(
            request, "phone/branch.html", language, kept=f"service={chosen.id}&" if chosen else "",
            branch=_branch_card(found, self._site.now(), say), services=cards, chosen=chosen,
        )  # fmt: skip


@lru_cache(maxsize=256)
def _code(address: str) -> bytes:
    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(drawn, kind="svg", scale=8, border=4, title=address)
    return drawn.getvalue()


def lost(request: Request, what: str, language: str) -> Response:
    """The page for a link that leads nowhere: of a `branch` or a `ticket`."""
    return drawn(request, "phone/lost.html", language, status=404, what=what)


def _place(request: Request) -> tuple[float, float] | None:
    """Where the phone says that it is; None where that is no place on earth."""
    try:
        latitude, longitude = float(request.query_params["lat"]), float(request.query_params["lon"])
    except (KeyError, ValueError):
        return None
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def _branch_card(branch: BranchView, now: Instant, say: Words) -> BranchCard:
    is_open = branch.open_services > 0
    waiting = branch.waiting
    return BranchCard(
        id=branch.id,
        name=pick(branch.name, say.language, branch.languages[0]),
        organization=branch.organization_name,
        place=branch.address,
        distance=_distance(branch.distance_m, say),
        state=say("Open") if is_open else say("Closed"),
        waiting=say.n("{count} person waits", "{count} people wait", waiting) if is_open else "",
        is_open=is_open,
        away="" if branch.live else heard_phrase(branch.heard_at, now, say),
        calling_code=calling_code(branch.time_zone),
        zone=branch.time_zone,
    )


def _distance(metres: float | None, say: Words) -> str:
    if metres is None:
        return ""
    return say("{distance} km", distance=f"{metres / 1000:.1f}" if metres < 10 * _NEAR_M else round(metres / 1000))


def _service_card(service: ServiceView, zone: str, say: Words) -> ServiceCard:
    is_open = service.state == _OPEN and not service.full
    wait = wait_short(say.language, service.wait_p50_s) if is_open and service.wait_p50_s is not None else ""
    most = wait_short(say.language, service.wait_p90_s) if wait and service.wait_p90_s is not None else ""
    waiting = say.n("{count} person waits", "{count} people wait", service.waiting)
    return ServiceCard(
        id=service.id,
        name=pick(service.name, say.language),
        state=say("Open") if is_open else say("Paused") if service.state == _PAUSED else say("Closed"),
        is_open=is_open,
        waiting=service.waiting,
        wait=wait,
        most=say("at most {wait}", wait=most) if most and most != wait else "",
        told=(f"{waiting} · {wait}" if wait else waiting) if is_open else _reason(service, zone, say),
        reason=_reason(service, zone, say),
    )


def _reason(service: ServiceView, zone: str, say: Words) -> str:
    if service.state == _OPEN and service.full:
        return say("All numbers of today are given. Please come another day.")
    if service.reopens_at is not None:
        return say("Open again at {time}.", time=time_of_day(service.reopens_at, zone, say.language))
    return service.reason or ""


def calling_code(zone: str) -> str:
    """The country code of phones where clocks show this zone's time, such as `250` of Africa/Kigali; empty where unclear."""
    region = get_global("zone_territories").get(zone, "")
    code = phonenumbers.country_code_for_region(region) if region else 0
    return str(code) if code else ""
