"""What a Mosquitto of our own needs: its programs, its configuration, its address, and files that only we may read."""

import contextlib
import os
import pwd
import shutil
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

PLUGIN_FILE = "mosquitto_dynamic_security.so"
SECRET_MODE = 0o600
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

    def url(self, username: str, password: str) -> str:
        """The URL with credentials, each part percent-encoded."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{quote(username, safe='')}:{quote(password, safe='')}@{host}:{self.port}"


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
        return self.path / "port"

    @property
    def pid(self) -> Path:
        return self.path / "pid"

    @property
    def lock(self) -> Path:
        return self.path / "lock"


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


def config_text(folder: BrokerFolder, address: BrokerAddress, plugin: Path) -> str:
    """The whole of `mosquitto.conf`: one listener, accounts by the plugin only, tuned for small messages in bursts."""
    lines = [
        "per_listener_settings false",
        f"listener {address.port} {address.host}",
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
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, SECRET_MODE), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise


def make_private_folder(path: Path) -> None:
    """Makes the folder, and keeps everybody else out of it. Raises `OSError`."""
    path.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    path.chmod(FOLDER_MODE)


def _which(program: str) -> Path | None:
    found = shutil.which(program, path=os.pathsep.join((os.environ.get("PATH", ""), _SEARCH_PATH)))
    return Path(found) if found else None


def _find_plugin() -> Path | None:
    own = Path("/usr/lib", str(sysconfig.get_config_var("MULTIARCH") or ""), PLUGIN_FILE)
    anywhere = (path for folder in _LIBRARY_FOLDERS for path in sorted(Path(folder).glob(f"*/{PLUGIN_FILE}")))
    directly = (Path(folder, PLUGIN_FILE) for folder in _LIBRARY_FOLDERS)
    return next((path for path in (own, *directly, *anywhere) if path.is_file()), None)
