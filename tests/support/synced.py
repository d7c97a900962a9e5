"""A branch server that syncs with a cloud, and what its log holds."""

import json
import sqlite3
import uuid
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from branch_server.adapters.db.reading import LogReader
from tests.support.branch import BranchProcess
from tests.support.client import Client

Json = dict[str, Any]

BRANCH = "main-street"
SETUP = """\
[branch]
id = "main-street"
name = "Main Street"
time_zone = "Africa/Kigali"
remote_issuer = "R"

[[service]]
id = "cash"
prefix = "A"
name = "Cash"
service_time_s = 120

[[service]]
id = "cards"
prefix = "D"
name = "Cards"

[[counter]]
id = "c1"
label = "1"
services = ["cash", "cards"]

[[device]]
id = "kiosk-1"
kind = "kiosk"
issuer = "X"

[[device]]
id = "desk"
kind = "console"

[[staff]]
id = "ada"
name = "Ada"
role = "admin"
pin = "482913"
"""


class SyncedBranch(BranchProcess):
    """A branch server that is told of a cloud. Its token stands in `directory / "token"`.

    With `clock`, a file as the chaos launcher reads it, it lives by that.
    """

    def __init__(
        self, directory: Path, url: str, token: str, clock: Path | None = None, environment: Mapping[str, str] | None = None
    ) -> None:
        (directory / "token").write_text(f"{token}\n", encoding="ascii")
        given = ["--cloud", url, "--cloud-token-file", str(directory / "token")]
        super().__init__(directory, SETUP, arguments=given, environment=environment)
        if clock is not None:
            launched = ["-m", "tests.support.chaos_launcher", "--clock", str(clock), "--"]
            self._command = [self._command[0], *launched, *self._command[3:]]


def synced_branch(folder: Path, url: str, token: str) -> SyncedBranch:
    """One with the usual setup."""
    return SyncedBranch(folder, url, token)


def desk_of(branch: BranchProcess) -> Client:
    """The branch's console, which may ask for everything."""
    return Client(branch.port, BRANCH, "desk", branch.account("desk").password)


def log_of(data: Path) -> list[Json]:
    """Every line of a branch's log, its own fields as the text that is stored."""
    names = ("seq", "id", "type", "at", "steady", "day", "actor", "command", "data")
    with closing(LogReader(data)) as reader:
        return [dict(zip(names, row, strict=True)) for row in reader.lines(0, 1_000_000)]


def as_logged(event: Json) -> Json:
    """An event of the wire as the line of the log that it was made of."""
    kept = {name: event[name] for name in ("seq", "id", "type", "day", "actor", "command")}
    data = json.dumps(event["data"], ensure_ascii=False, separators=(",", ":"))
    return kept | {"at": event["at_us"], "steady": event["steady_us"], "data": data}


def join(service: str = "cash", **fields: Any) -> Json:
    """A join as the cloud asks for it."""
    return {"id": str(uuid.uuid4()), "type": "join", "service": service, "channel": "app", **fields}


def last_of(data: Path) -> int:
    """The number of the last event in a branch's log."""
    with closing(sqlite3.connect(f"{(data / 'branch.db').as_uri()}?mode=ro", uri=True)) as connection:
        return int(connection.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0])


def tickets_of(data: Path) -> list[Json]:
    """The tickets that reports read, in the order of their ids."""
    with closing(sqlite3.connect(f"{(data / 'branch.db').as_uri()}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute("SELECT * FROM tickets ORDER BY id")]
