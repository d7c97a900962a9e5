"""The watcher beside Mosquitto, which knows no watchdog: while the broker answers pings, systemd hears that it lives.

It must be light, and must not fail: what it cannot do yet it tries again, and it ends with the broker's unit.
"""

import contextlib
import logging
import re
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from foleni.doctor.talking import ACCEPTED, Talk, TalkError
from foleni.life import Notifier

_log = logging.getLogger(__name__)

_LISTENER = re.compile(r"^listener\s+(\d{1,5})\s+(127\.0\.0\.1|::1|localhost)\s*$", re.MULTILINE)
_CLIENT = "foleni-watcher"
_USER = "foleni_server"
_PASSWORD_FILE = "server-password"  # noqa: S105 - its name
_ANSWER_S = 5.0
_PAUSE_S = 5.0


class WatchError(Exception):
    """The broker's files do not tell yet how to reach it."""


def watch(folder: Path, tell: Callable[[str], object], rest: Callable[[float], object] = time.sleep) -> None:
    """Pings the broker whose files are in `folder` for ever, and calls `tell` with `WATCHDOG=1` after each answer.

    One connection is kept, so that the broker's log stays short. It ends only where `rest` raises.
    """
    failing = False
    while True:
        try:
            for _ in _answers(folder, rest):
                tell("WATCHDOG=1")
                failing = False
        except (TalkError, WatchError, OSError) as error:
            _log.log(logging.DEBUG if failing else logging.INFO, "the broker gives no sign of life: %s", error)
            failing = True
        rest(1.0)


def main(folder: Path) -> int:
    """For the broker's unit; never returns by itself."""
    notifier = Notifier()
    with contextlib.suppress(KeyboardInterrupt):
        watch(folder, notifier.tell)
    return 0


def plain_listener(folder: Path) -> tuple[str, int]:
    """Where this machine reaches the broker without TLS, by its own configuration. Raises `WatchError`."""
    try:
        found = _LISTENER.search((folder / "mosquitto.conf").read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise WatchError(f"no configuration yet: {error}") from error
    if found is None:
        raise WatchError("the broker has no listener for this machine alone")
    return found[2], int(found[1])


def _answers(folder: Path, rest: Callable[[float], object]) -> Iterator[None]:
    """Once for each answer: to the greeting, whatever it is, and then to pings where the broker lets us in."""
    with Talk(socket.create_connection(plain_listener(folder), _ANSWER_S)) as talk:
        code = talk.greet(_CLIENT, _USER, _password(folder))
        yield
        rest(_PAUSE_S)
        while code == ACCEPTED:
            talk.ping()
            yield
            rest(_PAUSE_S)


def _password(folder: Path) -> str | None:
    try:
        return (folder / _PASSWORD_FILE).read_text("utf-8").strip() or None
    except (OSError, UnicodeDecodeError):
        return None
