"""How the branch and its cloud get on: told once in the log, and to the branch's people where it needs one of them."""

import logging
import threading
from collections.abc import Callable
from enum import StrEnum

ALERT = "cloud"
UNKNOWN_HERE = "The cloud does not accept this branch's token. Make a new one there, and put it into the token file."
FORKED = "The cloud knows another past of this branch, so nothing is sent to it. Restore this server from the cloud."
REJECTED = "The cloud does not take what this branch sends. The journal of the branch server says why."

_log = logging.getLogger(__name__)


class Mood(StrEnum):
    """What one worker last found."""

    UNKNOWN = "unknown"
    WELL = "well"
    AWAY = "away"
    STANDING_STILL = "standing still"


class Standing:
    """What the workers found, put together. Safe to use from any thread."""

    def __init__(self, say: Callable[[str | None], object]) -> None:
        """`say` hears the sentence of the alert that is up, or None where there is none: after the first exchange, and after
        each change. It must only hand over.
        """
        self._say = say
        self._lock = threading.Lock()
        self._moods: dict[str, Mood] = {}
        self._sentences: dict[str, str] = {}
        self._said: str | None = ""
        self._recoveries = 0

    @property
    def recoveries(self) -> int:
        """How often a worker was well again: time for the others to try, too."""
        return self._recoveries

    def mood_of(self, worker: str) -> Mood:
        return self._moods.get(worker, Mood.UNKNOWN)

    def well(self, worker: str) -> None:
        """The cloud has taken what this worker brought, or given it what it asked for."""
        if self._moods.get(worker) is Mood.WELL:
            return
        self._note(worker, Mood.WELL, logging.INFO, "%s: the cloud answers", worker)

    def away(self, worker: str, why: str) -> None:
        """Nobody's fault that could be told to anybody: it is tried again."""
        self._note(worker, Mood.AWAY, logging.WARNING, "%s: the cloud cannot be reached, trying again: %s", worker, why)

    def stands_still(self, worker: str, sentence: str, why: str) -> None:
        """A person must do something."""
        self._note(worker, Mood.STANDING_STILL, logging.WARNING, "%s: %s %s", worker, sentence, why, sentence=sentence)

    def _note(self, worker: str, mood: Mood, level: int, words: str, *values: object, sentence: str | None = None) -> None:
        """The first time loudly. An alert stands until its worker is well again: while the cloud is away nothing is better."""
        with self._lock:
            before = self._moods.get(worker)
            self._moods[worker] = mood
            if mood is Mood.WELL:
                self._sentences.pop(worker, None)
                self._recoveries += 1
            elif sentence is not None:
                self._sentences[worker] = sentence
            said, self._said = self._said, self._sentence(mood)
            if said != self._said:
                self._say(self._said)
        _log.log(level if mood is not before else logging.DEBUG, words, *values)

    def _sentence(self, mood: Mood) -> str | None:
        """What is up; as it was (possibly from an earlier run) as long as nobody got through."""
        if self._sentences:
            return next(iter(self._sentences.values()))
        return None if mood is Mood.WELL else self._said
