"""One device asking one thing at a time, in this process, and watching the board."""

import json
import time
from collections.abc import Callable
from typing import Any

import paho.mqtt.client as mqtt

from benchmarks.branch import CONSOLE, BranchServer
from benchmarks.load import Account
from benchmarks.rig import RigError
from foleni.ids import Uuid7
from foleni.sim.client import Address, Connection, Poller
from foleni.topics import Topics

LIMIT_S = 10.0


class Talk:
    """A device at a branch. Round trips are in milliseconds; no answer within 10 s raises `RigError`."""

    def __init__(self, poller: Poller, account: Account, branch: str, client: str) -> None:
        topics = Topics(branch)
        self._poller = poller
        self._device = account.device
        self._new_id = Uuid7()
        self._commands = topics.commands(account.device)
        self._board = topics.board
        self._reply: dict[str, Any] | None = None
        self._command = ""
        self._ticket_at: dict[str, str] = {}
        self._shown: Callable[[], bool] = lambda: True
        self._shown_at = 0.0
        self._replied_at = 0.0
        wanted = [topics.replies(account.device), topics.board]
        self._connection = Connection(poller, Address.parse(account.mqtt), client, wanted, self._heard)
        self._connection.connect()
        if not poller.run_until(lambda: self._connection.ready, LIMIT_S):
            raise RigError(f"{client}: {self._connection.fault}")

    def ask(self, **fields: str) -> tuple[dict[str, Any], float]:
        """The answer to one command, and its round trip."""
        started = self._send(fields)
        self._wait(lambda: self._reply is not None)
        assert self._reply is not None
        return self._reply, (time.perf_counter() - started) * 1000

    def call(self, counter: str) -> tuple[float, float]:
        """Milliseconds from the publish of `call_next` to its answer, and to the board that shows a new ticket there."""
        before = self._ticket_at.get(counter)
        self._shown, self._shown_at = lambda: self._ticket_at.get(counter) not in {None, before}, 0.0
        started = self._send({"type": "call_next", "counter": counter})
        self._wait(lambda: self._reply is not None and (bool(self._shown_at) or not self._reply.get("ok")))
        if self._reply is None or not self._reply.get("ok"):
            raise RigError(f"call_next was refused: {self._reply}")
        return (self._replied_at - started) * 1000, (self._shown_at - started) * 1000

    def _send(self, fields: dict[str, str]) -> float:
        self._reply, self._command = None, self._new_id()
        payload = json.dumps({"id": self._command, "actor": self._device, **fields}).encode()
        started = time.perf_counter()
        self._connection.publish(self._commands, payload)
        return started

    def _wait(self, condition: Callable[[], bool]) -> None:
        if not self._poller.run_until(condition, LIMIT_S):
            raise RigError(f"{self._device}: no answer within {LIMIT_S:g} s")

    def _heard(self, message: mqtt.MQTTMessage) -> None:
        content = json.loads(message.payload)
        if message.topic == self._board:
            self._ticket_at = {call["counter"]: call["ticket"] for call in content.get("calls", ())}
            if not self._shown_at and self._shown():
                self._shown_at = time.perf_counter()
        elif (content.get("command") or content.get("id")) == self._command:
            self._reply, self._replied_at = content, time.perf_counter()


def console(poller: Poller, server: BranchServer) -> Talk:
    """The console of a branch under measurement."""
    return Talk(poller, server.account(CONSOLE), server.branch, f"talk-{server.branch}")


def open_with_tickets(talk: Talk, counter: str, tickets: int, services: tuple[str, ...]) -> None:
    """Open a counter and take so many tickets for it to call."""
    talk.ask(type="open_counter", counter=counter)
    for number in range(tickets):
        reply, _ = talk.ask(type="join", service=services[number % len(services)], channel="staff")
        if not reply.get("ok"):
            raise RigError(f"a join was refused: {reply}")
