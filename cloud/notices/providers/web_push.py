"""Web push: encrypted for one browser, and handed to the push service that this browser named."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from py_vapid import Vapid  # type: ignore[import-untyped]
from pywebpush import WebPushException, webpush  # type: ignore[import-untyped]

from cloud.notices.occasions import Channel
from cloud.notices.providers.caller import Caller
from cloud.notices.providers.outside import OutsideCaller
from cloud.notices.providers.provider import DeclinedError, GoneError, Letter, SendingError, TroubleError

_GONE = frozenset({404, 410})
_URGENT = frozenset({"called", "near", "otp", "skipped"})
_RIGHT_TO_LEFT = frozenset({"ar"})
_MOST_TEXT = 900
_TIMEOUT_S = 5.0


class WebPush:
    """The adapter. The browser gets `{"kind", "title", "text", "link", "tag", "language", "direction"}`; `tag` is the link, so
    that the newest message about a ticket takes the place of those before it.

    A push service is whatever the browser named, so its trouble is never taken for that of all of them.
    """

    name: Final = "webpush"
    channels: Final = frozenset({Channel.PUSH})
    at_once: Final = 16

    def __init__(self, key: Vapid, contact: str, *, also_here: bool = False) -> None:
        """`also_here`: a push service may run on this machine, which nobody else reaches."""
        self._key = key
        self._contact = contact
        self._session: Any = _Session(OutsideCaller(_TIMEOUT_S, also_here=also_here))

    def send(self, letter: Letter) -> str | None:
        try:
            answer: Any = webpush(
                json.loads(letter.recipient),
                payload(letter),
                vapid_private_key=self._key,
                vapid_claims={"sub": self._contact},
                ttl=letter.good_for_s,
                headers={"Urgency": "high" if letter.kind in _URGENT else "normal"},
                requests_session=self._session,
            )
        except WebPushException as error:
            raise _fault(error) from error
        except TroubleError as error:
            raise DeclinedError(str(error)) from error
        except (ValueError, TypeError, KeyError) as error:
            raise DeclinedError("the subscription's keys are of no use") from error
        return answer.headers.get("location") or None


@dataclass(frozen=True, slots=True)
class _Answered:
    """What pywebpush reads of an answer."""

    status_code: int
    headers: Mapping[str, str]
    reason: str = ""
    text: str = ""


class _Session:
    """What pywebpush posts with: goes nowhere but where it is sent, and waits no longer than it may."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def post(self, url: str, *, data: bytes, headers: Mapping[str, Any], **_: Any) -> _Answered:
        answer = self._caller.post(url, data, {name: str(value) for name, value in headers.items()})
        return _Answered(answer.status, answer.headers)


def payload(letter: Letter) -> bytes:
    """What the browser's service worker gets."""
    told = {
        "kind": letter.kind,
        "title": letter.title,
        "text": letter.text[:_MOST_TEXT],
        "link": letter.link or "",
        "tag": letter.link or letter.id,
        "language": letter.language,
        "direction": "rtl" if letter.language[:2] in _RIGHT_TO_LEFT else "ltr",
    }
    return json.dumps(told, ensure_ascii=False).encode()


def _fault(error: WebPushException) -> SendingError:
    status = error.response.status_code if error.response is not None else 0
    if status in _GONE:
        return GoneError(f"HTTP {status}: the browser has left")
    return DeclinedError(f"HTTP {status}" if status else "the subscription's keys are of no use")
