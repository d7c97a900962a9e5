"""Callers who dial, through the gateway of a telephone company, over real HTTP."""

import json
import uuid
from dataclasses import dataclass
from itertools import count
from typing import Any, Self

import requests

from tests.support.waiting import PATIENCE_S, until

KEY = "a-key-of-gateways"
BUSY = "Not possible now. Please dial again in a minute."
_UNCOUNTED = frozenset({"nalo", "arkesel"})
_numbers = count(788_200_000)


def new_number() -> str:
    """A phone that nobody has used in this run."""
    return f"+250{next(_numbers)}"


@dataclass(frozen=True, slots=True)
class Sent:
    """One request, so that it can be sent again."""

    body: Any
    is_form: bool


class Gateway:
    """One gateway: how it writes what a caller does, and reads what the cloud answers."""

    def __init__(self, url: str, kind: str, key: str = KEY, name: str | None = None) -> None:
        self.url, self.kind, self.key, self.name = url, kind, key, name or kind

    def post(self, sent: Sent) -> requests.Response:
        address = f"{self.url}/ussd/inbound/{self.name}/{self.key}"
        if sent.is_form:
            return requests.post(address, data=sent.body, timeout=PATIENCE_S)
        return requests.post(address, json=sent.body, timeout=PATIENCE_S)

    def written(self, call: "Phone") -> Sent:
        first, last = not call.typed, call.typed[-1] if call.typed else call.dialled
        digits = call.number.removeprefix("+")
        if self.kind == "africastalking":
            extension = call.dialled.removeprefix("*384").strip("*#")
            text = "*".join(part for part in (extension, *call.typed) if part)
            return Sent({"sessionId": call.session, "phoneNumber": call.number, "networkCode": "63514", "serviceCode": "*384#",
                         "text": text}, is_form=True)  # fmt: skip
        if self.kind == "hubtel":
            step = {"Type": "Initiation" if first else "Response", "Message": last, "Sequence": len(call.typed) + 1}
            told = {"ServiceCode": "384", "Operator": "mtn", "ClientState": "", "Platform": "USSD"}
            return Sent({**step, **told, "Mobile": digits, "SessionId": call.session}, is_form=False)
        if self.kind == "nalo":
            return Sent({"USERID": "F", "MSISDN": digits, "USERDATA": last, "MSGTYPE": first, "NETWORK": "MTN",
                         "SESSIONID": call.session}, is_form=False)  # fmt: skip
        return Sent({"sessionID": call.session, "userID": "F", "newSession": first, "msisdn": digits, "userData": last,
                     "network": "MTN"}, is_form=False)  # fmt: skip

    def read(self, answer: requests.Response) -> tuple[str, bool]:
        """The text of the screen, and whether the dialogue goes on."""
        assert answer.status_code == 200, answer.text
        if self.kind == "africastalking":
            assert answer.text[:4] in {"CON ", "END "}
            return answer.text[4:], answer.text.startswith("CON")
        body = json.loads(answer.content)
        if self.kind == "hubtel":
            return body["Message"], body["Type"] == "response"
        if self.kind == "nalo":
            return body["MSG"], body["MSGTYPE"]
        return body["message"], body["continueSession"]


class Phone:
    """A caller: one dialogue at a time."""

    def __init__(self, gateway: Gateway, number: str | None = None) -> None:
        self.gateway = gateway
        self.number = number or new_number()
        self.session, self.dialled, self.typed = "", "*384#", list[str]()
        self.text, self.goes_on = "", False
        self.sent: Sent | None = None

    def dial(self, code: str = "*384#") -> Self:
        """Begins a new dialogue, whatever became of the last one."""
        self.session, self.dialled, self.typed = uuid.uuid4().hex, code, []
        return self.send()

    def press(self, *keys: str) -> Self:
        """Faster than anybody can. Where the gateway counts nothing, a second equal key would pass for the first sent again:
        then it is ended with `#`, as some phones do.
        """
        for key in keys:
            is_alike = self.gateway.kind in _UNCOUNTED and self.typed[-1:] == [key]
            self.typed.append(f"{key}#" if is_alike else key)
            self.send()
        return self

    def again(self) -> Self:
        """The gateway sends the last request once more."""
        assert self.sent is not None
        self.text, self.goes_on = self.gateway.read(self.gateway.post(self.sent))
        return self

    def once(self, key: str) -> Self:
        """Presses a key, and takes whatever screen comes."""
        self.typed.append(key)
        self.sent = self.gateway.written(self)
        return self.again()

    def send(self) -> Self:
        """Sends what is typed; again where this machine is too busy for the two seconds that a gateway waits."""
        self.sent = self.gateway.written(self)
        until(lambda: self.again().text != BUSY, every_s=0.2)
        return self
