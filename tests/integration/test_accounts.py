"""Rights as a real Mosquitto keeps them: what each account may not touch, and accounts that come and go at run time."""

import json
import socket
import threading
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from branch_server.adapters.mqtt.accounts import Accounts, Credentials
from branch_server.adapters.mqtt.broker import ManagedBroker
from branch_server.adapters.mqtt.broker_config import BrokerAddress
from branch_server.adapters.mqtt.dynsec_control import CONTROL_TOPIC, RESPONSE_TOPIC, DynsecControl, RightsError
from foleni.messages.setup import Device, DeviceKind

BRANCH = "main-street"
ROOT = f"foleni/{BRANCH}/"
DEVICES = [
    Device(id="kiosk-1", kind=DeviceKind.KIOSK),
    Device(id="tv-1", kind=DeviceKind.DISPLAY),
    Device(id="pad-1", kind=DeviceKind.COUNTER, counter="c1"),
    Device(id="desk", kind=DeviceKind.CONSOLE),
]
IDS = [device.id for device in DEVICES]
LATE = Device(id="tv-2", kind=DeviceKind.DISPLAY)

STATE = ("server", "services", "board", "counters/c1", "events/ticket_called", "devices/other/status")
READABLE = (*STATE, "counters/+", "events/+", "devices/+/status", "devices/{me}/replies", "devices/{me}/config")
FORBIDDEN_TO_READ = (
    *("#", "+", "+/#", "$SYS/#", "$SYS/broker/version", "$CONTROL/#", RESPONSE_TOPIC, "foleni/#", "foleni/+/board"),
    *("foleni/other/board", "foleni/other/devices/{me}/replies", "zigbee2mqtt/button", f"$share/all/{ROOT}#"),
    *(f"$share/all/{ROOT}devices/{{other}}/replies", f"$share/all/{ROOT}devices/{{me}}/replies"),
    *(f"{ROOT}{tail}" for tail in ("#", "+", "devices/#", "devices/+/+", "devices/+/replies", "devices/+/commands")),
    *(f"{ROOT}devices/{{other}}/{leaf}" for leaf in ("replies", "config", "commands", "#", "+")),
    *(f"{ROOT}devices/{{me}}/{leaf}" for leaf in ("commands", "#", "+")),
    *(f"{ROOT}{tail}" for tail in ("counters/#", "counters", "counters/c1/x", "events/#", "board/x", "devices")),
)
FORBIDDEN_TO_WRITE = (
    *(CONTROL_TOPIC, RESPONSE_TOPIC, "$SYS/broker/version", "board", "foleni/other/devices/{me}/commands"),
    *(f"{ROOT}{state}" for state in ("server", "services", "board", "counters/c1", "events/ticket_called")),
    *(f"{ROOT}devices/{{other}}/{leaf}" for leaf in ("commands", "status", "replies", "config")),
    *(f"{ROOT}devices/{{me}}/{leaf}" for leaf in ("replies", "config", "commands/x", "x")),
)


def wait_until(condition: Callable[[], object], what: str, patience_s: float = 15.0) -> None:
    ends = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < ends, f"waited in vain until {what}"
        time.sleep(0.005)


class Client:
    """A paho client that notes what it is answered and what reaches it."""

    def __init__(self, address: BrokerAddress, who: Credentials, client_id: str = "", **settings: Any) -> None:
        self.answer = ""
        self.received: list[tuple[str, bytes]] = []
        self.closed: list[str] = []
        self.on_response: Callable[[bytes], None] = lambda _payload: None
        self._reasons: dict[int, str] = {}
        self.paho = paho.Client(CallbackAPIVersion.VERSION2, client_id, protocol=paho.MQTTv5, reconnect_on_failure=False)
        self.paho.username_pw_set(who.username, who.password)
        self.paho.on_connect = lambda _c, _u, _f, reason, _p: setattr(self, "answer", str(reason))
        self.paho.on_disconnect = lambda _c, _u, _f, reason, _p: self.closed.append(str(reason))
        self.paho.on_publish = lambda _c, _u, mid, reason, _p: self._reasons.update({mid: str(reason)})
        self.paho.on_subscribe = lambda _c, _u, mid, reasons, _p: self._reasons.update({mid: str(reasons[0])})
        self.paho.on_message = self._on_message
        if will := settings.pop("will", None):
            self.paho.will_set(will, b"will", 1)
        self.paho.connect(address.host, address.port, **settings)
        self.paho.loop_start()
        wait_until(lambda: self.answer, "the broker answers")

    def publish(self, topic: str, payload: bytes = b"x") -> str:
        return self._reason(self.paho.publish(topic, payload, 1).mid)

    def subscribe(self, topic: str) -> str:
        return self._reason(self.paho.subscribe(topic, 1)[1])

    def close(self) -> None:
        self.paho.disconnect()
        self.paho.loop_stop()

    def vanish(self) -> None:
        """Breaks the connection with no goodbye."""
        wire: Any = self.paho.socket()
        wire.shutdown(socket.SHUT_RDWR)

    def _reason(self, mid: int | None) -> str:
        assert mid is not None
        wait_until(lambda: mid in self._reasons or self.closed, "the broker answers")
        return self._reasons.get(mid, "closed")

    def _on_message(self, _client: Any, _userdata: Any, message: paho.MQTTMessage) -> None:
        if message.topic == RESPONSE_TOPIC:
            self.on_response(bytes(message.payload))
        else:
            self.received.append((message.topic, bytes(message.payload)))


