"""Accounts of boxes that join by themselves, and the papers of those that people install."""

import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from branch_server.adapters.mqtt.accounts import Accounts
from branch_server.adapters.mqtt.broker_config import BrokerAddress, BrokerFolder
from branch_server.adapters.mqtt.device_files import joined_password
from branch_server.adapters.mqtt.dynsec_control import RESPONSE_TOPIC, DynsecControl
from branch_server.adapters.mqtt.dynsec_document import client_id_of
from branch_server.adapters.tls.authority import Authority
from branch_server.adapters.tls.papers import HandPapers
from foleni.messages.setup import Device, DeviceKind
from foleni.settings import MqttUrl
from tests.support.raw_mqtt import OK, RawClient
from tests.support.tls_house import BRANCH, DEVICES, TlsHouse
from tests.support.waiting import until

OLD, NEW = "1" * 64, "2" * 64
ADDRESS = BrokerAddress("127.0.0.1", 8883, "mqtts")
BY_HAND = Device(id="tv-9", kind=DeviceKind.DISPLAY)


def kiosk(box: str | None) -> Device:
    return Device(id="kiosk-9", kind=DeviceKind.KIOSK, box=box)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[TlsHouse]:
    made = TlsHouse(tmp_path)
    yield made
    made.broker.stop()


def keep(house: TlsHouse, devices: Sequence[Device], *, to_the_end: bool = True) -> None:
    """What the branch does after a change of its devices; without `to_the_end` it is killed before the broker has heard."""
    with house.signed_in("server", secure=False) as server:

        def publish(topic: str, payload: bytes) -> None:
            server.arrived.clear()
            server.publish(topic, payload)
            until(lambda: server.is_alive() and server.arrived)
            for _, answer in server.arrived:
                control.receive(answer)

        control = DynsecControl(BRANCH, publish, timeout_s=30)
        assert server.subscribe(RESPONSE_TOPIC) == 1
        known = control.known_accounts()
        assert known is not None
        address = house.broker.device_address
        passwords = house.accounts.hand_out(devices, address, known)
        if to_the_end:
            control.ensure([each.id for each in devices], passwords, {each.id: client_id_of(each) for each in devices})
            house.accounts.settled(devices, address)


def signed_in(house: TlsHouse, password: str, client_id: str = "kiosk-9") -> RawClient | None:
    client = RawClient(house.port, house.context())
    if client.connect("kiosk-9", password, client_id) == OK:
        return client
    client.close()
    return None


def test_a_password_is_told_only_when_the_broker_has_it(house: TlsHouse) -> None:
    devices = [*DEVICES, kiosk(OLD)]
    folder = house.devices_folder
    keep(house, devices, to_the_end=False)
    assert joined_password(folder, "kiosk-9", OLD) is None
    keep(house, devices)
    password = joined_password(folder, "kiosk-9", OLD)
    assert password is not None
    assert joined_password(folder, "kiosk-9", NEW) is None
    client = signed_in(house, password)
    assert client is not None
    keep(house, devices)
    assert joined_password(folder, "kiosk-9", OLD) == password
    assert client.is_alive()
    client.close()


def test_a_box_that_takes_anothers_place_throws_it_out(house: TlsHouse) -> None:
    keep(house, [*DEVICES, kiosk(OLD)])
    password = joined_password(house.devices_folder, "kiosk-9", OLD)
    assert password is not None
    old = signed_in(house, password)
    assert old is not None
    with old, house.signed_in("tv-1", secure=True) as other:
        keep(house, [*DEVICES, kiosk(NEW)])
        until(lambda: not old.is_alive())
        assert other.is_alive()
    renewed = joined_password(house.devices_folder, "kiosk-9", NEW)
    assert renewed not in {None, password}
    assert signed_in(house, password) is None
    assert signed_in(house, renewed or "", "kiosk-1") is None
    again = signed_in(house, renewed or "")
    assert again is not None
    again.close()


def test_a_box_that_is_cut_off_leaves_nothing_behind(house: TlsHouse) -> None:
    keep(house, [*DEVICES, kiosk(OLD)])
    keep(house, DEVICES)
    assert joined_password(house.devices_folder, "kiosk-9", OLD) is None
    assert not list(house.devices_folder.glob("kiosk-9.*"))
    keep(house, DEVICES[1:])
    assert not list(house.devices_folder.glob("kiosk-1.*"))


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    return Accounts(BRANCH, tmp_path / "devices", HandPapers(Authority.opened(tmp_path / "tls", BRANCH)))


@pytest.fixture
def folder(tmp_path: Path) -> BrokerFolder:
    (tmp_path / "broker").mkdir()
    return BrokerFolder(tmp_path / "broker")


def said(tmp_path: Path, device: str) -> dict[str, object]:
    return tomllib.loads((tmp_path / "devices" / f"{device}.toml").read_text(encoding="utf-8"))


def test_who_installs_by_hand_finds_all_that_tls_needs(tmp_path: Path, folder: BrokerFolder, accounts: Accounts) -> None:
    accounts.write(folder, [BY_HAND, kiosk(OLD)], ADDRESS)
    url = MqttUrl.parse(str(said(tmp_path, "tv-9")["mqtt"]))
    assert (url.tls, url.name, url.user) == (True, f"{BRANCH}.foleni.internal", "tv-9")
    for path in (url.ca, url.cert, url.key):
        assert path is not None
        assert path.parent == tmp_path / "devices"
        assert path.stat().st_mode & 0o777 == 0o600
    joined = MqttUrl.parse(str(said(tmp_path, "kiosk-9")["mqtt"]))
    assert (joined.cert, joined.key) == (None, None)
    assert joined.ca == url.ca
    assert said(tmp_path, "kiosk-9")["at_broker"] is True
    assert "box" not in said(tmp_path, "tv-9")


def test_papers_stay_as_they_are_and_a_power_cut_between_them_is_made_good(
    tmp_path: Path, folder: BrokerFolder, accounts: Accounts
) -> None:
    accounts.write(folder, [BY_HAND], ADDRESS)
    files = [tmp_path / "devices" / name for name in ("tv-9.key", "tv-9.pem", "ca.crt", "tv-9.toml")]
    before = [file.read_bytes() for file in files]
    accounts.write(folder, [BY_HAND], ADDRESS)
    assert [file.read_bytes() for file in files] == before
    files[1].unlink()
    accounts.write(folder, [BY_HAND], ADDRESS)
    assert [file.exists() for file in files] == [True] * 4
    assert files[0].read_bytes() != before[0]
    assert files[3].read_bytes() == before[3]


def test_papers_of_another_authority_are_made_anew(tmp_path: Path, folder: BrokerFolder, accounts: Accounts) -> None:
    accounts.write(folder, [BY_HAND], ADDRESS)
    chain = tmp_path / "devices" / "tv-9.pem"
    before = chain.read_bytes()
    other = HandPapers(Authority.opened(tmp_path / "other", BRANCH))
    Accounts(BRANCH, tmp_path / "devices", other).write(folder, [BY_HAND], ADDRESS)
    assert chain.read_bytes() != before
    assert (tmp_path / "devices" / "ca.crt").read_bytes() == other.ca_pem


def test_without_tls_a_file_is_as_it_was(tmp_path: Path, folder: BrokerFolder, accounts: Accounts) -> None:
    accounts.write(folder, [BY_HAND], BrokerAddress("127.0.0.1", 1883))
    assert str(said(tmp_path, "tv-9")["mqtt"]).endswith("@127.0.0.1:1883")
    assert [path.name for path in (tmp_path / "devices").iterdir()] == ["tv-9.toml"]
