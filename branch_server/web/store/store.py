"""Opens `web.db`, and holds what lies in it."""

from pathlib import Path

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL

from branch_server.web.store.audit import Audit
from branch_server.web.store.tables import metadata

FILE_NAME = "web.db"


class StoreError(Exception):
    """What the web side keeps cannot be opened."""


class Store:
    """The web side's own database."""

    def __init__(self, folder: Path) -> None:
        self.engine = _opened(folder / FILE_NAME)
        metadata.create_all(self.engine)
        self.audit = Audit(self.engine)

    def close(self) -> None:
        self.engine.dispose()


def _opened(path: Path) -> Engine:
    path.touch(mode=0o600)
    engine = create_engine(URL.create("sqlite", database=str(path)), connect_args={"timeout": 5})

    @event.listens_for(engine, "connect")
    def _prepare(connection: object, _record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "cache_size=-2000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine
