"""Talking with the demo from the terminal: one line, one thing that happens in the branch."""

import os
import sys
import threading
from collections.abc import Callable

from foleni.demo.house import House
from foleni.demo.words import Vocabulary, WordsError, WrongError

PROMPT = "foleni> "
_LEAVING = {"quit", "exit", "bye"}


class Voice:
    """Says whole lines on stdout, from any thread, without spoiling the line that is being typed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.typed: Callable[[], str] | None = None
        """What has been typed so far, while somebody is at a prompt."""

    def say(self, text: str) -> None:
        typing = self.typed
        with self._lock:
            try:
                if typing is None:
                    sys.stdout.write(f"{text}\n")
                else:
                    sys.stdout.write(f"\r\x1b[K{text}\n{PROMPT}{typing()}")
                sys.stdout.flush()
            except OSError:  # whoever listened has gone; the branch goes on until it is told to end
                nobody = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nobody, sys.stdout.fileno())
                os.close(nobody)


def somebody_is_there() -> bool:
    """Whether stdin is a terminal that listens to us now (a job in the background would be stopped for reading)."""
    try:
        return sys.stdin.isatty() and sys.stdout.isatty() and os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (OSError, ValueError):
        return False


def converse(house: House, words: Vocabulary, voice: Voice) -> None:
    """Reads lines and does them, until somebody says quit or closes the terminal."""
    import readline  # noqa: PLC0415 - changes how input() works, so only where it is wanted

    readline.set_completer(_Completer(words).complete)
    readline.parse_and_bind("tab: complete")
    while True:
        voice.typed = readline.get_line_buffer
        try:
            text = input(PROMPT)
        except EOFError:
            return
        finally:
            voice.typed = None
        if text.strip() in _LEAVING:
            return
        answer(house, words, voice, text)


def answer(house: House, words: Vocabulary, voice: Voice, text: str) -> None:
    """Does one typed line and says what came of it."""
    if text.strip() in {"help", "?"}:
        voice.say(f"{words.help()}\n  {'quit':{10}} end it all; the branch stays in its folder")
        return
    try:
        line = words.understand(text)
        if line is not None:
            voice.say(line.action(house))
    except (WordsError, WrongError) as error:
        voice.say(f"{error}")


class _Completer:
    def __init__(self, words: Vocabulary) -> None:
        self._names = sorted([*words.verbs, "help", "quit"])

    def complete(self, text: str, state: int) -> str | None:
        fitting = [f"{name} " for name in self._names if name.startswith(text)]
        return fitting[state] if state < len(fitting) else None
