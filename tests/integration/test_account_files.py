"""The devices' files and the plugin's document on disk, with no broker running."""

import json
import tomllib
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from branch_server.adapters.mqtt.accounts import Accounts
from branch_server.adapters.mqtt.broker_config import BrokerAddress, BrokerError, BrokerFolder
from foleni.messages.setup import Device, DeviceKind

BRANCH = "main-street"
DEVICES = [
    Device(id="kiosk-1", kind=DeviceKind.KIOSK),
    Device(id="tv-1", kind=DeviceKind.DISPLAY),
    Device(id="desk", kind=DeviceKind.CONSOLE),
]
IDS = [device.id for device in DEVICES]
ADDRESS = BrokerAddress("127.0.0.1", 1883)


@pytest.fixture
def folder(tmp_path: Path) -> BrokerFolder:
    (tmp_path / "broker").mkdir()
    return BrokerFolder(tmp_path / "broker")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    return tmp_path / "devices"


def test_a_file_says_all_that_a_device_needs(folder: BrokerFolder, files: Path) -> None:
    strange = 'p/ä"ß@:\\\x7f💡'
    Accounts(BRANCH, files).write(folder, DEVICES, ADDRESS, {"desk": strange})
    path = files / "desk.toml"
    said = tomllib.loads(path.read_text(encoding="utf-8"))
    url = urlsplit(said.pop("mqtt"))
    assert said == {"branch": BRANCH, "device": "desk", "kind": "console", "username": "desk", "password": strange}
    assert (url.scheme, url.username, url.hostname, url.port) == ("mqtt", "desk", "127.0.0.1", 1883)
    assert unquote(url.password or "") == strange
    assert path.stat().st_mode & 0o777 == 0o600
    assert files.stat().st_mode & 0o777 == 0o700


def test_passwords_stay_and_urls_follow_the_port(folder: BrokerFolder, files: Path) -> None:
    accounts = Accounts(BRANCH, files)
    server = accounts.write(folder, DEVICES, ADDRESS)
    before = {device: tomllib.loads((files / f"{device}.toml").read_text()) for device in IDS}
    document = folder.accounts.read_bytes()
    assert accounts.write(folder, DEVICES, BrokerAddress("127.0.0.1", 1884)).password == server.password
    after = {device: tomllib.loads((files / f"{device}.toml").read_text()) for device in IDS}
    assert {name: said["password"] for name, said in after.items()} == {name: said["password"] for name, said in before.items()}
    assert all(":1884" in said["mqtt"] for said in after.values())
    kept = {client["username"]: client["password"] for client in json.loads(folder.accounts.read_bytes())["clients"]}
    was = {client["username"]: client["password"] for client in json.loads(document)["clients"]}
    assert {device: kept[device] for device in IDS} == {device: was[device] for device in IDS}


def test_a_removed_device_loses_its_file_and_account(folder: BrokerFolder, files: Path) -> None:
    accounts = Accounts(BRANCH, files)
    accounts.write(folder, DEVICES, ADDRESS)
    (files / "Notes.toml").write_text("")
    accounts.write(folder, DEVICES[:1], ADDRESS)
    assert {path.name for path in files.iterdir()} == {"kiosk-1.toml", "Notes.toml"}
    assert "tv-1" not in folder.accounts.read_text()


def test_a_file_that_was_taken_away_does_not_change_the_password(folder: BrokerFolder, files: Path) -> None:
    accounts = Accounts(BRANCH, files)
    accounts.write(folder, DEVICES, ADDRESS)
    (files / "desk.toml").unlink()
    assert accounts.hand_out(DEVICES, ADDRESS, IDS) == {}
    accounts.write(folder, DEVICES, ADDRESS)
    assert not (files / "desk.toml").exists()


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"\xff"])
def test_a_damaged_document_is_made_anew_from_the_files(folder: BrokerFolder, files: Path, damage: bytes) -> None:
    accounts = Accounts(BRANCH, files)
    accounts.write(folder, DEVICES, ADDRESS)
    before = {path.name: path.read_text() for path in files.iterdir()}
    folder.accounts.write_bytes(damage)
    accounts.write(folder, DEVICES, ADDRESS)
    assert {path.name: path.read_text() for path in files.iterdir()} == before
    assert len(json.loads(folder.accounts.read_bytes())["clients"]) == len(DEVICES) + 2


def test_a_folder_that_cannot_be_written_is_a_clear_error(folder: BrokerFolder, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BrokerError, match=r"the accounts cannot be kept in .*/file"):
        Accounts(BRANCH, tmp_path / "file" / "devices").write(folder, DEVICES, ADDRESS)
