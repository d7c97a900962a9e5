"""Calls our customers back, as the companies do: reports about messages, and what people write."""

import queue
import threading
from collections.abc import Mapping

import requests

from foleni.ids import uuid7
from foleni.sim.gateway.box import Box, Company, Mode, Taken

_TIMEOUT_S = 10.0
_REPEATS = 3


class Calling:
    """A part of the program: a thread that posts forms one after the other."""

    def __init__(self, box: Box) -> None:
        self._box = box
        self._due: queue.SimpleQueue[Taken | tuple[str, dict[str, str]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="calling", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._due.put(None)

    def report(self, taken: Taken) -> None:
        """Reports how a message ended, as its company's mode says."""
        if taken.reports_to is not None and self._box.modes[taken.company] is not Mode.SILENT:
            self._due.put(taken)

    def written(self, company: Company, phone: str, text: str, number: str) -> bool:
        """Hands over what somebody wrote; whether anybody wants to hear it."""
        url = self._box.inbound.get(company)
        if url is not None:
            self._due.put((url, _written(company, phone, text, number)))
        return url is not None

    def _run(self) -> None:
        while (due := self._due.get()) is not None:
            if isinstance(due, Taken):
                self._tell(due)
            else:
                self._post(*due)

    def _tell(self, taken: Taken) -> None:
        mode = self._box.modes[taken.company]
        forms = _lost(taken) if mode is Mode.LOSE else _delivered(taken)
        answers = [self._post(taken.reports_to or "", form) for form in forms * (_REPEATS if mode is Mode.REPEAT else 1)]
        self._box.note(taken.n, state="lost" if mode is Mode.LOSE else "delivered", reported=answers[-1])

    def _post(self, url: str, form: Mapping[str, str]) -> str:
        try:
            return str(requests.post(url, data=dict(form), timeout=_TIMEOUT_S).status_code)
        except requests.RequestException as error:
            return type(error).__name__


def _delivered(taken: Taken) -> list[dict[str, str]]:
    if taken.company is Company.TWILIO:
        return [_twilio(taken, status) for status in ("sent", "delivered")]
    return [_africastalking(taken, status) for status in ("Sent", "Success")]


def _lost(taken: Taken) -> list[dict[str, str]]:
    if taken.company is Company.TWILIO:
        return [{**_twilio(taken, "undelivered"), "ErrorCode": "30003"}]
    return [{**_africastalking(taken, "Failed"), "failureReason": "UserDoesNotExist"}]


def _africastalking(taken: Taken, status: str) -> dict[str, str]:
    return {"id": taken.id, "status": status, "phoneNumber": taken.recipient, "networkCode": "63510", "retryCount": "0"}


def _twilio(taken: Taken, status: str) -> dict[str, str]:
    prefix = "whatsapp:" if taken.channel == "whatsapp" else ""
    return {"MessageSid": taken.id, "SmsSid": taken.id, "MessageStatus": status, "SmsStatus": status,
            "To": prefix + taken.recipient, "From": prefix + taken.sender}  # fmt: skip


def _written(company: Company, phone: str, text: str, number: str) -> dict[str, str]:
    if company is Company.TWILIO:
        return {"MessageSid": f"SM{uuid7().replace('-', '')}", "From": phone, "To": number, "Body": text, "NumMedia": "0"}
    return {"id": uuid7(), "linkId": uuid7(), "from": phone, "to": number, "text": text, "date": "", "networkCode": "63510"}
