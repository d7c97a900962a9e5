"""`foleni demo` from start to end: one branch, one folder, and nothing left running."""

import fcntl
import logging
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from foleni.demo.crew import Crew
from foleni.demo.ending import interrupted_by_signals
from foleni.demo.guide import guide
from foleni.demo.house import Folders, House
from foleni.demo.keeper import StartError
from foleni.demo.opening import Wish, open_branch
from foleni.demo.past import USUAL_CLOUD, http_address
from foleni.demo.play import BUILTIN, play
from foleni.demo.sheet import write_sheet
from foleni.demo.terminal import Voice, converse, somebody_is_there
from foleni.demo.vocabulary import vocabulary
from foleni.demo.words import Line, WordsError
from foleni.logs import set_up

WRONG_USE = 2
INTERRUPTED = 130
PAST_DAYS = 14


@dataclass(frozen=True, slots=True)
class Options:
    """What `foleni demo` is asked for. `script` is a file or `builtin`; without one it stays until it is told to end.

    `http` is where the consoles are, empty for nowhere; None is the usual place, and nowhere for a script. So is `cloud`, which
    is nowhere, too, where there are no consoles. `past_days` is None for the usual past, and for none behind a script.
    """

    data: Path | None
    setup: Path
    mqtt_listen: str | None = None
    headless: bool = False
    script: str | None = None
    shots: Path | None = None
    past_days: int | None = None
    http: str | None = None
    cloud: str | None = None

    @property
    def is_play(self) -> bool:
        return self.script is not None


class LockError(Exception):
    """Another demo runs in the folder."""


def run(options: Options) -> int:
    """The exit status: 0 after a good end, 1 where something went wrong, 2 for a use that makes no sense."""
    try:
        lines = _script(options.script)
    except (OSError, UnicodeError, WordsError) as error:
        _complain(str(error))
        return WRONG_USE
    with _folder(options) as data:
        try:
            with _alone_in(data), _own_log(Folders(data).logs):
                return _run_in(data, options, lines)
        except LockError as error:
            _complain(str(error))
            return WRONG_USE


def _run_in(data: Path, options: Options, lines: list[Line]) -> int:
    voice = Voice()
    house = House(Folders(data), options.shots or data / "shots", voice.say)
    crew = Crew(house)
    try:
        return _until_told_to_end(house, crew, options, lines, voice)
    finally:
        voice.typed = None
        if house.desk is not None:
            house.desk.stop()
        crew.stop()


def _until_told_to_end(house: House, crew: Crew, options: Options, lines: list[Line], voice: Voice) -> int:
    """A signal interrupts it once, wherever it is; after it no signal is heeded."""
    try:
        with interrupted_by_signals():
            return _live(house, crew, options, lines, voice)
    except StartError as error:
        _complain(str(error))
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED if lines else 0


def _live(house: House, crew: Crew, options: Options, lines: list[Line], voice: Voice) -> int:
    talks = not lines and somebody_is_there()
    voice.say("Opening the branch …")
    wish = _wish(options)
    accounts = open_branch(house, crew, wish)
    if lines:
        return _play(house, lines, options.script or "")
    voice.say(guide(house, accounts, wish.http, talks=talks))
    if talks:
        converse(house, vocabulary(), voice)
    else:
        while True:
            signal.pause()
    return 0


def _wish(options: Options) -> Wish:
    """A play begins with an empty branch and no consoles, so that it goes the same way each time."""
    days = options.past_days if options.past_days is not None else 0 if options.is_play else PAST_DAYS
    http = options.http if options.http is not None else "" if options.is_play else http_address()
    cloud = options.cloud if options.cloud is not None else http_address(USUAL_CLOUD) if http else ""
    return Wish(
        options.setup, options.mqtt_listen, unseen=options.headless, past_days=days, http=http or None, cloud=cloud or None
    )


def _play(house: House, lines: Sequence[Line], source: str) -> int:
    for missing in house.missing:
        house.tell(f"missing here: {missing}")
    outcome = play(house, lines, source)
    house.shots.mkdir(parents=True, exist_ok=True)
    page = write_sheet(house.shots, house.taken, outcome)
    for fault in outcome.faults:
        _complain(fault)
    house.tell(f"{len(house.taken)} pictures, all of them on {page}")
    return 1 if outcome.faults else 0


def _script(source: str | None) -> list[Line]:
    """The lines to play; none where there is no script. Raises `OSError`, `WordsError`."""
    if source is None:
        return []
    path = BUILTIN if source == "builtin" else Path(source)
    return vocabulary().understand_all(path.read_text(encoding="utf-8"), source)


@contextmanager
def _folder(options: Options) -> Iterator[Path]:
    """The branch's folder; a play without one has its own, which is gone afterwards."""
    if options.data is not None:
        yield options.data
        return
    with TemporaryDirectory(prefix="foleni-demo-") as made:
        yield Path(made)


@contextmanager
def _alone_in(data: Path) -> Iterator[None]:
    """Holds the folder against a second demo; the kernel lets go of it however this process ends. Raises `LockError`."""
    data.mkdir(parents=True, exist_ok=True)
    file = os.open(data / "demo.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise LockError(f"another demo runs in {data}: end that one, or give this one a folder with --data") from error
        yield
        (data / "demo.lock").unlink(missing_ok=True)
    finally:
        os.close(file)


@contextmanager
def _own_log(logs: Path) -> Iterator[None]:
    """What our own parts log goes into a file, not between the lines on the terminal."""
    logs.mkdir(parents=True, exist_ok=True)
    with (logs / "demo.log").open("a", encoding="utf-8") as stream:
        set_up("info", stream)
        try:
            yield
        finally:
            logging.disable()


def _complain(text: str) -> None:
    sys.stderr.write(f"foleni demo: {text}\n")
    sys.stderr.flush()
