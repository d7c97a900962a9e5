"""`/api/v1/session`: signing in and out, and what people change about themselves."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, StringConstraints
from starlette.responses import JSONResponse, Response

from branch_server.web.errors import WebError
from branch_server.web.pages import language_of
from branch_server.web.people.choosing import fault_of
from branch_server.web.people.current import (
    CSRF_COOKIE,
    SESSION_COOKIE,
    address_of,
    end_sessions,
    ends_at,
    now_us,
    person_of,
    session_of,
    signed_in,
)
from branch_server.web.people.guarding import check_csrf, check_origin
from branch_server.web.people.person import Person, Role
from branch_server.web.people.signing import BusyError, Signing, Waits
from branch_server.web.people.wording import fault_words, wait_words, words_of
from branch_server.web.site import Site, site_of
from branch_server.web.store.credentials import Kind
from branch_server.web.store.sessions import Session, csrf_of
from foleni.times import SECOND_US, to_wire

router = APIRouter(prefix="/api/v1/session", tags=["session"])

_Secret = Annotated[str, StringConstraints(min_length=1, max_length=128)]


class SignIn(BaseModel):
    staff: Annotated[str, StringConstraints(min_length=1, max_length=64, strip_whitespace=True)]
    pin: _Secret


class NewPin(BaseModel):
    """`old` is not needed by whoever came with a one-time code."""

    old: Annotated[str, StringConstraints(max_length=128)] = ""
    new: _Secret


class NewLanguage(BaseModel):
    language: Literal["en", "fr", "ar"]


@router.post("")
async def sign_in(request: Request, asked: SignIn) -> Response:
    """Begins a session. 401 `wrong_pin`, 429 `too_many` with `Retry-After`."""
    check_origin(request)
    site, address, now = site_of(request), address_of(request), now_us()
    kind = await _kind_of(request, asked.staff, asked.pin)
    if kind is None:
        say = words_of(request)
        raise WebError(401, "wrong_pin", say("This name and this PIN do not belong together. Please try again."))
    if (old := request.cookies.get(SESSION_COOKIE)) and (before := site.store.sessions.find(old)):
        end_sessions(site, [before.id])
    session, secret, ended = site.store.sessions.begin(asked.staff, address, now, needs_pin=kind == "code")
    end_sessions(site, ended)
    person = person_of(site, session, now, address, language_of(request))
    if person is None:
        raise WebError(401, "not_signed_in", "Please sign in.")
    site.store.audit.note(person, "sign_in", person.id, detail="code" if kind == "code" else None)
    answer = JSONResponse(_told(person, session))
    _set_cookies(request, answer, secret)
    return answer


@router.get("")
async def who(request: Request) -> dict[str, Any]:
    """The person of this session, and until when; 401 where there is none."""
    session, person = session_of(request)
    return _told(person, session)


@router.delete("")
async def sign_out(request: Request) -> Response:
    """Ends this session. Its open pages go to the sign-in."""
    session, person = _changing(request)
    site = site_of(request)
    end_sessions(site, [session.id])
    site.store.audit.note(person, "sign_out", person.id)
    return _forgetting(JSONResponse({"ok": True}))


@router.post("/sign-out-everywhere")
async def sign_out_everywhere(request: Request) -> Response:
    """Ends all sessions of this person, this one too."""
    _session, person = _changing(request)
    site = site_of(request)
    end_sessions(site, [one.id for one in site.store.sessions.of_staff(person.id)])
    site.store.audit.note(person, "sign_out_everywhere", person.id)
    return _forgetting(JSONResponse({"ok": True}))


@router.post("/pin")
async def choose_pin(request: Request, asked: NewPin) -> dict[str, Any]:
    """A new PIN or password of one's own; all other sessions of this person end."""
    session, person = _changing(request)
    site, say = site_of(request), words_of(request, person.language)
    fault = fault_of(asked.new, person.id, person.name)
    if fault is not None:
        raise WebError(422, "invalid", fault_words(say, fault))
    if asked.new == asked.old:
        raise WebError(422, "invalid", say("This is the PIN that you have already. Choose another one."))
    if not session.needs_pin and await _kind_of(request, person.id, asked.old) != "pin":
        raise WebError(401, "wrong_pin", say("This is not your current PIN. Please try again."))
    await signing_of(site).choose(person.id, asked.new, now_us())
    site.store.sessions.pin_chosen(session)
    end_sessions(site, [one.id for one in site.store.sessions.of_staff(person.id) if one.id != session.id])
    site.store.audit.note(person, "choose_pin", person.id)
    return _told(person, session)


@router.put("/language")
async def choose_language(
    request: Request, asked: NewLanguage, person: Annotated[Person, Depends(signed_in)]
) -> dict[str, Any]:
    """The language in which this person reads the consoles."""
    if person.role is Role.INTEGRATION:
        raise WebError(403, "not_allowed", "A token reads no pages.")
    site_of(request).store.preferences.speaks(person.id, asked.language)
    return {"language": asked.language}


def signing_of(site: Site) -> Signing:
    """The one that looks at PINs."""
    signing = site.notes.get("signing")
    if not isinstance(signing, Signing):
        signing = site.notes["signing"] = Signing(site)
    return signing


async def _kind_of(request: Request, staff: str, pin: str) -> Kind | None:
    """`pin` or `code`, None where it is wrong. Raises `WebError` 429 where nobody may try now."""
    site, now, address = site_of(request), now_us(), address_of(request)
    say = words_of(request)
    try:
        kind = await signing_of(site).kind_of(staff, pin, address, now)
    except BusyError:
        busy = say("Too many people sign in at this moment. Please try again in a few seconds.")
        raise WebError(429, "too_many", busy, {"Retry-After": "2"}) from None
    if isinstance(kind, Waits):
        wait_s = max(1, -(-(kind.until - now) // SECOND_US))
        raise WebError(429, "too_many", wait_words(say, wait_s), {"Retry-After": str(wait_s)})
    if kind is None:
        _note_failure(site, staff, address)
    return kind


def _note_failure(site: Site, staff: str, address: str) -> None:
    """Who was meant, where that is somebody. What is no name here may be a PIN that was typed into the wrong field."""
    if signing_of(site).notes_failure():
        who = staff if staff in site.follower.state.staff else "unknown"
        site.store.audit.write({"who": who, "address": address, "action": "sign_in", "subject": who, "outcome": "wrong_pin"})


def _changing(request: Request) -> tuple[Session, Person]:
    """The session of a request that changes something about it."""
    session, person = session_of(request)
    check_csrf(request, request.cookies[SESSION_COOKIE])
    return session, person


def _told(person: Person, session: Session) -> dict[str, Any]:
    services = None if person.services is None else sorted(person.services)
    about = {"id": person.id, "name": person.name, "role": str(person.role), "services": services, "language": person.language}
    return {"person": about, "ends_at": to_wire(ends_at(session, person.role)), "new_pin": session.needs_pin}


def _set_cookies(request: Request, answer: Response, secret: str) -> None:
    secure = site_of(request).settings.is_tls or request.url.scheme == "https"
    answer.set_cookie(SESSION_COOKIE, secret, httponly=True, samesite="strict", secure=secure, path="/")
    answer.set_cookie(CSRF_COOKIE, csrf_of(secret), httponly=False, samesite="strict", secure=secure, path="/")


def _forgetting(answer: Response) -> Response:
    for name in (SESSION_COOKIE, CSRF_COOKIE):
        answer.delete_cookie(name, path="/", samesite="strict")
    return answer
