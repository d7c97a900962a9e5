"""What providers tell us: reports about messages, and what people write back. `/hooks/{provider}/{secret}/…`"""

import asyncio
import hmac
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, NoReturn
from urllib.parse import parse_qsl

import phonenumbers
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from cloud.notices import claims, stopping
from cloud.notices.settings import AfricasTalkingSettings, ProviderSettings, TwilioSettings
from cloud.site import Site, site_of
from foleni.logs import Seldom
from foleni.web.errors import WebError

_log = logging.getLogger(__name__)
_seldom = Seldom(_log)

_MOST_FIELDS = 50
_MOST_BYTES = 32 * 1024
_LOOKS, _LOOK_AGAIN_S = 8, 0.25
"""A report may be faster than the note that its message was sent."""


@dataclass(frozen=True, slots=True)
class Report:
    """How a message ended."""

    id: str
    delivered: bool
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What somebody wrote to us."""

    phone: str
    text: str


Form = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Forms:
    """How a provider's forms are read."""

    report: Callable[[Form], Report | None]
    """None: a step on the way, that tells nothing final."""
    written: Callable[[Form], Written]


def _africastalking_report(form: Form) -> Report | None:
    status = form["status"]
    if status == "Success":
        return Report(form["id"], delivered=True)
    if status not in {"Failed", "Rejected", "AbsentSubscriber", "Expired"}:
        return None
    return Report(form["id"], delivered=False, fault=f"{status} {form.get('failureReason', '')}"[:80].strip())


def _twilio_report(form: Form) -> Report | None:
    status = form["MessageStatus"]
    if status in {"delivered", "read"}:
        return Report(form["MessageSid"], delivered=True)
    if status not in {"failed", "undelivered"}:
        return None
    return Report(form["MessageSid"], delivered=False, fault=f"{status} {form.get('ErrorCode', '')}"[:80].strip())


_FORMS: dict[type[ProviderSettings], _Forms] = {
    AfricasTalkingSettings: _Forms(_africastalking_report, lambda form: Written(form["from"], form["text"])),
    TwilioSettings: _Forms(_twilio_report, lambda form: Written(form["From"].removeprefix("whatsapp:"), form.get("Body", ""))),
}

router = APIRouter(prefix="/hooks/{provider}/{secret}", include_in_schema=False)


async def _known(provider: str, secret: str, site: Annotated[Site, Depends(site_of)]) -> ProviderSettings:
    """The provider whose address this is. Anybody else learns nothing, not even which providers there are."""
    mine: Mapping[str, ProviderSettings] = site.notes["notices"]  # type: ignore[assignment]
    one = mine.get(provider)
    right = getattr(one, "secret", None)
    if one is None or right is None or not hmac.compare_digest(right.encode(), secret.encode()):
        _seldom.warning("forged", "somebody called a provider's hook with a wrong secret")
        raise WebError(403, "not_allowed", "This address is not known here.")
    return one


async def _form(request: Request) -> Form:
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _MOST_BYTES:
            raise WebError(413, "too_large", "No report is as long as that.")
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=bool(body), max_num_fields=_MOST_FIELDS)
    except ValueError:
        _unreadable()
    return {name: value.replace("\0", "") for name, value in pairs}


def _unreadable(field: object = None) -> NoReturn:
    raise WebError(422, "invalid", f"The form lacks {field}." if field is not None else "This is no form.")


_One = Annotated[ProviderSettings, Depends(_known)]
_Given = Annotated[Form, Depends(_form)]


@router.post("/reports")
async def _reports(one: _One, form: _Given, site: Annotated[Site, Depends(site_of)]) -> Response:
    """A report about a message that is not ours, or was erased, is taken and forgotten: repeating it would not help."""
    try:
        report = _FORMS[type(one)].report(form)
    except KeyError as field:
        _unreadable(field)
    if report is not None:
        await _take(site, one.name, report)
    return Response(status_code=200)


async def _take(site: Site, provider: str, report: Report) -> None:
    for look in range(_LOOKS):
        if await site.database.run(
            lambda c: claims.mark(c, provider, report.id, delivered=report.delivered, fault=report.fault, now=site.now())
        ):
            return
        if look < _LOOKS - 1:
            await asyncio.sleep(_LOOK_AGAIN_S)
    _log.info("%s reports about a message that is not known", provider)


@router.post("/inbound")
async def _inbound(one: _One, form: _Given, site: Annotated[Site, Depends(site_of)]) -> Response:
    """STOP and START are obeyed; anything else, nobody reads. The answer is empty: a provider would send it as an SMS."""
    try:
        written = _FORMS[type(one)].written(form)
    except KeyError as field:
        _unreadable(field)
    wanted, phone = stopping.wish(written.text), _phone(written.phone)
    if wanted is not None and phone is not None:
        await site.database.run(lambda c: stopping.carry_out(c, wanted, phone, site.now()))
        _log.info("somebody wrote %s", wanted)
    return Response(status_code=200)


def _phone(text: str) -> str | None:
    """E.164; None for a short code or a name, to which nobody can be opted out."""
    try:
        number = phonenumbers.parse(text if text.startswith("+") else f"+{text}")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
