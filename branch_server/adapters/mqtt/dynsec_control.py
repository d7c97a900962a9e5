"""Accounts and rights of a running broker, through the dynamic-security plugin's control topic."""

import json
import logging
import queue
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from branch_server.adapters.mqtt.broker_config import BrokerError
from branch_server.adapters.mqtt.dynsec_document import (
    ROLE_ROOT,
    Json,
    device_role,
    device_roles,
    role_prefix,
    state_role,
)

logger = logging.getLogger(__name__)

CONTROL_TOPIC = "$CONTROL/dynamic-security/v1"
RESPONSE_TOPIC = f"{CONTROL_TOPIC}/response"

_BATCH = 40
_HARMLESS = ("Role already exists", "Client not found", "Role not found")


_FREE: Mapping[str, str | None] = {}


class RightsError(BrokerError):
    """The broker refused a change of accounts, or did not answer."""


class DynsecControl:
    """Adds, changes and cuts off devices without a restart.

    `publish(topic, payload)` sends to the broker; whoever owns the link subscribes to `RESPONSE_TOPIC` and feeds each
    payload to `receive` from its network thread. All other methods wait for answers, so they belong on another thread.
    """

    def __init__(self, branch: str, publish: Callable[[str, bytes], object], timeout_s: float = 1.0) -> None:
        self._branch = branch
        self._publish = publish
        self._timeout_s = timeout_s
        self._answers: queue.SimpleQueue[Json] = queue.SimpleQueue()
        self._one_at_a_time = threading.Lock()

    def receive(self, payload: bytes) -> None:
        """Takes one response of the plugin; anything else is ignored. Never blocks."""
        try:
            responses = json.loads(payload)["responses"]
        except (ValueError, KeyError, TypeError):
            return
        for response in responses if isinstance(responses, list) else ():
            if isinstance(response, dict):
                self._answers.put(response)

    def known_accounts(self) -> frozenset[str] | None:
        """The usernames that the broker knows; None, with a warning in the log, where it has no such plugin."""
        try:
            return frozenset(self._clients())
        except RightsError as error:
            logger.warning("rights are the broker operator's business: %s", error)
            return None

    def ensure(
        self, devices: Iterable[str], passwords: Mapping[str, str], client_ids: Mapping[str, str | None] = _FREE
    ) -> None:
        """Brings accounts and rights to exactly these devices, with `passwords` for those that shall get one, and bound to the
        client id where `client_ids` has one.

        Accounts that are not this branch's are left alone. Raises `RightsError`.
        """
        wanted = list(devices)
        present = self._clients()
        for device in wanted:
            self._refuse_foreign(device, present.get(device, _NOBODY).roles)
        self._ask(_role_commands(state_role(self._branch)))
        self._ask(
            command
            for device in wanted
            for command in self._changes(device, passwords.get(device), client_ids.get(device), present.get(device))
        )
        for gone in self._ours(present) - set(wanted):
            self.cut_off(gone)

    def add(self, device: str, password: str) -> None:
        """Lets a device in from now on; one that has an account gets this password. Raises `RightsError`."""
        present = self._clients().get(device)
        self._refuse_foreign(device, (present or _NOBODY).roles)
        self._ask([*_role_commands(state_role(self._branch)), *self._changes(device, password, None, present)])

    def cut_off(self, device: str) -> None:
        """Throws a device out at once and for good; harmless where it has no account. Raises `RightsError`."""
        role = device_role(self._branch, device)["rolename"]
        self._ask([{"command": "deleteClient", "username": device}, {"command": "deleteRole", "rolename": role}])

    def _changes(self, device: str, password: str | None, client_id: str | None, present: "_Present | None") -> Iterator[Json]:
        yield from _role_commands(device_role(self._branch, device))
        account: Json = {"username": device, "roles": device_roles(self._branch, device), "clientid": client_id or ""}
        if password is not None:
            account["password"] = password
        names = frozenset(role["rolename"] for role in account["roles"])
        if present is None:
            yield {"command": "createClient", **account}
        elif password is not None or present != _Present(names, account["clientid"]):
            # The plugin throws a changed client out, so one that is right already is not touched.
            yield {"command": "modifyClient", **account}

    def _clients(self) -> "dict[str, _Present]":
        (answer,) = self._ask([{"command": "listClients", "verbose": True}])
        return {client["username"]: _present(client) for client in answer.get("data", {}).get("clients", ())}

    def _ours(self, present: "Mapping[str, _Present]") -> set[str]:
        prefix = f"{role_prefix(self._branch)}device:"
        return {name for name, account in present.items() if f"{prefix}{name}" in account.roles}

    def _refuse_foreign(self, device: str, roles: Collection[str]) -> None:
        foreign = [role for role in roles if role.startswith(ROLE_ROOT) and not role.startswith(role_prefix(self._branch))]
        if foreign:
            raise RightsError(f"the account {device} belongs to another branch on this broker")

    def _ask(self, commands: Iterable[Json]) -> list[Json]:
        whole = list(commands)
        with self._one_at_a_time:
            return [
                answer for start in range(0, len(whole), _BATCH) for answer in self._ask_batch(whole[start : start + _BATCH])
            ]

    def _ask_batch(self, batch: Sequence[Json]) -> list[Json]:
        mark = uuid4().hex
        marked = [{**command, "correlationData": mark} for command in batch]
        self._publish(CONTROL_TOPIC, json.dumps({"commands": marked}).encode())
        answers: list[Json] = []
        while len(answers) < len(batch):
            answer = self._next_answer()
            if answer.get("correlationData") == mark:
                answers.append(_accepted(answer))
        return answers

    def _next_answer(self) -> Json:
        try:
            return self._answers.get(timeout=self._timeout_s)
        except queue.Empty:
            raise RightsError("no answer from the dynamic-security plugin") from None


@dataclass(frozen=True, slots=True)
class _Present:
    """An account as the broker has it."""

    roles: frozenset[str]
    client_id: str


_NOBODY = _Present(frozenset(), "")


def _present(client: Json) -> _Present:
    return _Present(frozenset(role["rolename"] for role in client.get("roles", ())), client.get("clientid") or "")


def _role_commands(role: Json) -> list[Json]:
    """Makes the role or, where there is one, sets its rights anew; its clients stay connected."""
    return [{"command": "createRole", **role}, {"command": "modifyRole", **role}]


def _accepted(answer: Json) -> Json:
    error = answer.get("error")
    if error is not None and error not in _HARMLESS:
        raise RightsError(f"the broker refused {answer.get('command')}: {error}")
    return answer
