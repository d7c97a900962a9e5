"""Signing in with a phone: a code by SMS, then tokens."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import Connection

from cloud.limits import allowed
from cloud.notices.outbox import TOPIC
from cloud.people import codes, passes, signing
from cloud.people.answers import OtpCheck, OtpRequest, OtpSent, RefreshRequest, Tokens
from cloud.people.current import Who, maybe_signed_in, signed_in
from cloud.people.trail import note
from cloud.requests import address_of, network_of
from cloud.site import Site, site_of
from foleni.web.errors import WebError

router = APIRouter(prefix="/api/v1/auth", tags=["sign-in"])

_WINDOW_S = 600
_CODES_A_PHONE = 3
_CODES_AN_ADDRESS = 20
_TRIES_A_PHONE = 20
_TRIES_AN_ADDRESS = 60
_REFRESHES_AN_ADDRESS = 600
_TOO_MANY: dict[int | str, dict[str, Any]] = {429: {"description": "too many of these; wait some minutes"}}

TheSite = Annotated[Site, Depends(site_of)]


@router.post("/otp/request", status_code=202, summary="Send a one-time code to a phone", responses=_TOO_MANY)
async def _request(told: OtpRequest, request: Request, site: TheSite) -> OtpSent:
    address = address_of(request)
    await _within(site, f"otp-from:{network_of(request)}", _CODES_AN_ADDRESS)
    await _within(site, f"otp-to:{told.phone}", _CODES_A_PHONE)
    asked, now = codes.Asked(told.phone, told.spoken, address), site.now()
    if not await site.database.run(lambda c: codes.send(c, passes.ring_of(site).of(c), asked, now)):
        raise _too_many()
    site.bus.ring(TOPIC)
    return OtpSent(expires_in=codes.GOOD_FOR_S)


@router.post(
    "/otp/verify", summary="Sign in with the code", responses={401: {"description": "not the code, or too old"}, **_TOO_MANY}
)
async def _verify(told: OtpCheck, request: Request, response: Response, site: TheSite) -> Tokens:
    signing.check_origin(request)
    address = address_of(request)
    await _within(site, f"try-from:{network_of(request)}", _TRIES_AN_ADDRESS)
    await _within(site, f"try-at:{told.phone}", _TRIES_A_PHONE)
    now = site.now()
    done = await site.database.run(lambda c: signing.sign_in(c, site, told, address, now))
    if done is None:
        raise WebError(401, "wrong_code", "This is not the code that was sent last, or it is too old.")
    signing.keep_cookie(site, response, done.pair.refresh)
    return done.tokens()


@router.post(
    "/refresh",
    summary="The next pair of tokens",
    responses={401: {"description": "sign in again"}, 403: {"description": "another site"}},
)
async def _refresh(request: Request, response: Response, site: TheSite, told: RefreshRequest | None = None) -> Tokens:
    """Takes the token from the body, or from the browser's cookie. Where a token comes that was used before, the whole sign-in
    ends; a repeated request within ten seconds gets the same answer again.
    """
    given = told.refresh_token if told is not None else None
    token = given or signing.own_cookie(request)
    address, now = address_of(request), site.now()
    await _within(site, f"refresh:{network_of(request)}", _REFRESHES_AN_ADDRESS)
    done = await site.database.run(lambda c: signing.renew(c, site, token, address, now)) if token else None
    if done is None:
        raise WebError(401, "not_signed_in", "Please sign in.")
    if given is None:
        signing.keep_cookie(site, response, done.pair.refresh)
    return done.tokens()


@router.post("/sign-out", status_code=204, summary="End this sign-in")
async def _sign_out(
    request: Request,
    site: TheSite,
    who: Annotated[Who | None, Depends(maybe_signed_in)],
    told: RefreshRequest | None = None,
) -> Response:
    """Of the access token, the refresh token in the body, or the cookie. Harmless where it was done before."""
    signing.check_origin(request)
    given = told.refresh_token if told is not None else None
    token = given or (signing.own_cookie(request) if who is None else None)
    now = site.now()
    session = who.session if who is not None else None
    if session is None and token:
        session = await site.database.run(lambda c: passes.session_of(c, token))
    if session is not None:
        await site.database.run(lambda c: passes.end_session(c, session, now))
    response = Response(status_code=204)
    signing.drop_cookie(site, response)
    return response


@router.post("/sign-out-everywhere", status_code=204, summary="End all sign-ins of this person")
async def _sign_out_everywhere(request: Request, site: TheSite, who: Annotated[Who, Depends(signed_in)]) -> Response:
    now, address = site.now(), address_of(request)

    def end(c: Connection) -> None:
        passes.end_all(c, who.user, now)
        note(c, at=now, who=who.user, address=address, action="sign_out_everywhere", subject=who.user, outcome="ok")

    await site.database.run(end)
    response = Response(status_code=204)
    signing.drop_cookie(site, response)
    return response


async def _within(site: Site, key: str, limit: int) -> None:
    if not await allowed(site, key, limit, _WINDOW_S):
        raise _too_many()


def _too_many() -> WebError:
    return WebError(429, "too_many", "These are too many. Please wait some minutes.", {"Retry-After": str(_WINDOW_S)})
