"""What a former server had written and nobody else has: put aside, whole, and listed for people."""

import json
import logging
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from branch_server.adapters.db.connections import FILE_NAME
from branch_server.adapters.db.following import LogOutlet
from branch_server.standby.record import FOLDER
from foleni.files import keep_names, write_whole

_log = logging.getLogger(__name__)

LIST_NAME = "events.jsonl"
_NAMED = 20


@dataclass(frozen=True, slots=True)
class Aside:
    """Where it lies, and what it is in words; empty words where the log was only older."""

    folder: Path
    words: str


def put_aside(data: Path, common: int, term: int) -> Aside:
    """Lists every event behind `common` and moves the database away. Nothing may have it open. Raises `OSError`.

    The list is on the disk before anything is moved; after a power cut in between it is made once more.
    """
    with closing(LogOutlet(data)) as outlet:
        lines = list(outlet.lines(common))
    folder = data / FOLDER / f"aside-term{term}-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(folder / LIST_NAME, "".join(f"{line}\n" for line in lines).encode())
    for beside in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            (data / f"{FILE_NAME}{beside}").rename(folder / f"{FILE_NAME}{beside}")
    keep_names(data)
    words = _words(lines, folder) if lines else ""
    if words:
        _log.critical("%s", words)
    return Aside(folder, words)


def _words(lines: list[str], folder: Path) -> str:
    joined = [json.loads(line) for line in lines]
    numbers = [event["data"]["number"] for event in joined if event["type"] == "ticket_joined"]
    given = f", among them the tickets {', '.join(numbers[:_NAMED])}" if numbers else ""
    more = f" and {len(numbers) - _NAMED} more" if len(numbers) > _NAMED else ""
    return f"{len(lines)} events that only the former server knew were put aside{given}{more}: see {folder.name}/{LIST_NAME}"
