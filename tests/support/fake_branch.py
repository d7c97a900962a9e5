"""A branch that lives in a test and speaks the sync contract over HTTP: it tells, and answers, what the test says."""

import json
import time
import uuid
from contextlib import suppress
from typing import Any

import requests

from foleni.times import to_wire
from tests.support.cloud import CloudProcess
from tests.support.waiting import PATIENCE_S

Json = dict[str, Any]
DAY = "2026-11-21"


class FakeBranch:
    """Keeps a log of its own. `cloud` may be exchanged for another process in front of the same database."""

    def __init__(self, cloud: CloudProcess, token: str, branch: str = "main-street") -> None:
        self.cloud, self.token, self.branch = cloud, token, branch
        self.log: list[Json] = []
        self.cursor = 0
        self.clock_ahead_s = 0.0
        self._http = requests.Session()
        self._issued = 0

    def event(self, kind: str, /, **data: Any) -> Json:
        """Puts an event into the log."""
        at = self.now_us()
        event = {
            "seq": len(self.log) + 1, "id": str(uuid.uuid4()), "type": kind, "at": to_wire(at), "at_us": at, "steady_us": at,
            "day": DAY, "actor": "test", "command": data.get("command"), "data": data,
        }  # fmt: skip
        self.log.append(event)
        return event

    def opens(self, *services: str) -> None:
        """Its first day: services with prefixes A, B, … and a counter `c1` that serves them all."""
        branch = {"id": self.branch, "name": {"en": "Main Street"}, "time_zone": "Africa/Kigali", "languages": ["en", "fr"],
                  "business_day_starts": "04:00", "remote_issuer": "R"}  # fmt: skip
        self.event("branch_saved", branch=branch)
        self.event("day_opened", opened=DAY)
        for place, service in enumerate(services):
            told = {"id": service, "prefix": "ABCDE"[place], "name": {"en": service.title()}, "service_time_s": 120}
            self.event("service_saved", service=told | {"state": "open"})
        self.event("counter_saved", counter={"id": "c1", "label": "1", "services": list(services)})
        self.event("counter_opened", counter="c1")

    def joined(self, service: str, command: str | None = None, **data: Any) -> str:
        """A ticket; its id."""
        ticket, at = str(uuid.uuid4()), self.now_us()
        self._issued += 1
        fields = {
            "ticket": ticket, "number": f"A{self._issued:03d}", "service": service, "channel": "kiosk", "priority": "normal",
            "credit_min": 0, "day": DAY, "joined_at": at, "rank_at": at, "device": "kiosk-1",
            "command": command or str(uuid.uuid4()), "checked_in": True, "offline": False,
        }  # fmt: skip
        self.event("ticket_joined", **fields | data)
        return ticket

    def about(self, kind: str, ticket: str, **data: Any) -> None:
        """An event of a ticket, with its number and service as last told."""
        told = next(one["data"] for one in reversed(self.log) if one["data"].get("ticket") == ticket)
        self.event(kind, ticket=ticket, number=told["number"], service=data.pop("service", told["service"]), **data)

    def called(self, ticket: str, counter: str = "c1") -> None:
        self.about("ticket_called", ticket, counter=counter, counter_label="1", call=1, why={"rule": "fifo", "reason": "first"})

    def tell(self, first: int = 1, last: int | None = None, **more: Any) -> requests.Response:
        """Sends the log from number `first` on."""
        chosen = self.log[first - 1 : last]
        body = {"first": first, "events": chosen, "now": to_wire(self.now_us()), **more}
        return self.post("events", body)

    def tell_all(self, **more: Any) -> int:
        """Sends what the cloud does not have; how far it has come."""
        acked = self.acked()
        answer = self.tell(acked + 1, **more)
        assert answer.status_code == 200, answer.text
        return int(answer.json()["acked"])

    def acked(self) -> int:
        answer = self.post("events", {"first": 1, "events": []})
        assert answer.status_code == 200, answer.text
        return int(answer.json()["acked"])

    def poll(self, wait: float = 0, after: int | None = None) -> list[Json]:
        """The commands of one poll."""
        answer = self.get("commands", after=self.cursor if after is None else after, wait=wait)
        assert answer.status_code == 200, answer.text
        self.cursor = answer.json()["cursor"]
        return list(answer.json()["commands"])

    def asked(self) -> Json:
        """The next command, when there is one."""
        deadline = time.monotonic() + PATIENCE_S
        while not (commands := self.poll(wait=0.5)):
            assert time.monotonic() < deadline, "nobody asked anything"
        return commands[0]

    def is_there(self) -> None:
        """Polls until the cloud takes it for connected."""
        until_live = time.monotonic() + PATIENCE_S
        while not self.cloud.get(f"/api/v1/branches/{self.branch}").json().get("live"):
            assert time.monotonic() < until_live
            self.poll(wait=0.1)

    def serve(self, until_done: Any, within_s: float = PATIENCE_S) -> None:
        """Does what it is asked, as a branch does, until `until_done()`."""
        deadline = time.monotonic() + within_s
        while not until_done():
            assert time.monotonic() < deadline, "it was not asked"
            with suppress(requests.ConnectionError):
                for command in self.poll(wait=0.2):
                    self.do(command)

    def do(self, command: Json) -> None:
        """Takes a join in, tells of it, and replies."""
        if command["type"] != "join":
            self.reply(command["id"], {})
            return
        ticket = self.joined(command["service"], command["id"], channel=command["channel"], phone=command.get("phone"),
                             **({"number": command["number"], "offline": True} if "number" in command else {}))  # fmt: skip
        self.tell_all()
        self.reply(command["id"], self.result_of(ticket))

    def result_of(self, ticket: str) -> Json:
        """What a join is answered with."""
        told = next(one["data"] for one in self.log if one["data"].get("ticket") == ticket and one["type"] == "ticket_joined")
        return {
            "ticket": ticket, "number": told["number"], "service": told["service"], "joined_at": to_wire(told["joined_at"]),
            "position": 1, "ahead": 0, "wait_p50_s": 60, "wait_p90_s": 120, "url": "",
        }  # fmt: skip

    def reply(self, command: str, result: Json) -> requests.Response:
        return self.post("replies", {"replies": [{"command": command, "ok": True, "result": result}]})

    def refuse(self, command: str, code: str, message: str = "No.") -> requests.Response:
        error = {"code": code, "message": message}
        return self.post("replies", {"replies": [{"command": command, "ok": False, "error": error}]})

    def post(self, name: str, body: Any) -> requests.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        return self._http.post(self._url(name), data=content, headers=headers, timeout=PATIENCE_S)

    def get(self, name: str, **params: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        return self._http.get(self._url(name), params=params, headers=headers, timeout=PATIENCE_S + 60)

    def now_us(self) -> int:
        return time.time_ns() // 1000 + int(self.clock_ahead_s * 1_000_000)

    def _url(self, name: str) -> str:
        return f"{self.cloud.url}/api/v1/sync/{self.branch}/{name}"