class House:
    """A managed broker with the accounts of all devices, and clients that are closed at the end."""

    def __init__(self, folder: Path) -> None:
        self.devices_folder = folder / "devices"
        self.broker = ManagedBroker(folder / "broker")
        self.broker.prepare()
        self.accounts = Accounts(BRANCH, self.devices_folder)
        self.server = self.accounts.write(self.broker.folder, DEVICES, self.broker.device_address)
        self.clients: list[Client] = []
        self.broker.start()

    def credentials(self, device: str) -> Credentials:
        return Credentials(device, self.file(device)["password"])

    def file(self, device: str) -> dict[str, str]:
        return tomllib.loads((self.devices_folder / f"{device}.toml").read_text())

    def client(self, who: Credentials, client_id: str = "", **settings: Any) -> Client:
        self.clients.append(Client(self.broker.address, who, client_id, **settings))
        return self.clients[-1]

    def control(self) -> DynsecControl:
        server = self.client(self.server)
        control = DynsecControl(BRANCH, lambda topic, payload: server.paho.publish(topic, payload, 1), timeout_s=30)
        server.on_response = control.receive
        assert server.subscribe(RESPONSE_TOPIC) == "Granted QoS 1"
        return control

    def hang_up(self) -> None:
        for client in self.clients:
            client.close()
        self.clients.clear()


@pytest.fixture(scope="module")
def lasting_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("house"))
    yield made
    made.broker.stop()


@pytest.fixture
def house(lasting_house: House) -> Iterator[House]:
    yield lasting_house
    lasting_house.hang_up()


@pytest.fixture
def own_house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.hang_up()
    made.broker.stop()


def other_than(device: str) -> str:
    return next(other for other in IDS if other != device)


@pytest.mark.parametrize("device", IDS)
def test_a_device_may_subscribe_to_the_state_and_its_own(house: House, device: str) -> None:
    client = house.client(house.credentials(device))
    answers = {topic: client.subscribe(ROOT + topic.format(me=device)) for topic in READABLE}
    assert answers == dict.fromkeys(READABLE, "Granted QoS 1")


@pytest.mark.parametrize("device", IDS)
def test_a_device_is_refused_every_other_subscription(house: House, device: str) -> None:
    client = house.client(house.credentials(device))
    topics = [topic.format(me=device, other=other_than(device)) for topic in FORBIDDEN_TO_READ]
    assert {topic: client.subscribe(topic) for topic in topics} == dict.fromkeys(topics, "Not authorized")


@pytest.mark.parametrize("device", IDS)
def test_nothing_that_was_refused_arrives(house: House, device: str) -> None:
    client, server = house.client(house.credentials(device)), house.client(house.server)
    other = other_than(device)
    for topic in FORBIDDEN_TO_READ:
        client.subscribe(topic.format(me=device, other=other))
    for leaf in ("commands", "replies", "config", "status"):
        assert server.publish(f"{ROOT}devices/{other}/{leaf}") == "No matching subscribers"
    assert server.publish(f"{ROOT}counters/c1/x") == "No matching subscribers"
    assert client.subscribe(f"{ROOT}board") == "Granted QoS 1"
    assert server.publish(f"{ROOT}board", b"last") == "Success"
    wait_until(lambda: client.received, "the permitted message arrives")
    assert client.received == [(f"{ROOT}board", b"last")]


