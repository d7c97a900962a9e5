"""Passwords of the branch's MQTT accounts on disk: the plugin's document, and the devices' files."""

import contextlib
import json
import logging
import os
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from branch_server.adapters.mqtt.broker_config import (
    BrokerAddress,
    BrokerError,
    BrokerFolder,
    write_secret,
)
from branch_server.adapters.mqtt.device_files import DeviceFiles, Papers
from branch_server.adapters.mqtt.dynsec_document import (
    SALT_BYTES,
    SERVER_USERNAME,
    WEB_USERNAME,
    Json,
    PasswordHash,
    build_document,
    build_house_document,
    hash_password,
    password_hashes,
)
from foleni.messages.setup import Device

logger = logging.getLogger(__name__)

_TOKEN_BYTES = 24
_NONE_GIVEN: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client signs in with."""

    username: str
    password: str = field(repr=False)


class Accounts:
    """Who may sign in at the branch's broker. Every public method raises `BrokerError` where a file cannot be kept."""

    def __init__(self, branch: str, devices_folder: Path, papers: Papers | None = None) -> None:
        """`papers` are for devices that people install, where the broker listens with TLS."""
        self._branch = branch
        self._files = DeviceFiles(branch, devices_folder, papers)

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
            self._note(devices, address)
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

    def settled(self, devices: Iterable[Device], address: BrokerAddress) -> None:
        """Notes that the broker has the accounts of those that have joined, with the passwords that were handed out."""
        with _as_broker_error():
            self._note(devices, address)

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
            said = self._files.known(device.id)
            # A machine that another one takes the place of is thrown out by the change of its password.
            password = given.get(device.id) or (said.password if said.box == device.box else None)
            is_joining = said.box != device.box or (device.box is not None and not said.is_at_broker)
            if device.id not in known or device.id in given or is_joining:
                password = fresh[device.id] = password or secrets.token_urlsafe(_TOKEN_BYTES)
            if password is not None:
                self._files.write(device, password, address, is_at_broker=device.id not in fresh)
        self._files.keep_only(ids)
        return fresh

    def _note(self, devices: Iterable[Device], address: BrokerAddress) -> None:
        for device in devices:
            said = self._files.known(device.id)
            if said.password is not None and device.box is not None and said.box == device.box:
                self._files.write(device, said.password, address, is_at_broker=True)


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


def write_house_accounts(folder: BrokerFolder) -> None:
    """Writes a document in which the server and its web side can sign in, before a broker starts that knows no branch yet;
    accounts that are there stay. Raises `BrokerError`.
    """
    with _as_broker_error():
        passwords = {
            SERVER_USERNAME: _house_password(folder.server_password),
            WEB_USERNAME: _house_password(folder.web_password),
        }
        hashes = {name: _hashed(password) for name, password in passwords.items()}
        write_secret(folder.accounts, json.dumps(build_house_document(hashes, _read_document(folder.accounts)), indent=1))


def server_credentials(folder: BrokerFolder) -> Credentials:
    """What the server signs in with at a broker that was prepared in `folder`."""
    with _as_broker_error():
        return Credentials(SERVER_USERNAME, _house_password(folder.server_password))


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


@contextlib.contextmanager
def _as_broker_error() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BrokerError(f"the accounts cannot be kept in {error.filename}: {error.strerror}") from error
