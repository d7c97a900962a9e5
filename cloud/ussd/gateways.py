"""What the telephone companies' gateways send, and how they want to be answered. One adapter for each form."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from starlette.responses import JSONResponse, PlainTextResponse, Response

from cloud.ussd.state import Screen

_MOST_TYPED = 182
"""No phone sends more letters."""


class FormError(Exception):
    """What came is not in the gateway's form; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class Inbound:
    """One request of a gateway. `typed` is all that the caller sent in this dialogue, or only the last of it; `turn` counts the
    requests where the gateway counts them. `starts` and `ends` where the gateway says so; `dialled` is the code of the start.
    """

    session: str
    phone: str
    typed: tuple[str, ...] = ()
    turn: int | None = None
    is_whole: bool = False
    starts: bool = False
    ends: bool = False
    dialled: str = ""
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """`read` raises `FormError`."""

    read: Callable[[bytes], Inbound]
    write: Callable[[Inbound, Screen], Response]


def _africastalking_read(body: bytes) -> Inbound:
    try:
        given = parse_qs(body.decode(), keep_blank_values=True, strict_parsing=bool(body), max_num_fields=50)
    except ValueError as error:
        raise FormError("this is no form") from error
    fields = {name: values[0] for name, values in given.items()}
    typed = tuple(fields.get("text", "").split("*")) if fields.get("text") else ()
    return Inbound(_id(fields, "sessionId"), _text(fields, "phoneNumber"), _checked(typed), len(typed), is_whole=True)


def _africastalking_write(_inbound: Inbound, screen: Screen) -> Response:
    return PlainTextResponse(f"{'END' if screen.ends else 'CON'} {screen.text}")


def _hubtel_read(body: bytes) -> Inbound:
    fields = _object(body)
    kind = _text(fields, "Type").lower()
    starts, ends = kind == "initiation", kind in {"release", "timeout"}
    if not (starts or ends or kind == "response"):
        raise FormError("Type is none of Initiation, Response, Release and Timeout")
    message = _text(fields, "Message", needed=False)
    return Inbound(
        _id(fields, "SessionId"), _text(fields, "Mobile"), () if starts else _checked((message,)), _sequence(fields),
        starts=starts, ends=ends, dialled=message if starts else "",
    )  # fmt: skip


def _hubtel_write(inbound: Inbound, screen: Screen) -> Response:
    return JSONResponse({
        "SessionId": inbound.session,
        "Type": "release" if screen.ends else "response",
        "Message": screen.text,
        "Label": screen.text.partition("\n")[0],
        "ClientState": inbound.session,
        "DataType": "display" if screen.ends else "input",
        "FieldType": "text",
    })  # fmt: skip


def _nalo_read(body: bytes) -> Inbound:
    fields = _object(body)
    starts, said = _flag(fields, "MSGTYPE"), _text(fields, "USERDATA", needed=False)
    phone, user = _text(fields, "MSISDN"), _text(fields, "USERID", needed=False)
    session = _text(fields, "SESSIONID", needed=False) or f"nalo-{phone}"
    return Inbound(session[:_LONGEST_ID], phone, () if starts else _checked((said,)), starts=starts,
                   dialled=said if starts else "", fields=(("USERID", user), ("MSISDN", phone)))  # fmt: skip


def _nalo_write(inbound: Inbound, screen: Screen) -> Response:
    return JSONResponse({**dict(inbound.fields), "MSG": screen.text, "MSGTYPE": not screen.ends})


def _arkesel_read(body: bytes) -> Inbound:
    fields = _object(body)
    starts, said = _flag(fields, "newSession"), _text(fields, "userData", needed=False)
    phone, user, session = _text(fields, "msisdn"), _text(fields, "userID", needed=False), _id(fields, "sessionID")
    return Inbound(session, phone, () if starts else _checked((said,)), starts=starts, dialled=said if starts else "",
                   fields=(("sessionID", session), ("userID", user), ("msisdn", phone)))  # fmt: skip


def _arkesel_write(inbound: Inbound, screen: Screen) -> Response:
    return JSONResponse({**dict(inbound.fields), "message": screen.text, "continueSession": not screen.ends})


FORMS = {
    "africastalking": Form(_africastalking_read, _africastalking_write),
    "hubtel": Form(_hubtel_read, _hubtel_write),
    "nalo": Form(_nalo_read, _nalo_write),
    "arkesel": Form(_arkesel_read, _arkesel_write),
}
_LONGEST_ID = 128


def _object(body: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise FormError("this is no JSON") from error
    if not isinstance(fields, dict):
        raise FormError("this is no JSON object")
    return fields


def _text(fields: dict[str, Any], name: str, *, needed: bool = True) -> str:
    value = fields.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or (needed and not value.strip()):
        raise FormError(f"{name} is missing")
    if "\x00" in value:
        raise FormError(f"{name} cannot be read")
    return value.strip()


def _id(fields: dict[str, Any], name: str) -> str:
    session = _text(fields, name)
    if len(session) > _LONGEST_ID:
        raise FormError(f"{name} is too long")
    return session


def _flag(fields: dict[str, Any], name: str) -> bool:
    value = fields.get(name)
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    if not isinstance(value, bool):
        raise FormError(f"{name} is neither true nor false")
    return value


def _sequence(fields: dict[str, Any]) -> int | None:
    said = _text(fields, "Sequence", needed=False)
    return int(said) if said.isascii() and said.isdigit() and len(said) <= 6 else None


def _checked(typed: tuple[str, ...]) -> tuple[str, ...]:
    """Raises `FormError` for what no phone can send."""
    if any(len(text) > _MOST_TYPED for text in typed):
        raise FormError("a phone cannot send so much")
    return typed
