"""A new one-time code from the command line, for a branch whose only administrator has forgotten the PIN.

Whoever may read the data folder owns the branch anyway. The web side may run meanwhile.
"""

import argparse
import asyncio
import sys
import time
from pathlib import Path

from branch_server.adapters.db.reading import LogReader
from branch_server.engine.journal import EngineError
from branch_server.web.follower import Follower
from branch_server.web.people.signing import made_code
from branch_server.web.store.store import Store, StoreError

PROGRAM = "foleni-code"


def main(argv: list[str] | None = None) -> int:
    """The exit status: 0, or 1 where there is no such person or no such branch."""
    parser = argparse.ArgumentParser(PROGRAM, description="prints a one-time code with which a person chooses a new PIN")
    parser.add_argument("--data", type=Path, required=True, help="folder of the branch's data")
    parser.add_argument("staff", help="id of the person, such as ada")
    given = parser.parse_args(argv)
    try:
        follower = Follower(LogReader(given.data), lambda ticket: ticket)
        follower.load()
        people = follower.state.staff
        if given.staff not in people:
            return _told(f"there is nobody with the id {given.staff}; there are {', '.join(sorted(people)) or 'no people'}")
        store = Store(given.data)
    except (EngineError, StoreError) as error:
        return _told(str(error))
    code = asyncio.run(made_code(store, given.staff, time.time_ns() // 1000))
    store.failures.clear([f"staff:{given.staff}"])
    store.audit.write({"who": given.staff, "address": "", "action": "reset_pin", "subject": given.staff, "detail": PROGRAM})
    store.close()
    print(f"{PROGRAM}: one-time code of {given.staff}: {code}")  # noqa: T201 - what it is asked for
    return 0


def _told(fault: str) -> int:
    print(f"{PROGRAM}: {fault}", file=sys.stderr)  # noqa: T201 - for whoever started it
    return 1


if __name__ == "__main__":
    sys.exit(main())