@pytest.mark.parametrize("device", IDS)
def test_what_a_device_must_not_write_is_refused_and_reaches_nobody(house: House, device: str) -> None:
    client, server = house.client(house.credentials(device)), house.client(house.server)
    assert server.subscribe(f"{ROOT}#") == "Granted QoS 1"
    topics = [topic.format(me=device, other=other_than(device)) for topic in FORBIDDEN_TO_WRITE]
    listing = b'{"commands":[{"command":"listClients"}]}'
    assert {topic: client.publish(topic, listing) for topic in topics} == dict.fromkeys(topics, "Not authorized")
    assert client.publish(f"{ROOT}devices/{device}/status", b"1") == "Success"
    assert client.publish(f"{ROOT}devices/{device}/commands", b"2") == "Success"
    wait_until(lambda: len(server.received) >= 2, "both permitted messages arrive")
    assert [payload for _, payload in server.received] == [b"1", b"2"]


def test_a_device_hears_the_state_and_its_own_replies(house: House) -> None:
    client, server = house.client(house.credentials("tv-1")), house.client(house.server)
    topics = [ROOT + topic for topic in (*STATE, "devices/tv-1/replies", "devices/tv-1/config")]
    for topic in READABLE:
        client.subscribe(ROOT + topic.format(me="tv-1"))
    for topic in topics:
        server.publish(topic)
    wait_until(lambda: {topic for topic, _ in client.received} >= set(topics), "all of it arrives")


def test_a_last_will_for_another_device_reaches_nobody(house: House) -> None:
    server = house.client(house.server)
    server.subscribe(f"{ROOT}#")
    for will in (f"{ROOT}devices/tv-1/status", f"{ROOT}devices/kiosk-1/status"):
        house.client(house.credentials("kiosk-1"), will=will).vanish()
    wait_until(lambda: server.received, "the permitted will arrives")
    assert server.received == [(f"{ROOT}devices/kiosk-1/status", b"will")]


def test_another_devices_client_id_does_not_give_its_messages(house: House) -> None:
    kept = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    kept.SessionExpiryInterval = 600
    replies = f"{ROOT}devices/desk/replies"
    owner = house.client(house.credentials("desk"), "desk-session", properties=kept)
    assert owner.subscribe(replies) == "Granted QoS 1"
    owner.close()
    server = house.client(house.server)
    server.publish(replies, b"for the desk")
    thief = house.client(house.credentials("tv-1"), "desk-session", clean_start=False, properties=kept)
    server.publish(replies, b"again")
    assert thief.subscribe(f"{ROOT}board") == "Granted QoS 1"
    server.publish(f"{ROOT}board", b"last")
    wait_until(lambda: thief.received, "the permitted message arrives")
    assert thief.received == [(f"{ROOT}board", b"last")]


@pytest.mark.parametrize(
    ("username", "password"), [("kiosk-1", "wrong"), ("kiosk-1", None), ("nobody", "x"), ("nobody", None), (None, None)]
)
def test_nobody_comes_in_without_the_right_password(house: House, username: str | None, password: str | None) -> None:
    who: Any = SimpleNamespace(username=username, password=password)
    assert house.client(who).answer == "Not authorized"


def test_the_server_reads_and_writes_its_branch_only(house: House) -> None:
    server = house.client(house.server)
    assert server.subscribe(f"{ROOT}#") == "Granted QoS 1"
    assert server.subscribe("#") == "Not authorized"
    assert server.subscribe("foleni/other/#") == "Not authorized"
    assert server.publish("foleni/other/board") == "Not authorized"


def test_a_device_added_at_run_time_comes_in_and_thrown_out_it_stays_out(own_house: House) -> None:
    control = own_house.control()
    staying = own_house.client(own_house.credentials("kiosk-1"))
    control.add(LATE.id, own_house.accounts.add(LATE, own_house.broker.device_address))
    late = own_house.client(own_house.credentials(LATE.id))
    assert late.subscribe(f"{ROOT}devices/{LATE.id}/replies") == "Granted QoS 1"
    assert late.subscribe(f"{ROOT}board") == "Granted QoS 1"
    assert late.subscribe(f"{ROOT}devices/kiosk-1/replies") == "Not authorized"
    who = own_house.credentials(LATE.id)
    control.cut_off(LATE.id)
    own_house.accounts.remove(LATE.id)
    wait_until(lambda: late.closed, "the device is thrown out")
    assert own_house.client(who).answer == "Not authorized"
    assert staying.closed == []
    assert not (own_house.devices_folder / "tv-2.toml").exists()


