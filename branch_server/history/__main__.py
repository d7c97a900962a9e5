"""`python -m branch_server.history`: gives an empty branch a past to show, made of its setup and a seed.

Every ticket of it is marked: its device, and the actor of its events, is `demo`. Run it before the branch server's first start.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random
from time import time_ns

from branch_server.adapters.db.journal import SqlJournal
from branch_server.adapters.setup.file import Setup, SetupError, read_setup
from branch_server.adapters.setup.founding import Tell
from branch_server.engine.journal import EngineError
from branch_server.history.playing import Day
from branch_server.history.shifts import Shift, shifts
from branch_server.history.writing import MADE, Past
from foleni.messages.commands import SaveBranch
from foleni.times import HOUR_US, Instant, from_wire

WRONG_USE = 2


def main(argv: Sequence[str] | None = None) -> int:
    """The exit status: 0 where the past was written, 1 where storage failed, 2 for a wrong setup or a branch with a past."""
    given = _arguments(argv)
    try:
        until = from_wire(given.until) if given.until is not None else Instant(time_ns() // 1000)
    except ValueError as error:
        _tell(f"--until: {error}")
        return WRONG_USE
    try:
        setup = read_setup(given.setup)
        said = write(given.data, setup, given.days, given.seed, until, _tell)
    except SetupError as error:
        _tell(f"setup: {error}")
        return WRONG_USE
    except EngineError as error:
        _tell(str(error))
        return 1
    _tell(said)
    return 0


def write(data: Path, setup: Setup, days: int, seed: int, until: Instant, tell: Tell) -> str:
    """Makes the branch of `setup` in `data`, with the `days` before that of `until`, and that one as far as it has gone.

    What was written, in words. Raises `SetupError` for a setup that cannot be used or a branch that is there, `EngineError`.
    """
    branch = next(command.branch for command in setup.commands if isinstance(command, SaveBranch))
    worked = list(shifts(branch, days, until))
    journal = SqlJournal(data)
    try:
        past = Past(journal, Instant(worked[0].opens - 2 * HOUR_US) if worked else until)
        if not past.is_empty:
            raise SetupError(f"there is a branch in {data} already; it keeps the past that it has")
        faults = past.found(setup, tell)
        if faults:
            raise SetupError("; ".join(faults))
        made = _played(past, worked, seed, until)
    finally:
        journal.close()
    return f"{made} tickets on {len(worked)} days, all of them marked {MADE}"


def _played(past: Past, worked: Sequence[Shift], seed: int, until: Instant) -> int:
    """Plays one day after the other; how many tickets were given."""
    chance = Random(seed)  # noqa: S311 - a play, no secret
    active = [person for person in past.state.staff.values() if person.active]
    people = [person.id for person in active if person.role == "staff"] or [person.id for person in active]
    made = 0
    for number, shift in enumerate(worked):
        past.at(Instant(shift.opens - 2 * HOUR_US))
        turn = number % len(people) if people else 0
        Day(past, chance, shift, people[turn:] + people[:turn], until).play()
        made += sum(queue.issued for queue in past.state.queues.values())
        past.commit()
    return made


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m branch_server.history", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the branch's data, with no branch in it yet")
    parser.add_argument("--setup", type=Path, required=True, help="TOML description of the branch")
    parser.add_argument("--days", type=int, default=14, help="days before today (default: 14)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same days (default: 1)")
    parser.add_argument("--until", metavar="TIME", help="where the past ends, such as 2026-11-21T10:00:00Z (default: now)")
    return parser.parse_args(argv)


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
