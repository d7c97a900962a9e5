"""Logging to stderr: one line an entry, with sd-daemon priorities where journald reads it, with the time elsewhere."""

import logging
import os
import sys
import time
from collections.abc import Callable
from typing import Literal, TextIO

Level = Literal["debug", "info", "warning", "error"]

_PRIORITIES = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))
_DEBUG_PRIORITY = 7
_CHATTY = ("alembic",)
_CONTROLS = (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)
_ESCAPES = {code: chr(code).encode("unicode_escape").decode("ascii") for code in _CONTROLS}


def set_up(level: Level = "info", stream: TextIO | None = None) -> None:
    """Log from `level` on to `stream` (stderr), in place of whatever was set up before."""
    stream = sys.stderr if stream is None else stream
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JournalFormatter() if journal_reads(stream) else LineFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)


def journal_reads(stream: TextIO) -> bool:
    """Whether systemd connected `stream` to the journal (`JOURNAL_STREAM` holds its device and inode)."""
    device, _, inode = os.environ.get("JOURNAL_STREAM", "").partition(":")
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return (device, inode) == (str(status.st_dev), str(status.st_ino))


def escaped(text: str) -> str:
    """`text` on one line: line breaks and other control characters as backslash sequences."""
    return text.translate(_ESCAPES)


class Seldom:
    """Warns of what others may repeat without end: once in a minute about each subject, otherwise at DEBUG."""

    _EVERY_S = 60.0
    _MOST_SUBJECTS = 1000

    def __init__(self, logger: logging.Logger, clock: Callable[[], float] = time.monotonic) -> None:
        self._logger = logger
        self._clock = clock
        self._due: dict[str, float] = {}

    def warning(self, subject: str, message: str, *arguments: object) -> None:
        now = self._clock()
        loud = now >= self._due.get(subject, now if len(self._due) < self._MOST_SUBJECTS else now + 1)
        if loud:
            self._due[subject] = now + self._EVERY_S
        self._logger.log(logging.WARNING if loud else logging.DEBUG, message, *arguments)


class LineFormatter(logging.Formatter):
    """`2026-11-20 09:41:07.123 WARNING foleni.link: text`"""

    default_msec_format = "%s.%03d"

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        return escaped(super().format(record))


class JournalFormatter(logging.Formatter):
    """`<4>foleni.link: text`; the journal adds the time."""

    def __init__(self) -> None:
        super().__init__("%(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        return f"<{_priority(record.levelno)}>{escaped(super().format(record))}"


def _priority(level: int) -> int:
    return next((priority for lowest, priority in _PRIORITIES if level >= lowest), _DEBUG_PRIORITY)
