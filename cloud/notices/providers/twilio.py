"""SMS and WhatsApp by Twilio."""

from pydantic import ValidationError

from cloud.notices.occasions import Channel
from cloud.notices.providers.caller import Answer, Caller
from cloud.notices.providers.provider import DeclinedError, Letter, RefusedError, TroubleError
from cloud.notices.settings import TwilioSettings
from foleni.messages.base import Message

_NOBODY = frozenset({21211, 21214, 21217, 21610, 21614, 63024})
"""No such number, one that takes no SMS, or one whose owner wants none."""
_ONLY_THIS = frozenset({400, 404, 409, 422})
"""Statuses that blame the message, not the account."""


class _Taken(Message):
    sid: str


class _Fault(Message):
    code: int = 0
    message: str = ""


class Twilio:
    """The adapter. Reports come back to `reports`, an address of ours, where there is one."""

    def __init__(self, settings: TwilioSettings, reports: str | None) -> None:
        self.name, self.at_once = settings.name, settings.at_once
        given = {Channel.SMS: settings.sender, Channel.WHATSAPP: settings.whatsapp_sender}
        self.channels = frozenset(channel for channel, sender in given.items() if sender)
        self._settings = settings
        self._reports = reports
        self._address = f"{settings.url.rstrip('/')}/2010-04-01/Accounts/{settings.account}/Messages.json"
        self._caller = Caller(settings.timeout_s)

    def send(self, letter: Letter) -> str | None:
        form = {**self._sides(letter), "Body": letter.text}
        if self._reports is not None:
            form["StatusCallback"] = self._reports
        auth = (self._settings.account, self._settings.token.get_secret_value())
        return _read(self._caller.post(self._address, form, auth=auth))

    def _sides(self, letter: Letter) -> dict[str, str]:
        if letter.channel is Channel.WHATSAPP:
            return {"From": f"whatsapp:{self._settings.whatsapp_sender}", "To": f"whatsapp:{letter.recipient}"}
        sender = self._settings.sender or ""
        return {"MessagingServiceSid" if sender.startswith("MG") else "From": sender, "To": letter.recipient}


def _read(answer: Answer) -> str | None:
    try:
        if answer.status in {200, 201}:
            return _Taken.model_validate_json(answer.body).sid
        fault = _Fault.model_validate_json(answer.body)
    except ValidationError as error:
        raise TroubleError(f"HTTP {answer.status}, and the answer cannot be read") from error
    text = f"{fault.code} HTTP {answer.status}"
    if fault.code in _NOBODY:
        raise RefusedError(text)
    raise DeclinedError(text) if answer.status in _ONLY_THIS else TroubleError(text)
