"""A real Mosquitto of one's own on a free loopback port."""

import random
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from foleni.settings import MqttUrl

MOSQUITTO = "/usr/sbin/mosquitto"
_START_S = 30.0
_PORTS = range(10_000, 30_000)
"""The kernel hands these to nobody who does not name them."""
_CHANCE = random.SystemRandom()
_SETTINGS = """\
user root
set_tcp_nodelay true
max_queued_messages 100000
max_inflight_messages 0
persistence false
"""


class Broker:
    """Lives below `directory`. `port` stays the same over restarts; `extra` lines join its configuration."""

    def __init__(self, directory: Path, extra: str = "allow_anonymous true\n", listener: str = "") -> None:
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._log = directory / "mosquitto.log"
        self._settings = directory / "mosquitto.conf"
        self._settings.write_text(f"listener {self.port} 127.0.0.1\n{listener}{_SETTINGS}{extra}")

    @property
    def url(self) -> MqttUrl:
        return MqttUrl("127.0.0.1", self.port)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> "Broker":
        """Returns when it accepts connections."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen([MOSQUITTO, "-c", str(self._settings)], stdout=log, stderr=log)
        deadline = time.monotonic() + _START_S
        while not accepts(self.port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"mosquitto did not start: {self._log.read_text()}")
            time.sleep(0.01)
        return self

    def stop(self) -> None:
        """End it in good order. Mosquitto forgets a SIGTERM that comes right after its start, so it is told again."""
        if self._process is not None:
            deadline = time.monotonic() + _START_S
            while self._process.poll() is None:
                if time.monotonic() > deadline:
                    raise RuntimeError(f"mosquitto does not end: {self._log.read_text()}")
                self._process.terminate()
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(0.3)
            self._process = None

    def kill(self) -> None:
        """End it like a power cut."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(_START_S)
            self._process = None


def free_port() -> int:
    """A loopback port that nobody uses now and that nobody else is likely to take before it is used, or while its broker is
    away.
    """
    while True:
        port = _CHANCE.choice(_PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port


def accepts(port: int) -> bool:
    """Whether something listens on the loopback port."""
    try:
        with socket.create_connection(("127.0.0.1", port), 1.0):
            return True
    except OSError:
        return False
