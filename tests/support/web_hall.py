"""A hall full of customers for tests of the web side: a desk that asks over the LAN, and tickets with their pages."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

from tests.support.client import Client, Json
from tests.support.web import WebBranch


class Hall:
    """Asks as the branch's own desk does. Each call returns when the branch has answered; a refusal fails the test."""

    def __init__(self, branch: WebBranch, client: Client) -> None:
        self.branch = branch
        self._client = client

    def ask(self, kind: str, **fields: Any) -> Json:
        reply = self._client.ask({"type": kind, **fields})
        assert reply["ok"], reply
        result: Json = reply["result"]
        return result

    def join(self, service: str = "cash", **fields: Any) -> Json:
        """A ticket with its `number` and the `token` of its page."""
        result = self.ask("join", service=service, channel="staff", **fields)
        return result | {"token": result["url"].rsplit("/", 1)[1]}

    def call(self, counter: str = "c1", ticket: Json | None = None) -> Json:
        """The ticket that is called: this one, or the next. The counter opens where it is closed."""
        self.ask("open_counter", counter=counter)
        if ticket is None:
            answer = self.ask("call_next", counter=counter)
        else:
            answer = self.ask("call_ticket", counter=counter, ticket=ticket["ticket"])
        in_hand: Json = answer["in_hand"]
        return in_hand

    def served(self, counter: str = "c1", **fields: Any) -> Json:
        """A ticket that was called and completed."""
        ticket = self.join(**fields)
        self.call(counter, ticket)
        self.ask("complete", counter=counter)
        return ticket

    def page_of(self, ticket: Json, **query: str) -> str:
        """The address of a ticket's page."""
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        return f"{self.branch.url}/t/{ticket['token']}{'?' + asked if asked else ''}"


@contextmanager
def hall_of(branch: WebBranch) -> Iterator[Hall]:
    """The desk's end of a running branch."""
    account = branch.account("desk")
    with Client(branch.port, account.branch, "desk", account.password) as client:
        yield Hall(branch, client)


def events_of(answer: requests.Response) -> Iterator[tuple[str, Json]]:
    """Name and picture of each event of a stream that was asked for with `stream=True`."""
    name = ""
    for line in answer.iter_lines():
        if line.startswith(b"event: "):
            name = line[7:].decode()
        elif line.startswith(b"data: "):
            yield name, json.loads(line[6:])
