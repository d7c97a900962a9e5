"""What an approved box is given, and when: its account must be at the broker before it hears of it."""

import hmac
from dataclasses import dataclass
from pathlib import Path

from branch_server.adapters.mqtt.broker_config import BrokerFolder, remembered_port
from branch_server.adapters.mqtt.device_files import joined_password
from branch_server.adapters.tls.authority import Authority
from branch_server.domain.state import State
from branch_server.web.joining.book import Asked
from branch_server.web.joining.revealing import revealed_of
from foleni.messages.joining import Granted, Renew, Renewed, server_name
from foleni.messages.setup import Device


class NotReadyError(Exception):
    """The device's account is not at the broker yet. The text is for the log."""


class GoneError(Exception):
    """This box is no device of the branch, or no longer."""


@dataclass(frozen=True, slots=True)
class Granting:
    """Gives a box what is its own. Reads files and signs, so it belongs on a thread beside the loop. `data` is the branch's."""

    branch: str
    data: Path
    authority: Authority

    @property
    def mqtt_port(self) -> int | None:
        """Where the broker listens with TLS; None where it does not: then no box can join."""
        return remembered_port(BrokerFolder(self.data / "mosquitto").lan_port)

    def granted(self, asked: Asked, device: Device) -> Granted:
        """Everything that an approved box needs. Raises `NotReadyError`, `GoneError` and `CsrError`."""
        if device.box != asked.box_key:
            raise GoneError(device.id)
        password, port = self._account(device)
        return Granted(
            branch=self.branch,
            device=device.id,
            kind=asked.kind,
            name=_one_name(device),
            account=device.id,
            password=password,
            certificate=self.authority.sign_device(asked.csr, device.id).decode(),
            ca=self.authority.ca_pem.decode(),
            mqtt_port=port,
            server_name=server_name(self.branch),
        )

    def renewed(self, renew: Renew, state: State) -> Renewed:
        """A new certificate for the key with which a device has joined, if it knows its password: the password alone is not
        to become both. Raises `GoneError`, `NotReadyError` and `TlsError`.
        """
        device = state.devices.get(renew.device)
        if device is None or device.box is None:
            raise GoneError(renew.device)
        password, port = self._account(device)
        if not hmac.compare_digest(password.encode(), renew.password.encode(errors="replace")):
            raise GoneError(renew.device)
        if revealed_of(renew.csr).key != device.box:
            raise GoneError(renew.device)
        certificate = self.authority.sign_device(renew.csr.encode(), device.id).decode()
        return Renewed(certificate=certificate, ca=self.authority.ca_pem.decode(), mqtt_port=port)

    def _account(self, device: Device) -> tuple[str, int]:
        """The device's password, and the port where it is good for something."""
        assert device.box is not None
        password, port = joined_password(self.data / "devices", device.id, device.box), self.mqtt_port
        if password is None or port is None:
            raise NotReadyError(f"the broker does not have the account of {device.id} yet")
        return password, port


def _one_name(device: Device) -> str | None:
    return next(iter(device.name.values()), None) if device.name else None
