"""What each company's API takes and answers."""

import asyncio
import base64
import binascii
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response

from foleni.ids import uuid7
from foleni.sim.gateway.box import Box, Company, Mode, Taken

_FOR_EVER_S = 3600.0
Report = Callable[[Taken], object]
Form = Mapping[str, str]


def install(app: FastAPI, box: Box, report: Report) -> None:
    """Adds `POST /version1/messaging` of Africa's Talking and `POST /2010-04-01/Accounts/{account}/Messages.json` of Twilio."""

    @app.post("/version1/messaging")
    async def _africastalking(request: Request) -> Response:
        form = await form_of(request)
        if not request.headers.get("apikey") or not form.get("username"):
            return Response("The supplied authentication is invalid", 401)
        if not form.get("to") or not form.get("message"):
            return Response("Must have to and message", 400)
        return await _behave(box, Company.AFRICASTALKING, lambda: _sms(box, report, form), _no_number(form))

    @app.post("/2010-04-01/Accounts/{account}/Messages.json")
    async def _twilio(account: str, request: Request) -> Response:
        form = await form_of(request)
        if _user(request) != account:
            return _fault(20003, "Authenticate", 401)
        if not form.get("To"):
            return _fault(21604, "A 'To' phone number is required.", 400)
        if not form.get("Body"):
            return _fault(21602, "Message body is required.", 400)
        if not form.get("From") and not form.get("MessagingServiceSid"):
            return _fault(21603, "A 'From' phone number is required.", 400)
        answered = lambda: _message(box, report, account, form)  # noqa: E731 - one of two, as above
        return await _behave(box, Company.TWILIO, answered, _fault(21211, "The 'To' number is not a valid phone number.", 400))


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form; the last one where a name comes twice."""
    return dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))


async def _behave(box: Box, company: Company, take: Callable[[], Response], refusal: Response) -> Response:
    match box.modes[company]:
        case Mode.HANG:
            await asyncio.sleep(_FOR_EVER_S)
        case Mode.MUTE:
            take()
            await asyncio.sleep(_FOR_EVER_S)
        case Mode.SLOW:
            await asyncio.sleep(box.slow_s)
        case Mode.ERROR:
            return Response("Internal Server Error", 500)
        case Mode.GARBAGE:
            return Response("<html>It works</html>", 200, media_type="text/html")
        case Mode.REFUSE:
            return refusal
    return take()


def _sms(box: Box, report: Report, form: Form) -> Response:
    rows = []
    for recipient in form["to"].split(","):
        taken = _take(
            box, report, company=Company.AFRICASTALKING, id=f"ATXid_{uuid7()}", channel="sms", sender=form.get("from", ""),
            recipient=recipient.strip(), text=form["message"], reports_to=box.reports,
        )  # fmt: skip
        rows.append(_row(taken.recipient, 101, "Success", taken.id, "RWF 9.0000"))
    return _told(f"Sent to {len(rows)}/{len(rows)} Total Cost: RWF {9 * len(rows)}.0000", rows)


def _no_number(form: Form) -> Response:
    return _told("Sent to 0/1 Total Cost: 0", [_row(form.get("to", ""), 403, "InvalidPhoneNumber", "None", "0")])


def _row(number: str, code: int, status: str, message: str, cost: str) -> dict[str, Any]:
    return {"statusCode": code, "number": number, "status": status, "cost": cost, "messageId": message}


def _told(text: str, rows: list[dict[str, Any]]) -> Response:
    return JSONResponse({"SMSMessageData": {"Message": text, "Recipients": rows}}, 201)


def _message(box: Box, report: Report, account: str, form: Form) -> Response:
    channel = "whatsapp" if form["To"].startswith("whatsapp:") else "sms"
    sender, recipient = (text.removeprefix("whatsapp:") for text in (form.get("From", ""), form["To"]))
    sid = f"SM{uuid7().replace('-', '')}"
    _take(
        box, report, company=Company.TWILIO, id=sid, channel=channel, sender=sender or form.get("MessagingServiceSid", ""),
        recipient=recipient, text=form["Body"], reports_to=form.get("StatusCallback"),
    )  # fmt: skip
    told = {"sid": sid, "account_sid": account, "status": "queued", "to": form["To"], "from": form.get("From"),
            "body": form["Body"], "error_code": None, "error_message": None, "num_segments": "1"}  # fmt: skip
    return JSONResponse(told, 201)


def _fault(code: int, message: str, status: int) -> Response:
    told = {"code": code, "message": message, "more_info": f"https://www.twilio.com/docs/errors/{code}", "status": status}
    return JSONResponse(told, status)


def _take(box: Box, report: Report, **facts: Any) -> Taken:
    taken = box.take(at=datetime.now(UTC).isoformat(timespec="milliseconds"), **facts)
    report(taken)
    return taken


def _user(request: Request) -> str:
    """The name of basic authentication; empty where there is none."""
    kind, _, rest = request.headers.get("authorization", "").partition(" ")
    try:
        return base64.b64decode(rest).decode().partition(":")[0] if kind.lower() == "basic" else ""
    except (binascii.Error, UnicodeDecodeError):
        return ""
