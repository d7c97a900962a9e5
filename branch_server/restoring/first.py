"""A new box in the place of a lost one: at its very first start it looks for a backup, and begins with that."""

import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from branch_server.keeping.errors import KeepingError
from branch_server.keeping.settings import BackupTarget
from branch_server.restoring import command
from branch_server.restoring.from_backup import is_stick, wanted
from branch_server.restoring.settings import RestoreSettings
from foleni.life import Notifier

_STICK_S = 20.0
"""So long after power-on a stick may come up."""
_LOOK_S = 0.5
_LONGEST_US = 30 * 60 * 1_000_000


def restored(data: Path, source: str, tables: Sequence[BackupTarget]) -> bool:
    """Restores the branch where a backup and its key are there. False where that failed: nothing may be begun then, or the
    branch that somebody wants back would have an empty twin.
    """
    Notifier().tell(f"EXTEND_TIMEOUT_USEC={_LONGEST_US}", "STATUS=looking for a backup to begin with")
    given = RestoreSettings(from_backup=source, data=data, if_there=True, backup=tuple(tables))
    with suppress(KeepingError):  # what is wrong with the place is said below, where it is met again
        gives_up_at = time.monotonic() + (_STICK_S if is_stick(given) else 0.0)
        while not wanted(given) and time.monotonic() < gives_up_at:
            time.sleep(_LOOK_S)
    return command.run(given) == 0
