"""A Redis of a test's own: on a loopback port, in memory only."""

import subprocess
from typing import Self

import redis

from tests.support.broker import free_port
from tests.support.waiting import until

_START_S = 30.0


class RedisServer:
    """Start and stop it as often as wanted; the port stays."""

    def __init__(self) -> None:
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> Self:
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen([*command, "--dir", "/tmp"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        until(self._answers, _START_S, every_s=0.02)
        return self

    def stop(self) -> None:
        """Like a power cut."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        try:
            with redis.Redis(port=self.port, socket_timeout=2) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False
