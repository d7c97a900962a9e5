"""Keeps the broker's accounts in step with the devices of the branch, while the branch runs."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from branch_server.adapters.mqtt.accounts import Accounts
from branch_server.adapters.mqtt.broker_config import BrokerAddress, BrokerError
from branch_server.adapters.mqtt.dynsec_control import RESPONSE_TOPIC, DynsecControl
from branch_server.adapters.mqtt.dynsec_document import client_id_of
from branch_server.domain.events import DeviceRemoved, DeviceSaved
from branch_server.engine.engine import Committed, Engine
from foleni.link.link import Handlers, Link, Options
from foleni.link.packets import Incoming
from foleni.link.wire import Subscription
from foleni.settings import MqttUrl

_log = logging.getLogger(__name__)

_TURN_S = 0.5


@dataclass(frozen=True, slots=True)
class Reached:
    """Where the branch server reaches the broker, and where devices do."""

    url: MqttUrl
    devices: BrokerAddress


class AccountKeeper:
    """Brings the broker's accounts to the devices of the branch: after each change, and until it has worked.

    It has a link of its own to the broker's control topic, so that a broker without rights to keep does not disturb the queue.
    `managed` tells that the accounts are right at the start; a given broker is looked at first.
    """

    def __init__(self, engine: Engine, accounts: Accounts, branch: str, reached: Reached, *, managed: bool,
                 given: Mapping[str, str]) -> None:  # fmt: skip
        """`given` are passwords that the setup has named, by device."""
        url = reached.url
        self._engine = engine
        self._accounts = accounts
        self._address = reached.devices
        self._given = given
        self._managed = managed
        self._change = threading.Event()
        self._is_due = not managed
        self._has_rights = True
        self._stopping = False
        self._failing = False
        self._link = Link(
            url,
            f"foleni-{branch}-accounts",
            [Subscription(RESPONSE_TOPIC)],
            Handlers(on_message=self._hear, on_up=self._came_up),
            Options(session_expiry_s=0),
        )
        self._control = DynsecControl(branch, self._link.publish)
        self._thread = threading.Thread(target=self._run, name="accounts", daemon=True)
        self._beat: Callable[[], object] = lambda: None

    def watched(self, beat: Callable[[], object]) -> None:
        """Whom to tell that the loop lives. Before `start`."""
        self._beat = beat

    def look_again(self) -> None:
        """Accounts and devices' files may need something though no device has changed. For any thread."""
        self._is_due = True
        self._change.set()

    def start(self) -> None:
        self._engine.subscribe(self._notice)
        self._link.start()
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self._change.set()
        self._link.stop()
        self._thread.join(1.5)

    def _came_up(self, _session_present: bool) -> None:
        self._has_rights = True
        self._change.set()

    def _hear(self, incoming: Incoming) -> None:
        if incoming.topic == RESPONSE_TOPIC:
            self._control.receive(incoming.payload)

    def _notice(self, committed: Committed) -> None:
        if any(isinstance(recorded.event, DeviceSaved | DeviceRemoved) for recorded in committed.events):
            self._is_due = True
            self._change.set()

    def _run(self) -> None:
        while not self._stopping:
            self._beat()
            self._change.wait(_TURN_S)
            self._change.clear()
            if self._is_due and self._has_rights and self._link.is_up and not self._stopping:
                self._is_due = False
                self._keep()

    def _keep(self) -> None:
        try:
            known = self._control.known_accounts()
            if known is None:
                self._has_rights = self._is_due = self._managed
                return
            devices = self._engine.view.setup.devices
            passwords = self._accounts.hand_out(devices, self._address, known, self._given)
            self._control.ensure([each.id for each in devices], passwords, {each.id: client_id_of(each) for each in devices})
            self._accounts.settled(devices, self._address)
            # Once is enough: giving an account its password again throws its device out.
            self._given = {}
            self._failing = False
        except BrokerError as error:
            _log.log(logging.DEBUG if self._failing else logging.WARNING, "accounts could not be kept: %s", error)
            self._failing, self._is_due = True, True
