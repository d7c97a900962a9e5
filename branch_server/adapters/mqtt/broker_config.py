"""What a Mosquitto of our own needs: its programs, its configuration, its address, and files that only we may read."""

import os
import pwd
import shutil
import sysconfig
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from foleni.files import SECRET_MODE, write_whole

PLUGIN_FILE = "mosquitto_dynamic_security.so"
FOLDER_MODE = 0o700

_SEARCH_PATH = os.pathsep.join((os.defpath, "/usr/sbin", "/usr/local/sbin", "/usr/local/bin"))
_LIBRARY_FOLDERS = ("/usr/lib", "/usr/lib64", "/usr/local/lib")


class BrokerError(Exception):
    """The branch's own broker cannot run, or its accounts cannot be kept. The text is for the administrator."""


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where clients reach the broker."""

    host: str
    port: int
    scheme: str = "mqtt"
    options: tuple[tuple[str, str], ...] = ()
    """What the URL says after its question mark."""

    def url(self, username: str, password: str) -> str:
        """The URL with credentials, each part percent-encoded."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        query = "?" + "&".join(f"{name}={quote(value)}" for name, value in self.options) if self.options else ""
        return f"{self.scheme}://{quote(username, safe='')}:{quote(password, safe='')}@{host}:{self.port}{query}"


@dataclass(frozen=True, slots=True)
class BrokerFolder:
    """The files of one broker, all below `path`."""

    path: Path

    @property
    def config(self) -> Path:
        return self.path / "mosquitto.conf"

    @property
    def accounts(self) -> Path:
        """The dynamic-security document; the plugin rewrites it as well."""
        return self.path / "accounts.json"

    @property
    def server_password(self) -> Path:
        return self.path / "server-password"

    @property
    def web_password(self) -> Path:
        return self.path / "web-password"

    @property
    def port(self) -> Path:
        """Where this machine itself reaches the broker, on loopback."""
        return self.path / "port"

    @property
    def lan_port(self) -> Path:
        """Where devices reach the broker over TLS; not there without a TLS listener."""
        return self.path / "lan-port"

    @property
    def authority(self) -> Path:
        return self.path / "ca.pem"

    @property
    def chain(self) -> Path:
        return self.path / "server.pem"

    @property
    def key(self) -> Path:
        return self.path / "server.key"

    @property
    def pid(self) -> Path:
        return self.path / "pid"

    @property
    def lock(self) -> Path:
        return self.path / "lock"


class Certificates(Protocol):
    """Whose certificates a TLS listener believes, and what it shows itself: files in PEM."""

    @property
    def ca_file(self) -> Path: ...

    @property
    def server_chain(self) -> Path: ...

    @property
    def server_key(self) -> Path: ...


@dataclass(frozen=True, slots=True)
class Programs:
    """Where Mosquitto, its plugin and `setpriv` (None where there is none) are installed."""

    mosquitto: Path
    plugin: Path
    setpriv: Path | None


def find_programs(which: Callable[[str], Path | None] | None = None) -> Programs:
    """The installed programs; raises `BrokerError` where Mosquitto or its plugin is missing."""
    find = which or _which
    mosquitto = find("mosquitto")
    if mosquitto is None:
        raise BrokerError("mosquitto is not installed: apt-get install mosquitto")
    plugin = _find_plugin()
    if plugin is None:
        raise BrokerError(f"mosquitto's dynamic-security plugin is not installed ({PLUGIN_FILE}, Mosquitto 2 brings it)")
    return Programs(mosquitto, plugin, find("setpriv"))


def config_text(folder: BrokerFolder, listeners: Sequence[BrokerAddress], plugin: Path) -> str:
    """The whole of `mosquitto.conf`: its listeners, accounts by the plugin only, tuned for small messages in bursts."""
    lines = [
        "per_listener_settings false",
        *(line for address in listeners for line in _listener(folder, address)),
        "allow_anonymous false",
        f"plugin {plugin}",
        f"plugin_opt_config_file {folder.accounts}",
        # Nagle's delay off alone loses messages of a burst: the queue of a client must be able to hold the burst.
        "set_tcp_nodelay true",
        "max_queued_messages 100000",
        # It is also the receive maximum that MQTT 5 clients are told: a window, so that no client floods the broker.
        "max_inflight_messages 1000",
        "max_packet_size 262144",
        "persistence true",
        f"persistence_location {folder.path}/",
        "persistence_file mosquitto.db",
        "autosave_interval 60",
        "persistent_client_expiration 1d",
        "log_dest stderr",
        "log_type error",
        "log_type warning",
        "log_type notice",
        "log_timestamp false",
    ]
    if os.geteuid() == 0:
        # Started by root it would become the user mosquitto, who cannot read the folder.
        lines.append(f"user {pwd.getpwuid(0).pw_name}")
    return "\n".join(lines) + "\n"


def write_secret(path: Path, text: str) -> None:
    """Replaces a file in one step; only its owner may read it. Raises `OSError`, and leaves nothing half written."""
    write_whole(path, text.encode(), SECRET_MODE)


def make_private_folder(path: Path) -> None:
    """Makes the folder, and keeps everybody else out of it. Raises `OSError`."""
    path.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    path.chmod(FOLDER_MODE)


def take_certificates(folder: BrokerFolder, certificates: Certificates) -> bool:
    """Copies what a TLS listener needs, so that the broker can be kept out of the folder with the authority's key. Whether
    anything was new: a running broker has to be told. Raises `OSError`.
    """
    pairs = [(certificates.ca_file, folder.authority), (certificates.server_key, folder.key)]
    pairs.append((certificates.server_chain, folder.chain))
    changed = False
    for source, copy in pairs:
        content = source.read_bytes()
        if not copy.exists() or copy.read_bytes() != content:
            write_whole(copy, content)
            changed = True
    return changed


def remembered_port(file: Path) -> int | None:
    """The port that a file of the folder names; None where there is none that can be used."""
    try:
        port = int(file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return port if 0 < port < 65_536 else None


def _listener(folder: BrokerFolder, address: BrokerAddress) -> Iterator[str]:
    yield f"listener {address.port} {address.host}"
    if address.scheme == "mqtts":
        yield f"cafile {folder.authority}"
        yield f"certfile {folder.chain}"
        yield f"keyfile {folder.key}"
        yield "require_certificate true"


def _which(program: str) -> Path | None:
    found = shutil.which(program, path=os.pathsep.join((os.environ.get("PATH", ""), _SEARCH_PATH)))
    return Path(found) if found else None


def _find_plugin() -> Path | None:
    own = Path("/usr/lib", str(sysconfig.get_config_var("MULTIARCH") or ""), PLUGIN_FILE)
    anywhere = (path for folder in _LIBRARY_FOLDERS for path in sorted(Path(folder).glob(f"*/{PLUGIN_FILE}")))
    directly = (Path(folder, PLUGIN_FILE) for folder in _LIBRARY_FOLDERS)
    return next((path for path in (own, *directly, *anywhere) if path.is_file()), None)
