"""A broker of the branch's own that somebody else runs, such as systemd: `foleni-branch broker` and `--mqtt prepared`.

Both sides know each other by the files of one folder, so that the broker needs to see nothing else of the branch: not its log,
not the key of its authority. Neither has to be started before the other.
"""

import contextlib
import fcntl
import logging
import os
import signal
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from branch_server.adapters.mqtt.accounts import server_credentials, write_house_accounts
from branch_server.adapters.mqtt.broker_config import (
    BrokerAddress,
    BrokerError,
    BrokerFolder,
    Certificates,
    config_text,
    find_programs,
    make_private_folder,
    remembered_port,
    take_certificates,
    write_secret,
)
from branch_server.adapters.mqtt.broker_process import is_free, is_loopback, port_user, settle_address
from foleni.settings import HostPort, MqttUrl

logger = logging.getLogger(__name__)

_OWN_HOST = "127.0.0.1"
_USUAL_PORT = 1883
_LOOK_S = 0.2
_HELD_S = 1.0
_ASK_S = 3.0
_NEVER_S = float("inf")


def run_broker(data: Path, listen: HostPort, *, tls: bool) -> NoReturn:
    """Prepares the broker's folder and becomes Mosquitto. Raises `BrokerError`.

    Where devices reach it with TLS it waits for the certificates, which the branch server puts into the folder.
    """
    programs = find_programs()
    folder = BrokerFolder((data / "mosquitto").absolute())
    try:
        make_private_folder(folder.path)
        _hold(folder)
        write_house_accounts(folder)
        own, lan = _settle(folder, listen, tls=tls)
        listeners = [address for address in (own, lan) if address is not None]
        write_secret(folder.config, config_text(folder, listeners, programs.plugin))
        write_secret(folder.pid, f"{os.getpid()}\n")
        # Last, because the server looks for it: all else is there.
        write_secret(folder.port, f"{own.port}\n")
    except OSError as error:
        raise BrokerError(f"the broker's files cannot be kept in {folder.path}: {error.strerror}") from error
    if lan is not None:
        _wait(folder.chain.exists, "the branch server has made the broker's certificates", _NEVER_S)
    os.umask(0o077)
    os.execv(programs.mosquitto, [str(programs.mosquitto), "-c", str(folder.config)])  # noqa: S606 - our own program


class PreparedBroker:
    """The branch server's side: finds the broker by its folder, and gives it what is new of the certificates."""

    def __init__(self, data: Path, certificates: Certificates | None) -> None:
        self.folder = BrokerFolder((data / "mosquitto").absolute())
        self._certificates = certificates
        self._stale = False

    def found(self, patience_s: float = 30.0) -> tuple[MqttUrl, BrokerAddress]:
        """Where the server and where devices reach it; waits for a broker that is being prepared. Raises `BrokerError`."""
        try:
            make_private_folder(self.folder.path)
            if self._certificates is not None:
                self._stale = take_certificates(self.folder, self._certificates)
        except OSError as error:
            raise BrokerError(f"the broker's files cannot be kept in {self.folder.path}: {error.strerror}") from error
        _wait(lambda: remembered_port(self.folder.port) is not None, "foleni-branch broker has been started", patience_s)
        port, own = remembered_port(self.folder.port), server_credentials(self.folder)
        assert port is not None
        url = MqttUrl(_OWN_HOST, port, own.username, own.password)
        lan = remembered_port(self.folder.lan_port)
        if lan is None:
            return url, BrokerAddress(_OWN_HOST, port)
        return url, BrokerAddress(os.uname().nodename, lan, "mqtts")

    def renew(self) -> bool:
        """Gives the broker what is new of the certificates; connections stay. False where it cannot be told now: try again.

        Raises `OSError`.
        """
        if self._certificates is None:
            return True
        self._stale = take_certificates(self.folder, self._certificates) or self._stale
        if self._stale and self._is_shown():
            self._stale = False
        elif self._stale:
            _tell_to_reload(self.folder)
        return not self._stale

    def _is_shown(self) -> bool:
        """Whether the broker shows the certificate of the folder to whoever asks. Its process cannot be looked at: each unit
        has users of its own.
        """
        place = _lan_place(self.folder)
        if place is None:
            return True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        try:
            with socket.create_connection(place, _ASK_S) as plain, context.wrap_socket(plain) as secured:
                shown = secured.getpeercert(binary_form=True)
        except OSError:
            return False
        first, end, _ = self.folder.chain.read_text(encoding="ascii").partition("-----END CERTIFICATE-----")
        return shown == ssl.PEM_cert_to_DER_cert(f"{first}{end}\n")


