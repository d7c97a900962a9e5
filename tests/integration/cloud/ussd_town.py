"""A cloud with its gateways and one real branch that syncs with it."""

import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar

from sqlalchemy import Connection, select

from cloud.store.database import Database
from cloud.store.tables import services, tickets
from tests.support.branch import BranchProcess
from tests.support.cloud import CloudProcess
from tests.support.synced import BRANCH, synced_branch
from tests.support.ussd import KEY, Gateway
from tests.support.waiting import until

T = TypeVar("T")
KINDS = ("africastalking", "hubtel", "nalo", "arkesel")
LOOKS_S = 0.05
"""So often a test looks whether something has come true."""
_CODE = 1042
_GATEWAY = '[[gateway]]\nname = "{kind}"\nkind = "{kind}"\nsecret = "{key}"\ncode = "*384#"\n'
_FAR = '[[gateway]]\nname = "far"\nkind = "africastalking"\naddresses = ["192.0.2.0/24"]\n'
_NEAR = '[[gateway]]\nname = "near"\nkind = "hubtel"\naddresses = ["127.0.0.0/8"]\ncountry = "RW"\nlanguages = ["rw", "fr"]\n'


class Town:
    """`database` is the URL of an empty database; SQLite below `folder` where none is given."""

    def __init__(self, folder: Path, database: str | None = None) -> None:
        config = folder / "cloud.toml"
        gateways = "".join(_GATEWAY.format(kind=kind, key=KEY) for kind in KINDS)
        config.write_text(f"simulator = true\n{gateways}{_FAR}{_NEAR}", encoding="utf-8")
        self.cloud = CloudProcess(folder, database, arguments=["--config", str(config)])
        self.url = self.cloud.url
        self.database = Database(self.cloud.database, threads=2)
        self.branch: BranchProcess | None = None

    def open(self) -> Self:
        """Returns when the cloud knows the branch's services."""
        self.cloud.start()
        folder = self.cloud.directory / "branch"
        folder.mkdir()
        self.branch = synced_branch(folder, self.url, self.cloud.branch(BRANCH, code=_CODE)).start()
        until(lambda: self.read(lambda c: c.execute(select(services.c.id)).all()), every_s=LOOKS_S)
        return self

    def close(self) -> None:
        if self.branch is not None:
            self.thaw_branch()
            self.branch.kill()
        self.cloud.kill()
        self.database.close()

    def freeze_branch(self) -> None:
        """It takes everything in and answers nothing."""
        self._signal_branch(signal.SIGSTOP)

    def thaw_branch(self) -> None:
        self._signal_branch(signal.SIGCONT)

    def gateway(self, kind: str = "africastalking", key: str = KEY) -> Gateway:
        return Gateway(self.url, kind, key)

    def read(self, work: Callable[[Connection], T]) -> T:
        return self.database.run_here(work)

    def tickets(self, number: str) -> Sequence[Any]:
        """The rows of a phone, the oldest first."""
        wanted = select(tickets).where(tickets.c.phone == number).order_by(tickets.c.joined_at)
        return self.read(lambda c: c.execute(wanted).all())

    def _signal_branch(self, number: signal.Signals) -> None:
        if self.branch is not None and self.branch.is_running:
            os.kill(self.branch.pid, number)
