"""Passwords of the branch's MQTT accounts on disk: the plugin's document, and one file per device with what it needs."""

import contextlib
import json
import logging
import os
import secrets
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from branch_server.adapters.mqtt.broker_config import (
    BrokerAddress,
    BrokerError,
    BrokerFolder,
    make_private_folder,
    write_secret,
)
from branch_server.adapters.mqtt.dynsec_document import (
    SALT_BYTES,
    SERVER_USERNAME,
    WEB_USERNAME,
    Json,
    PasswordHash,
    build_document,
    hash_password,
    password_hashes,
)
from foleni.ids import is_slug
from foleni.messages.setup import Device

logger = logging.getLogger(__name__)

_TOKEN_BYTES = 24
_NONE_GIVEN: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client signs in with."""

    username: str
    password: str = field(repr=False)


class DeviceFiles:
    """A folder of `<device>.toml`, each with branch, device, kind, username, password and the broker's URL."""

    def __init__(self, branch: str, folder: Path) -> None:
        self._branch = branch
        self._folder = folder

    def password(self, device: str) -> str | None:
        """The password that the device's file holds; None where there is no readable file."""
        with contextlib.suppress(OSError, ValueError):
            password = tomllib.loads(self._path(device).read_text(encoding="utf-8")).get("password")
            return password if isinstance(password, str) and password else None
        return None

    def write(self, device: Device, password: str, address: BrokerAddress) -> None:
        """Makes or refreshes the device's file; an unchanged one is left alone."""
        values = {
            "branch": self._branch,
            "device": device.id,
            "kind": device.kind.value,
            "username": device.id,
            "password": password,
            "mqtt": address.url(device.id, password),
        }
        text = "".join(f"{key} = {_toml_string(value)}\n" for key, value in values.items())
        if self._text(device.id) != text:
            make_private_folder(self._folder)
            write_secret(self._path(device.id), text)

    def remove(self, device: str) -> None:
        self._path(device).unlink(missing_ok=True)

    def keep_only(self, devices: Collection[str]) -> None:
        """Deletes the files of all other devices."""
        for path in self._folder.glob("*.toml"):
            if is_slug(path.stem) and path.stem not in devices:
                path.unlink(missing_ok=True)

    def _path(self, device: str) -> Path:
        return self._folder / f"{device}.toml"

    def _text(self, device: str) -> str | None:
        with contextlib.suppress(OSError, ValueError):
            return self._path(device).read_text(encoding="utf-8")
        return None


class Accounts:
    """Who may sign in at the branch's broker. Every public method raises `BrokerError` where a file cannot be kept."""

    def __init__(self, branch: str, devices_folder: Path) -> None:
        self._branch = branch
        self._files = DeviceFiles(branch, devices_folder)

    def write(
        self,
        folder: BrokerFolder,
        devices: Sequence[Device],
        address: BrokerAddress,
        given: Mapping[str, str] = _NONE_GIVEN,
    ) -> Credentials:
        """Writes the plugin's document and the devices' files before a managed broker starts; the server's credentials.

        A device that the document knows keeps its password, unless `given` (device to password) names another one.
        """
        with _as_broker_error():
            earlier = _read_document(folder.accounts)
            known = password_hashes(earlier)
            fresh = self._settle(devices, address, given, known)
            server, web = _house_password(folder.server_password), _house_password(folder.web_password)
            house = {SERVER_USERNAME: server, WEB_USERNAME: web}
            hashes = known | {name: _hashed(word) for name, word in {**fresh, **house}.items()}
            document = build_document(self._branch, devices, hashes, earlier)
            write_secret(folder.accounts, json.dumps(document, indent=1))
        return Credentials(SERVER_USERNAME, server)

    def hand_out(
        self,
        devices: Sequence[Device],
        address: BrokerAddress,
        known: Collection[str],
        given: Mapping[str, str] = _NONE_GIVEN,
    ) -> dict[str, str]:
        """Writes the devices' files for a broker that has the accounts `known`; the passwords to be set there."""
        with _as_broker_error():
            return self._settle(devices, address, given, known)

    def add(self, device: Device, address: BrokerAddress, password: str | None = None) -> str:
        """Writes the file of a device that comes at run time; its password, the one it had where there is one."""
        with _as_broker_error():
            password = password or self._files.password(device.id) or secrets.token_urlsafe(_TOKEN_BYTES)
            self._files.write(device, password, address)
        return password

    def remove(self, device: str) -> None:
        """Deletes the file of a device that was cut off."""
        with _as_broker_error():
            self._files.remove(device)

    def _settle(
        self, devices: Iterable[Device], address: BrokerAddress, given: Mapping[str, str], known: Collection[str]
    ) -> dict[str, str]:
        fresh = {}
        ids = set()
        for device in devices:
            ids.add(device.id)
            password = given.get(device.id) or self._files.password(device.id)
            if device.id not in known or device.id in given:
                password = fresh[device.id] = password or secrets.token_urlsafe(_TOKEN_BYTES)
            if password is not None:
                self._files.write(device, password, address)
        self._files.keep_only(ids)
        return fresh


def _hashed(password: str) -> PasswordHash:
    return hash_password(password, os.urandom(SALT_BYTES))


def _read_document(path: Path) -> Json:
    try:
        document = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except ValueError:
        logger.warning("%s is damaged: accounts are made anew from the devices' files", path)
        return {}
    return document if isinstance(document, dict) else {}


def web_credentials(folder: BrokerFolder) -> Credentials:
    """What the web side signs in with at a managed broker."""
    with _as_broker_error():
        return Credentials(WEB_USERNAME, _house_password(folder.web_password))


def _house_password(path: Path) -> str:
    with contextlib.suppress(FileNotFoundError, ValueError):
        password = path.read_text(encoding="ascii").strip()
        if password:
            return password
    password = secrets.token_urlsafe(_TOKEN_BYTES)
    write_secret(path, f"{password}\n")
    return password


def _toml_string(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")


@contextlib.contextmanager
def _as_broker_error() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BrokerError(f"the accounts cannot be kept in {error.filename}: {error.strerror}") from error
