"""Webhooks by HTTP: for administrators."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import ValidationError
from starlette.responses import JSONResponse, Response

from branch_server.domain.refusals import Refused
from branch_server.web.api.asking import Caller, fields_of
from branch_server.web.api.hooks import forms
from branch_server.web.api.hooks.book import Hook, News, now_us
from branch_server.web.api.notes import Notes, notes_of
from branch_server.web.api.operations import COMMAND, TICKET
from branch_server.web.api.refusals import OF_ASKING, OF_READING, described
from branch_server.web.api.schemas import body_schema, named_in
from branch_server.web.errors import WebError
from branch_server.web.people import rights
from branch_server.web.people.person import Person
from branch_server.web.people.rights import Action
from branch_server.web.site import site_of
from foleni.ids import uuid7
from foleni.messages.replies import Code
from foleni.times import to_wire

MOST_HOOKS = 20
router = APIRouter(prefix="/api/v1/hooks", tags=["hooks"])

_URL = {"url": "https://example.org/foleni", "events": ["ticket_called"], "active": True}
_HOOK: dict[str, Any] = {
    "id": "5f2a91c0", **_URL, "made_at": "2026-11-21T09:41:07.123Z", "made_by": "ada", "failing_since": None,
    "switched_off": None, "waiting": 0,
}  # fmt: skip
_MADE = {**_HOOK, "secret": "whsec_…"}
_DELIVERY: dict[str, Any] = {
    "delivery": 17, "event": COMMAND, "type": "ticket_called", "state": "waiting", "attempts": 1,
    "made_at": "2026-11-21T09:52:40.010Z", "next_at": "2026-11-21T09:52:43.500Z", "done_at": None, "status": 500,
    "fault": "status", "payload": {"seq": 4711, "id": COMMAND, "type": "ticket_called", "ticket": TICKET, "number": "A042"},
}  # fmt: skip
_BODY = body_schema(forms.HookFields, _URL)
_GIVEN = {"state": "waiting", "attempts": 0, "next_at": "2026-11-21T09:52:40.010Z", "status": None, "fault": None}


def _answers(model: type, example: Any, *codes: str) -> dict[int | str, dict[str, Any]]:
    told = {"model": model, "description": "Done", "content": {"application/json": {"example": example}}}
    return {200: told, **described(codes)}


def _extra(path: str = "", body: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"parameters": named_in(path)} | ({"requestBody": body} if body is not None else {})


@router.get("", operation_id="hooks", responses=_answers(forms.HooksTold, {"hooks": [_HOOK]}, *OF_READING))
async def hooks(request: Request, person: Caller) -> Response:
    """Every webhook."""
    notes = _allowed(request, person)
    return JSONResponse({"hooks": [_told(notes, hook) for hook in notes.book.all()]})


@router.post(
    "", operation_id="make_hook", openapi_extra=_extra(body=_BODY),
    responses=_answers(forms.HookMade, _MADE, *OF_ASKING, "too_many_hooks"),
)  # fmt: skip
async def make_hook(request: Request, person: Caller) -> Response:
    """Make a webhook for what happens from now on. Its secret is told this once."""
    notes, site = _allowed(request, person), site_of(request)
    fields = await _fields(request)
    if len(notes.book.all()) >= MOST_HOOKS:
        raise WebError(409, "too_many_hooks", f"A branch has at most {MOST_HOOKS} webhooks.")
    hook = notes.book.add(fields.url, fields.events, person.id, site.follower.state.seq, active=fields.active)
    notes.deliverer.hurry(hook.id)
    site.store.audit.note(person, "make_hook", hook.id, detail=hook.url)
    return JSONResponse({**_told(notes, hook), "secret": hook.secret})


@router.get(
    "/{hook}", operation_id="hook", openapi_extra=_extra("/{hook}"),
    responses=_answers(forms.HookTold, _HOOK, *OF_READING, "unknown_hook"),
)  # fmt: skip
async def hook(request: Request, person: Caller) -> Response:
    """One webhook."""
    notes = _allowed(request, person)
    return JSONResponse(_told(notes, _named(request, notes)))


@router.put(
    "/{hook}", operation_id="change_hook", openapi_extra=_extra("/{hook}", _BODY),
    responses=_answers(forms.HookTold, _HOOK, *OF_ASKING, "unknown_hook"),
)  # fmt: skip
async def change_hook(request: Request, person: Caller) -> Response:
    """Change a webhook, or switch it off and on. What waits for it is tried at once."""
    notes, site = _allowed(request, person), site_of(request)
    known, fields = _named(request, notes), await _fields(request)
    notes.book.change(known, fields.url, fields.events, site.follower.state.seq, active=fields.active)
    notes.deliverer.hurry(known.id)
    site.store.audit.note(person, "change_hook", known.id, detail=fields.url)
    return JSONResponse(_told(notes, _named(request, notes)))


@router.delete(
    "/{hook}", operation_id="remove_hook", openapi_extra=_extra("/{hook}"),
    responses=_answers(forms.Removed, {"removed": "5f2a91c0"}, *OF_READING, "unknown_hook"),
)  # fmt: skip
async def remove_hook(request: Request, person: Caller) -> Response:
    """Remove a webhook, with its log and with what waits for it."""
    notes = _allowed(request, person)
    known = _named(request, notes)
    notes.book.remove(known.id)
    notes.deliverer.hurry(known.id)
    site_of(request).store.audit.note(person, "remove_hook", known.id, detail=known.url)
    return JSONResponse({"removed": known.id})


@router.post(
    "/{hook}/secret", operation_id="renew_hook_secret", openapi_extra=_extra("/{hook}"),
    responses=_answers(forms.SecretTold, {"id": "5f2a91c0", "secret": "whsec_…"}, *OF_READING, "unknown_hook"),
)  # fmt: skip
async def renew_hook_secret(request: Request, person: Caller) -> Response:
    """A new secret, which counts at once."""
    notes = _allowed(request, person)
    known = _named(request, notes)
    secret = notes.book.renew_secret(known.id)
    site_of(request).store.audit.note(person, "renew_hook_secret", known.id)
    return JSONResponse({"id": known.id, "secret": secret})


@router.post(
    "/{hook}/test", operation_id="test_hook", openapi_extra=_extra("/{hook}"),
    responses=_answers(forms.DeliveryTold, {**_DELIVERY, **_GIVEN, "type": "test"}, *OF_READING, "unknown_hook", "hook_off"),
)  # fmt: skip
async def test_hook(request: Request, person: Caller) -> Response:
    """Send an event of type `test`, which nothing in the queue stands for."""
    notes = _allowed(request, person)
    known = _switched_on(_named(request, notes))
    event = uuid7()
    payload = f'{{"id":"{event}","type":"test","at":"{to_wire(now_us())}","hook":"{known.id}"}}'
    return _sent(notes, known, notes.book.put(known.id, News(0, event, "test", payload)))


@router.get(
    "/{hook}/deliveries", operation_id="hook_deliveries", openapi_extra=_extra("/{hook}"),
    responses=_answers(forms.DeliveriesTold, {"deliveries": [_DELIVERY], "before": None}, *OF_READING, "unknown_hook"),
)  # fmt: skip
async def hook_deliveries(
    request: Request,
    person: Caller,
    before: Annotated[int | None, Query(ge=1, le=1 << 62, description="only those with a smaller number")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Response:
    """What was sent to a webhook in the last week, and what came of it."""
    notes = _allowed(request, person)
    found = notes.book.deliveries(_named(request, notes).id, before, limit)
    onward = found[-1].n if len(found) == limit else None
    return JSONResponse({"deliveries": [forms.delivery_told(one) for one in found], "before": onward})


@router.post(
    "/{hook}/deliveries/{delivery}/again", operation_id="deliver_again",
    openapi_extra=_extra("/{hook}/deliveries/{delivery}/again"),
    responses=_answers(
        forms.DeliveryTold, {**_DELIVERY, **_GIVEN}, *OF_READING, "unknown_hook", "unknown_delivery", "hook_off"
    ),
)  # fmt: skip
async def deliver_again(request: Request, person: Caller) -> Response:
    """Send the same event once more."""
    notes = _allowed(request, person)
    known = _switched_on(_named(request, notes))
    number = request.path_params["delivery"]
    is_number = number.isascii() and number.isdecimal() and len(number) < 19
    former = notes.book.delivery(known.id, int(number)) if is_number else None
    if former is None:
        raise WebError(404, "unknown_delivery", "There is no such delivery any more.")
    return _sent(notes, known, notes.book.put(known.id, News(0, former.event, former.type, former.payload)))


def _allowed(request: Request, person: Person) -> Notes:
    rights.check(person, Action.MANAGE_HOOKS)
    return notes_of(request)


def _named(request: Request, notes: Notes) -> Hook:
    found = notes.book.get(request.path_params["hook"])
    if found is None:
        raise WebError(404, "unknown_hook", "There is no such webhook.")
    return found


def _switched_on(known: Hook) -> Hook:
    if not known.active:
        raise WebError(409, "hook_off", "This webhook is switched off.")
    return known


def _sent(notes: Notes, known: Hook, number: int) -> Response:
    notes.deliverer.hurry(known.id)
    delivery = notes.book.delivery(known.id, number)
    assert delivery is not None
    return JSONResponse(forms.delivery_told(delivery))


def _told(notes: Notes, known: Hook) -> dict[str, Any]:
    return forms.hook_told(known, notes.book.waiting(known.id))


async def _fields(request: Request) -> forms.HookFields:
    try:
        return forms.HookFields.model_validate(await fields_of(request))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Refused(Code.INVALID, f"{place}: {first['msg'].removeprefix('Value error, ')}") from None
