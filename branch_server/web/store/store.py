"""What lies in `web.db`."""

from pathlib import Path

from branch_server.web.store.audit import Audit
from branch_server.web.store.credentials import Credentials, Preferences
from branch_server.web.store.failures import Failures
from branch_server.web.store.opening import FILE_NAME, StoreError, opened
from branch_server.web.store.sessions import Sessions
from branch_server.web.store.tokens import Tokens

__all__ = ["FILE_NAME", "Store", "StoreError"]


class Store:
    """The web side's own database. Raises `StoreError` where it cannot be used."""

    def __init__(self, folder: Path) -> None:
        self.engine = opened(folder)
        self.audit = Audit(self.engine)
        self.credentials = Credentials(self.engine)
        self.preferences = Preferences(self.engine)
        self.sessions = Sessions(self.engine)
        self.failures = Failures(self.engine)
        self.tokens = Tokens(self.engine)

    def close(self) -> None:
        self.engine.dispose()
