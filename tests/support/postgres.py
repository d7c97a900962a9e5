"""A PostgreSQL cluster of this test run's own: on a free loopback port, durable as a real one, gone afterwards."""

import atexit
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from functools import cache
from itertools import count
from pathlib import Path
from typing import Self

import psycopg

from tests.support.broker import free_port
from tests.support.waiting import until

_START_S = 60.0
_STOP_S = 30.0
_numbers = count(1)


class Postgres:
    """One cluster below a folder of its own. PostgreSQL refuses to run as root; then it runs as Debian's `postgres`."""

    def __init__(self) -> None:
        self._bin = _newest_bin()
        self._as: list[str] = []
        self.folder = Path(tempfile.mkdtemp(prefix="foleni-postgres-"))
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
            self._as = ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"]
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._run(["initdb", "-D", str(self._data), "-U", "foleni", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"])

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def start(self) -> Self:
        command = [str(self._bin / "postgres"), "-D", str(self._data), "-p", str(self.port), "-h", "127.0.0.1"]
        command += ["-k", str(self.folder), "-c", "max_connections=200"]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen([*self._as, *command], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until(self._answers, _START_S, every_s=0.05)
        return self

    def stop(self) -> None:
        """As an administrator restarts it: every connection is cut, nothing is lost."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def database(self) -> str:
        """The URL of a new, empty database."""
        name = f"cloud_{os.getpid()}_{next(_numbers)}"
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self._url(name)

    def _url(self, name: str) -> str:
        return f"postgresql://foleni@127.0.0.1:{self.port}/{name}"

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self.folder / "log").read_text(errors="replace")
        try:
            psycopg.connect(self._url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, command: list[str]) -> None:
        done = subprocess.run(
            [*self._as, str(self._bin / command[0]), *command[1:]], capture_output=True, text=True, check=False, cwd="/"
        )
        assert done.returncode == 0, done.stderr


@cache
def postgres() -> Postgres:
    """The cluster that this process's tests share; each takes a `database()` of its own."""
    cluster = Postgres().start()
    atexit.register(cluster.remove)
    return cluster


def _newest_bin() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    assert found, "PostgreSQL is not installed: tools/install does it"
    return found[-1]
