"""One file per device with what it needs to reach the broker, for whoever carries it there or hands it out."""

import contextlib
import json
import tomllib
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from branch_server.adapters.mqtt.broker_config import BrokerAddress, make_private_folder, write_secret
from foleni.files import write_whole
from foleni.ids import is_slug
from foleni.messages.setup import Device

_NAME_SUFFIXES = (".toml", ".key", ".pem")


class Papers(Protocol):
    """Keys and certificates for devices that cannot make a key and have it signed by themselves."""

    @property
    def ca_pem(self) -> bytes: ...

    @property
    def server_name(self) -> str:
        """What the server's certificate says, whatever its address is."""

    def papers_for(self, device: str) -> tuple[bytes, bytes]:
        """A new key and its certificate chain, in PEM."""

    def still_good(self, chain_pem: bytes) -> bool:
        """Whether a device's certificate needs no other one yet."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a device's file says now. `box` is the machine that the password was made for; None for one that a person takes
    where it belongs. `is_at_broker`: the broker had the account with this password, once.
    """

    password: str | None = None
    box: str | None = None
    is_at_broker: bool = False


class DeviceFiles:
    """A folder of `<device>.toml`, each with branch, device, kind, username, password and the broker's URL.

    With `papers`, a device that a person installs has key, certificate and authority beside its file.
    """

    def __init__(self, branch: str, folder: Path, papers: Papers | None = None) -> None:
        self._branch = branch
        self._folder = folder.absolute()
        self._papers = papers

    def known(self, device: str) -> Known:
        """Nothing where there is no readable file."""
        return _known(self._folder, device)

    def password(self, device: str) -> str | None:
        """The password that the device's file holds; None where there is no readable file."""
        return self.known(device).password

    def write(self, device: Device, password: str, address: BrokerAddress, *, is_at_broker: bool = False) -> None:
        """Makes or refreshes the device's files; unchanged ones are left alone. `is_at_broker` is noted of joined ones."""
        values: dict[str, str | bool] = {
            "branch": self._branch,
            "device": device.id,
            "kind": device.kind.value,
            "username": device.id,
            "password": password,
            "mqtt": self._address(device, address).url(device.id, password),
        }
        if device.box is not None:
            values |= {"box": device.box, "at_broker": is_at_broker}
        text = "".join(f"{key} = {_toml(value)}\n" for key, value in values.items())
        if self._text(device.id) != text:
            make_private_folder(self._folder)
            write_secret(self._path(device.id), text)

    def remove(self, device: str) -> None:
        for suffix in _NAME_SUFFIXES:
            self._path(device, suffix).unlink(missing_ok=True)

    def keep_only(self, devices: Collection[str]) -> None:
        """Deletes the files of all other devices."""
        for path in self._folder.glob("*.toml"):
            if is_slug(path.stem) and path.stem not in devices:
                self.remove(path.stem)

    def _address(self, device: Device, address: BrokerAddress) -> BrokerAddress:
        """With the options of the URL that TLS needs, and the files that they name."""
        if address.scheme != "mqtts" or self._papers is None:
            return address
        make_private_folder(self._folder)
        authority = self._folder / "ca.crt"
        _refresh(authority, self._papers.ca_pem)
        options = {"ca": str(authority), "name": self._papers.server_name}
        if device.box is None:
            key, chain = self._path(device.id, ".key"), self._path(device.id, ".pem")
            self._keep_papers(self._papers, device.id, key, chain)
            options |= {"cert": str(chain), "key": str(key)}
        return replace(address, options=tuple(sorted(options.items())))

    def _keep_papers(self, papers: Papers, device: str, key: Path, chain: Path) -> None:
        with contextlib.suppress(FileNotFoundError):
            if key.stat().st_size and papers.still_good(chain.read_bytes()):
                return
        # Between the two files the pair does not fit. Without the old certificate, that is made good by the next look.
        chain.unlink(missing_ok=True)
        key_pem, chain_pem = papers.papers_for(device)
        write_whole(key, key_pem)
        write_whole(chain, chain_pem)

    def _path(self, device: str, suffix: str = ".toml") -> Path:
        return self._folder / f"{device}{suffix}"

    def _text(self, device: str) -> str | None:
        with contextlib.suppress(OSError, ValueError):
            return self._path(device).read_text(encoding="utf-8")
        return None


def joined_password(folder: Path, device: str, box: str) -> str | None:
    """The password of the machine `box` that has joined as `device`; None until the broker has the account. `folder` is that
    of the devices' files.
    """
    known = _known(folder, device)
    return known.password if known.box == box and known.is_at_broker else None


def _known(folder: Path, device: str) -> Known:
    said: dict[str, Any] = {}
    with contextlib.suppress(OSError, ValueError):
        said = tomllib.loads((folder / f"{device}.toml").read_text(encoding="utf-8"))
    password, box = (value if isinstance(value := said.get(key), str) and value else None for key in ("password", "box"))
    return Known(password, box, said.get("at_broker") is True)


def _refresh(path: Path, content: bytes) -> None:
    if not path.exists() or path.read_bytes() != content:
        write_whole(path, content)


def _toml(value: str | bool) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
