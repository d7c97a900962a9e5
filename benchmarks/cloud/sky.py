"""A cloud under measurement: PostgreSQL of its own, Redis, and as many processes as wanted."""

import hashlib
import secrets
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, insert

from benchmarks.rig import Program, RigError
from cloud.people.keys import KeyRing
from cloud.people.passes import begin
from cloud.site import wall_clock
from cloud.store.database import Database
from cloud.store.tables import branch_tokens, branches, counters, mailboxes, organizations, pulses, services, users
from foleni.ids import uuid7
from tests.support.postgres import Postgres
from tests.support.redis import RedisServer

_READY = "foleni-cloud: ready: "
_START_S = 60.0
_BEGUN_US = 1_700_000_000_000_000


class Sky:
    """PostgreSQL and Redis run as long as the context lasts; `process` starts one more process of the cloud."""

    def __enter__(self) -> Self:
        self._stack = ExitStack()
        self._known = 0
        self._postgres = Postgres().start()
        self._stack.callback(self._postgres.remove)
        self._redis = self._stack.enter_context(RedisServer())
        self.address = self._postgres.database()
        self.database = Database(self.address)
        self.database.open()
        self._stack.callback(self.database.close)
        self.database.run_here(_found_organization)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def process(self) -> tuple[Program, str]:
        """A process that is ready, and its URL."""
        command = [
            sys.executable,
            "-m",
            "cloud",
            "--http",
            "127.0.0.1:0",
            "--database",
            self.address,
            "--redis",
            self._redis.url,
        ]
        program = Program("cloud", [*command, "--log-level", "warning"])
        self._stack.callback(program.stop)
        program.wait_for(_READY, _START_S)
        return program, program.last_error_line().removeprefix(_READY)

    def branches(self, names: Sequence[str]) -> dict[str, str]:
        """Makes branches with one service (`cash`) and one open counter; their tokens."""
        tokens = {name: f"bench_{secrets.token_urlsafe(24)}" for name in names}
        self.database.run_here(lambda connection: _make_branches(connection, tokens))
        return tokens

    def people(self, count: int) -> list[str]:
        """Makes users with phones of their own who have just signed in; their access tokens."""
        known, self._known, now = self._known, self._known + count, wall_clock()
        rows = [
            {"id": uuid7(), "phone": f"+25078{number:07d}", "name": "", "language": "en", "wishes": "{}",
             "created_at": now, "seen_at": now, "is_active": True}
            for number in range(known, known + count)
        ]  # fmt: skip

        def make(connection: Connection) -> list[str]:
            connection.execute(insert(users), rows)
            ring = KeyRing()
            return [begin(connection, ring, str(row["id"]), now).access for row in rows]

        return self.database.run_here(make)


def write_tokens(path: Path, tokens: dict[str, str]) -> Path:
    """The file that `benchmarks.cloud.branches` reads."""
    path.write_text("".join(f"{name} {token}\n" for name, token in tokens.items()))
    return path


def checked(told: dict[str, Any]) -> list[float]:
    """The latencies of a load that went well, in ms; raises `RigError` for one that did not."""
    if told["faults"]:
        raise RigError(f"the cloud refused: {told['faults']}")
    return [float(one) for one in told["ms"]]


def _found_organization(connection: Connection) -> None:
    connection.execute(
        insert(organizations).values(id="bench", name="Bench", retention_days=180, is_active=True, created_at=_BEGUN_US)
    )


def _make_branches(connection: Connection, tokens: dict[str, str]) -> None:
    known = connection.exec_driver_sql("SELECT coalesce(max(code), 0) FROM branches").scalar() or 0
    connection.execute(insert(branches), [
        {"id": name, "organization": "bench", "name": f'{{"en":"{name}"}}', "time_zone": "UTC", "languages": '["en"]',
         "remote_issuer": "R", "business_day_starts": "04:00", "address": "", "code": known + number, "near_ahead": 3,
         "texts": "{}", "setup": "{}", "is_active": True, "created_at": _BEGUN_US}
        for number, name in enumerate(tokens, 1)
    ])  # fmt: skip
    connection.execute(insert(pulses), [
        {"branch": name, "acked": 0, "acked_id": "", "day": "", "heard_at": None, "skew_us": 0, "notice": "{}", "fault": ""}
        for name in tokens
    ])  # fmt: skip
    connection.execute(insert(mailboxes), [{"branch": name, "last": 0} for name in tokens])
    connection.execute(insert(branch_tokens), [
        {"id": uuid7(), "branch": name, "hash": hashlib.sha256(token.encode()).hexdigest(), "created_at": _BEGUN_US,
         "created_by": "bench"}
        for name, token in tokens.items()
    ])  # fmt: skip
    connection.execute(insert(services), [
        {"branch": name, "id": "cash", "place": 0, "prefix": "A", "name": '{"en":"Cash"}', "state": "open",
         "service_time_s": 180, "issued": 0, "told_waiting": 0}
        for name in tokens
    ])  # fmt: skip
    connection.execute(insert(counters), [
        {"branch": name, "id": "c1", "label": "1", "services": '["cash"]', "state": "open"} for name in tokens
    ])  # fmt: skip
