"""SMS by Africa's Talking: a form out, a JSON answer with one row for each recipient."""

from typing import Final

from pydantic import Field, ValidationError

from cloud.notices.occasions import Channel
from cloud.notices.providers.caller import Answer, Caller
from cloud.notices.providers.provider import DeclinedError, Letter, RefusedError, TroubleError
from cloud.notices.settings import AfricasTalkingSettings
from foleni.messages.base import Message

_TAKEN = frozenset({100, 101, 102})
_NOBODY = frozenset({403, 404, 406, 409})
"""Invalid number, a number that takes no SMS, a recipient who is on the network's own list of those who want none."""
_TROUBLE = frozenset({401, 402, 405, 500, 501})
"""Held for its risk, a sender that is not ours, no money left, a fault within."""


class _Recipient(Message):
    status: str = ""
    code: int = Field(0, alias="statusCode")
    id: str = Field("", alias="messageId")


class _Data(Message):
    text: str = Field("", alias="Message")
    recipients: tuple[_Recipient, ...] = Field((), alias="Recipients")


class _Told(Message):
    data: _Data = Field(alias="SMSMessageData")


class AfricasTalking:
    """The adapter."""

    channels: Final = frozenset({Channel.SMS})

    def __init__(self, settings: AfricasTalkingSettings) -> None:
        self.name, self.at_once = settings.name, settings.at_once
        self._settings = settings
        self._address = f"{settings.url.rstrip('/')}/version1/messaging"
        self._caller = Caller(settings.timeout_s)

    def send(self, letter: Letter) -> str | None:
        form = {"username": self._settings.username, "to": letter.recipient, "message": letter.text}
        if self._settings.sender:
            form["from"] = self._settings.sender
        headers = {"apiKey": self._settings.key.get_secret_value(), "Accept": "application/json"}
        return _read(self._caller.post(self._address, form, headers))


def _read(answer: Answer) -> str | None:
    if answer.status not in {200, 201}:
        raise TroubleError(f"HTTP {answer.status}")
    try:
        data = _Told.model_validate_json(answer.body).data
    except ValidationError as error:
        raise TroubleError("the answer cannot be read") from error
    if not data.recipients:
        raise TroubleError(data.text[:100] or "the answer names nobody")
    told = data.recipients[0]
    fault = f"{told.code} {told.status[:60]}"
    if told.code in _TAKEN:
        return told.id or None
    if told.code in _NOBODY:
        raise RefusedError(fault)
    raise TroubleError(fault) if told.code in _TROUBLE else DeclinedError(fault)
