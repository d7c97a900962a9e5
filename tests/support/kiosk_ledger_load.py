"""Takes tickets in a ledger as fast as it can, telling each durable step, until it is killed: `python -m … LEDGER`."""

import sys
import time
from pathlib import Path

from foleni.ids import Uuid7
from foleni.times import Instant
from kiosk.ledger.entries import Entry, Step, handed_in, on_paper
from kiosk.ledger.sqlite import SqliteLedger


def main() -> None:
    ledger, new_id = SqliteLedger(Path(sys.argv[1])), Uuid7()
    while True:
        entry = Entry(new_id(), "cash", Instant(time.time_ns() // 1000))
        ledger.add(entry)
        _tell("asked", entry.id)
        numbered = ledger.give_number(entry.id, "AX", "2026-11-20", entry.asked_at)
        _tell("numbered", entry.id, str(numbered.number))
        for step in (Step.PRINTING, Step.PRINTED):
            ledger.change(entry.id, lambda entry, step=step: on_paper(entry, step))  # type: ignore[misc]
            _tell(step, entry.id)
        ledger.change(entry.id, handed_in)
        _tell("taken", entry.id)


def _tell(*words: str) -> None:
    print(*words, flush=True)  # noqa: T201 - what was told is checked after the kill


if __name__ == "__main__":
    main()