def _lan_place(folder: BrokerFolder) -> tuple[str, int] | None:
    """Where this machine reaches the TLS listener; None where there is none."""
    port = remembered_port(folder.lan_port)
    with contextlib.suppress(OSError):
        for line in folder.config.read_text(encoding="utf-8").splitlines():
            if line.startswith(f"listener {port} "):
                host = line.split()[2]
                return {"0.0.0.0": _OWN_HOST, "::": "::1"}.get(host, host), int(line.split()[1])  # noqa: S104 - compared with
    return None


def _tell_to_reload(folder: BrokerFolder) -> None:
    """Has the broker read its certificates again; nothing where none runs.

    Only who holds the lock writes the pid file, and takes away the one before: while it is held, the pid is the broker's.
    """
    with contextlib.suppress(OSError, ValueError):
        pid = int(folder.pid.read_text(encoding="ascii"))
        handle = os.pidfd_open(pid)
        try:
            if _is_held(folder) and int(folder.pid.read_text(encoding="ascii")) == pid:
                signal.pidfd_send_signal(handle, signal.SIGHUP)
        finally:
            os.close(handle)


def _is_held(folder: BrokerFolder) -> bool:
    file = os.open(folder.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def _settle(folder: BrokerFolder, listen: HostPort, *, tls: bool) -> tuple[BrokerAddress, BrokerAddress | None]:
    """For this machine and for devices. The first stays for good: the server knows it and may be running."""
    if not tls:
        if not is_loopback(listen.host):
            raise BrokerError(f"{listen} is not loopback and has no TLS")
        folder.lan_port.unlink(missing_ok=True)
        return settle_address(folder.port, listen.host, listen.port or None), None
    lan = settle_address(folder.lan_port, listen.host, listen.port or None)
    remembered = remembered_port(folder.port)
    if remembered is None:
        usual = BrokerAddress(_OWN_HOST, _USUAL_PORT)
        own = usual if is_free(usual) else settle_address(folder.port, _OWN_HOST, None)
    else:
        own = BrokerAddress(_OWN_HOST, remembered)
        if not is_free(own):
            raise BrokerError(f"port {remembered} of {_OWN_HOST} is taken{port_user(remembered)}")
    return own, replace(lan, scheme="mqtts")


def _hold(folder: BrokerFolder) -> None:
    """Keeps a second broker away from the folder. Mosquitto inherits the lock, and the kernel frees it when that ends."""
    file = os.open(folder.lock, os.O_RDWR | os.O_CREAT, 0o600)
    os.set_inheritable(file, True)
    gives_up_at = time.monotonic() + _HELD_S
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if time.monotonic() < gives_up_at:
                time.sleep(_LOOK_S)  # the server may just be looking whether it is held
                continue
            os.close(file)
            raise BrokerError(f"another broker runs in {folder.path}") from error
        folder.pid.unlink(missing_ok=True)
        return


def _wait(done: Callable[[], bool], what: str, patience_s: float) -> None:
    gives_up_at = time.monotonic() + patience_s
    if not done():
        logger.info("waiting until %s", what)
    while not done():
        if time.monotonic() > gives_up_at:
            raise BrokerError(f"waited in vain until {what}")
        time.sleep(_LOOK_S)
