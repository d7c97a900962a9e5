"""The pages at the door: sign-in, the choice of a PIN, and one's own page."""

from typing import Annotated
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from branch_server.web.base.places import frame_of, places_of
from branch_server.web.errors import WebError
from branch_server.web.pages import CONSOLE_LANGUAGES, language_of, page
from branch_server.web.people.current import IDLE_US, SignInFirstError, person_for_page, session_of
from branch_server.web.people.person import Person
from branch_server.web.people.wording import refusal_words, role_words, words_in, words_of
from branch_server.web.site import Site, site_of
from foleni.times import HOUR_US, to_datetime
from foleni.words.catalogue import pick

router = APIRouter(include_in_schema=False)

_A_YEAR_S = 365 * 86_400


@router.get("/")
async def front() -> Response:
    """Whoever types the branch's address alone goes home, by the door."""
    return RedirectResponse("/sign-in", 303)


@router.get("/sign-in")
async def sign_in_page(request: Request, next: str = "") -> Response:  # noqa: A002 - the name in the address
    """Who is signed in already goes on to `next`, or home."""
    try:
        session, person = session_of(request)
    except WebError:
        return _with_language(request, _door(request, next))
    if session.needs_pin:
        return RedirectResponse("/sign-in/pin?" + urlencode({"next": next}), 303)
    return RedirectResponse(safe_next(next) or home_of(person), 303)


@router.get("/sign-in/pin")
async def new_pin_page(request: Request, next: str = "") -> Response:  # noqa: A002 - the name in the address
    """Where a one-time code leads: to a PIN of one's own."""
    try:
        session, person = session_of(request)
    except WebError:
        raise SignInFirstError("/sign-in?" + urlencode({"next": next})) from None
    if not session.needs_pin:
        return RedirectResponse(safe_next(next) or home_of(person), 303)
    return page(request, "people/new_pin.html", person.language, person=person)


@router.get("/me")
async def my_page(request: Request, person: Annotated[Person, Depends(person_for_page)]) -> Response:
    """One's own PIN, language and sessions."""
    site, t = site_of(request), words_of(request, person.language)
    frame = frame_of(person, t, "me")
    return page(
        request, "people/me.html", person.language, **frame, role=role_words(t, person.role), sessions=_sessions(site, person),
        services=_service_names(site, person), console_languages=CONSOLE_LANGUAGES, idle_h=IDLE_US[person.role] // HOUR_US,
    )  # fmt: skip


def refusal_page(request: Request, status: int, message: str) -> Response:
    """What a browser shows in the place of a page that there is not, or not for this person."""
    try:
        language = session_of(request)[1].language
    except WebError:
        language = language_of(request)
    title, what = refusal_words(words_in(language), status)
    return page(request, "people/refused.html", language, status=status, title=title, what=what, message=message)


def safe_next(wanted: str) -> str:
    """A path of this site; empty where `wanted` may lead anywhere else, or back to the door."""
    is_path = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable() and "\\" not in wanted
    return wanted if is_path and not wanted.startswith(("/sign-in", "/api/")) else ""


def home_of(person: Person) -> str:
    """Where somebody goes who wanted no page in particular: administrators to their overview, others to their counter."""
    places = {key: url for key, url, _ in places_of(person, words_in("en"))}
    return places.get("admin" if person.role == "admin" else "console", "/me")


def _door(request: Request, wanted: str) -> Response:
    site = site_of(request)
    folk = [
        {"id": staff.id, "name": staff.name, "mark": mark_of(staff.name)}
        for staff in sorted(site.follower.state.staff.values(), key=lambda staff: staff.name.casefold())
        if staff.active
    ]
    query = {"next": wanted} if safe_next(wanted) else {}
    links = [(code, "/sign-in?" + urlencode({**query, "lang": code})) for code in CONSOLE_LANGUAGES]
    return page(
        request, "people/sign_in.html", language_of(request), folk=folk, language_links=links,
        can_be_trusted=site.settings.is_own_certificate,
    )  # fmt: skip


def mark_of(name: str) -> str:
    """One or two letters that stand for a name."""
    parts = name.split()
    return "".join(part[0] for part in (parts[:1] + parts[-1:] if len(parts) > 1 else parts)).upper()


def _with_language(request: Request, answer: Response) -> Response:
    """A language that was chosen at the door is remembered on this machine."""
    chosen = request.query_params.get("lang")
    if chosen in CONSOLE_LANGUAGES:
        answer.set_cookie("foleni_lang", chosen, max_age=_A_YEAR_S, samesite="strict", httponly=True)
    return answer


def _sessions(site: Site, person: Person) -> list[dict[str, object]]:
    branch = site.follower.state.branch
    zone = ZoneInfo(branch.time_zone if branch is not None else "UTC")
    found = sorted(site.store.sessions.of_staff(person.id), key=lambda one: -one.begun_at)
    return [
        {
            "address": one.address,
            "here": one.id == person.session,
            "since": f"{to_datetime(one.begun_at).astimezone(zone):%H:%M}",
        }
        for one in found
    ]


def _service_names(site: Site, person: Person) -> list[str]:
    queues = site.follower.state.queues
    names = [queues[service].service.name for service in sorted(person.services or ()) if service in queues]
    return [pick(name, person.language) for name in names]