def test_a_device_added_at_run_time_keeps_its_password_over_a_restart(own_house: House) -> None:
    own_house.control().add(LATE.id, own_house.accounts.add(LATE, own_house.broker.device_address))
    who = own_house.credentials(LATE.id)
    own_house.hang_up()
    own_house.broker.stop()
    own_house.broker = ManagedBroker(own_house.broker.folder.path)
    own_house.broker.prepare()
    own_house.accounts.write(own_house.broker.folder, [*DEVICES, LATE], own_house.broker.device_address)
    own_house.broker.start()
    assert own_house.client(who).answer == "Success"
    assert own_house.client(own_house.credentials("kiosk-1")).answer == "Success"


def test_a_new_password_at_run_time_replaces_the_old_one(own_house: House) -> None:
    control = own_house.control()
    old = own_house.credentials("tv-1")
    control.add("tv-1", own_house.accounts.add(DEVICES[1], own_house.broker.device_address, "new word"))
    assert own_house.client(old).answer == "Not authorized"
    assert own_house.client(own_house.credentials("tv-1")).answer == "Success"


def test_accounts_are_ensured_on_a_broker_that_is_given(own_house: House, tmp_path: Path) -> None:
    control = own_house.control()
    staying = own_house.client(own_house.credentials("kiosk-1"))
    given = Accounts(BRANCH, tmp_path / "elsewhere")
    known = control.known_accounts()
    assert known == frozenset({"foleni_server", "foleni_web", *IDS})
    wanted = [DEVICES[0], LATE]
    passwords = given.hand_out(wanted, own_house.broker.device_address, known)
    assert set(passwords) == {LATE.id}
    control.ensure([device.id for device in wanted], passwords)
    assert control.known_accounts() == frozenset({"foleni_server", "foleni_web", "kiosk-1", "tv-2"})
    assert own_house.client(Credentials("tv-2", passwords["tv-2"])).answer == "Success"
    assert staying.closed == []


def test_many_devices_are_ensured_in_one_go(own_house: House) -> None:
    many = {f"tv-{number}": "word" for number in range(100)}
    control = own_house.control()
    control.ensure(many, many)
    assert control.known_accounts() == frozenset({"foleni_server", "foleni_web", *many})


def test_a_device_of_another_branch_is_not_touched(own_house: House) -> None:
    server = own_house.client(own_house.server)
    other = DynsecControl("other", lambda topic, payload: server.paho.publish(topic, payload, 1), timeout_s=30)
    server.on_response = other.receive
    server.subscribe(RESPONSE_TOPIC)
    with pytest.raises(RightsError, match="kiosk-1 belongs to another branch"):
        other.ensure(["kiosk-1"], {})
    other.ensure([], {})
    assert other.known_accounts() == frozenset({"foleni_server", "foleni_web", *IDS})


def test_a_broker_without_the_plugin_is_told_apart(caplog: pytest.LogCaptureFixture) -> None:
    control = DynsecControl(BRANCH, lambda _topic, _payload: None, timeout_s=0.05)
    assert control.known_accounts() is None
    assert "rights are the broker operator's business" in caplog.text


def test_late_and_strange_responses_are_passed_over() -> None:
    sent = threading.Event()
    asked: list[Any] = []

    def publish(_topic: str, payload: bytes) -> None:
        asked.extend(json.loads(payload)["commands"])
        sent.set()

    control = DynsecControl(BRANCH, publish, timeout_s=30)
    answers: list[Any] = []
    asking = threading.Thread(target=lambda: answers.append(control.known_accounts()))
    asking.start()
    assert sent.wait(30)
    mark = asked[0]["correlationData"]
    listing = {"command": "listClients", "data": {"clients": [{"username": "a"}]}, "correlationData": mark}
    for payload in (b"\xff", b"[]", b'{"responses":7}', b'{"responses":[1,{"command":"listClients"}]}'):
        control.receive(payload)
    control.receive(json.dumps({"responses": [listing]}).encode())
    asking.join()
    assert answers == [frozenset({"a"})]
