"""The cloud as its own process, and what has to stand in its database before anybody can use it."""

import hashlib
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

import requests
from sqlalchemy import Connection, select, update

from cloud.people import passes
from cloud.people.keys import KeyRing
from cloud.store.database import Database, upserting
from cloud.store.tables import branch_tokens, branches, organizations, users
from foleni.ids import uuid7
from foleni.times import Instant
from tests.support.broker import free_port
from tests.support.waiting import PATIENCE_S, until

T = TypeVar("T")
_ROOT = Path(__file__).resolve().parents[2]
_READY = "foleni-cloud: ready: "
_START_S = 60.0
_STOP_S = 60.0


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in."""

    user: str
    phone: str
    access: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access}"}


class CloudProcess:
    """A cloud that lives below `directory`, on SQLite there unless a `database` is named. Database, port and what is on stderr
    stay over restarts.
    """

    def __init__(
        self,
        directory: Path,
        database: str | None = None,
        redis: str | None = None,
        arguments: Sequence[str] = (),
        port: int | None = None,
    ) -> None:
        self.directory = directory
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.database = database or f"sqlite:///{directory / 'cloud.sqlite'}"
        self._log = directory / f"cloud-{self.port}.log"
        self._log.touch()
        self._command = [sys.executable, "-m", "cloud", "--http", f"127.0.0.1:{self.port}", "--database", self.database]
        self._command += [*(("--redis", redis) if redis else ()), *arguments]
        self._process: subprocess.Popen[bytes] | None = None
        self._run_begins = 0

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def stderr(self) -> str:
        """What all runs together have said."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    @property
    def last_words(self) -> str:
        """What the latest run has said."""
        return self._log.read_bytes()[self._run_begins :].decode(errors="replace")

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def launch(self) -> Self:
        """Start it, and do not wait until it is ready."""
        assert not self.is_running, "it runs already"
        self._run_begins = self._log.stat().st_size
        clean = {name: value for name, value in os.environ.items() if not name.startswith("FOLENI_")}
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=_ROOT, env=clean, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        return self

    def start(self) -> Self:
        """Returns when it is ready; fails with its own words where it ends before."""
        self.launch()
        try:
            until(lambda: _READY in self.last_words or not self.is_running, _START_S, every_s=0.02)
        except AssertionError as error:
            self.kill()
            raise AssertionError(f"the cloud was not ready in time: {self.last_words}") from error
        if not self.is_running:
            raise AssertionError(f"the cloud did not start: {self.last_words}")
        return self

    def stop(self) -> int:
        """End it in good order; its exit status."""
        self._signal(signal.SIGTERM)
        return self.wait()

    def wait(self) -> int:
        """Its exit status, when it has ended."""
        assert self._process is not None
        return self._process.wait(_STOP_S)

    def kill(self) -> None:
        """End it like a power cut. Nothing happens where it does not run."""
        if self._process is not None:
            self._signal(signal.SIGKILL)
            self._process.wait(_STOP_S)

    def restart(self) -> Self:
        """A good end, and a new run."""
        self.stop()
        return self.start()

    def get(self, path: str, who: Person | None = None, **params: Any) -> requests.Response:
        """An answer as it is: no status raises."""
        headers = who.headers if who is not None else {}
        return requests.get(self.url + path, params=params, headers=headers, timeout=PATIENCE_S)

    def post(self, path: str, body: Any = None, who: Person | None = None, key: str | None = None) -> requests.Response:
        headers = dict(who.headers) if who is not None else {}
        if key is not None:
            headers["Idempotency-Key"] = key
        return requests.post(self.url + path, json=body, headers=headers, timeout=PATIENCE_S)

    def run(self, work: Callable[[Connection], T]) -> T:
        """The result of `work` in one transaction on this cloud's database."""
        return in_database(self.database, work)

    def branch(self, branch: str = "main-street", organization: str = "demo-bank", **fields: Any) -> str:
        """Makes a branch; its token."""
        return self.run(lambda c: add_branch(c, branch, organization, **fields))

    def person(self, phone: str = "+250788000001", name: str = "Ada") -> Person:
        """Somebody who is signed in."""
        return self.run(lambda c: add_person(c, phone, name))

    def _signal(self, number: signal.Signals) -> None:
        if self.is_running:
            os.kill(self.pid, number)


def in_database(address: str, work: Callable[[Connection], T]) -> T:
    """The result of `work` in one transaction; the tables are there afterwards."""
    database = Database(address, threads=1)
    try:
        database.open()
        return database.run_here(work)
    finally:
        database.close()


def add_branch(c: Connection, branch: str, organization: str = "demo-bank", **fields: Any) -> str:
    """Makes a branch, and its organization where there is none; the branch's token."""
    now = _now()
    owner = {"id": organization, "name": "Demo Bank", "is_active": True, "created_at": now}
    c.execute(upserting(c, organizations).values(owner).on_conflict_do_nothing())
    code = 1 + len(c.execute(select(branches.c.id)).all())
    row = {
        "id": branch, "organization": organization, "name": json.dumps({"en": branch.replace("-", " ").title()}),
        "time_zone": "Africa/Kigali", "languages": '["en"]', "remote_issuer": "R", "business_day_starts": "04:00",
        "address": "1 Main Street", "code": code, "near_ahead": 3, "texts": "{}", "setup": "{}", "is_active": True,
        "created_at": now,
    }  # fmt: skip
    c.execute(branches.insert().values({**row, **fields}))
    return add_token(c, branch)


def add_token(c: Connection, branch: str) -> str:
    """One more token of a branch."""
    token = secrets.token_urlsafe(32)
    row = {"id": uuid7(), "branch": branch, "hash": hashlib.sha256(token.encode()).hexdigest(), "created_by": "test"}
    c.execute(branch_tokens.insert().values({**row, "created_at": _now()}))
    return token


def revoke_tokens(c: Connection, branch: str) -> None:
    c.execute(update(branch_tokens).where(branch_tokens.c.branch == branch).values(revoked_at=_now()))


def add_person(c: Connection, phone: str, name: str = "Ada") -> Person:
    """Somebody who is signed in."""
    now, user = _now(), uuid7()
    row = {"id": user, "phone": phone, "name": name, "language": "en", "wishes": "{}", "is_active": True}
    c.execute(users.insert().values({**row, "created_at": now, "seen_at": now}))
    return Person(user, phone, passes.begin(c, KeyRing(), user, now).access)


def _now() -> Instant:
    return Instant(time.time_ns() // 1000)
