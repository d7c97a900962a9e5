"""Voices: each turns a saying into a wav file, or says that it cannot."""

import re
import wave
from pathlib import Path
from typing import Protocol

from display.voice.running import Runner, SoundError
from display.voice.sayings import Saying

_ESPEAK_TIMEOUT_S = 5.0
_WORDS_PER_MINUTE = 140


class Voice(Protocol):
    """Somebody who can speak some languages."""

    def speaks(self, language: str) -> bool: ...

    def say(self, saying: Saying, into: Path) -> None:
        """Writes a whole wav file; raises `SoundError`."""


class Espeak:
    """espeak-ng. Raises `SoundError` where it is missing, fails or hangs."""

    def __init__(self, runner: Runner, program: str = "espeak-ng", timeout_s: float = _ESPEAK_TIMEOUT_S) -> None:
        self._runner = runner
        self._program = program
        self._timeout_s = timeout_s
        self._voices: dict[str, bool] = {}

    def speaks(self, language: str) -> bool:
        """Whether it has a voice for the language; what it says once is believed."""
        if language not in self._voices:
            self._voices[language] = self._has_voice(language)
        return self._voices[language]

    def say(self, saying: Saying, into: Path) -> None:
        rate = str(_WORDS_PER_MINUTE)
        command = [self._program, "-v", saying.language, "-s", rate, "-a", "130", "-m", "-w", str(into), "--stdin"]
        self._runner.run(command, self._timeout_s, saying.ssml)

    def _has_voice(self, language: str) -> bool:
        told = self._runner.run([self._program, f"--voices={language}"], self._timeout_s)
        return len(told.splitlines()) > 1


class Clips:
    """A recorded voice: `FOLDER/<language>/<clip>.wav`, joined. All clips of a language have the same form.

    The clips are `ticket`, `counter`, `a` to `z` and `0` to `9`; a `counter-12` is taken in place of `counter`, `1`, `2`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def speaks(self, language: str) -> bool:
        return (self._folder / language / "ticket.wav").is_file()

    def say(self, saying: Saying, into: Path) -> None:
        folder = self._folder / saying.language
        try:
            _join([folder / f"{clip}.wav" for clip in self._chosen(folder, saying.clips)], into)
        except (OSError, EOFError, wave.Error) as error:
            raise SoundError(f"a clip cannot be read: {error}") from error

    @staticmethod
    def _chosen(folder: Path, clips: tuple[str, ...]) -> tuple[str, ...]:
        at = clips.index("counter")
        whole = f"counter-{''.join(clips[at + 1 :])}"
        return (*clips[:at], whole) if re.fullmatch(r"[\w-]+", whole) and (folder / f"{whole}.wav").is_file() else clips


def _join(clips: list[Path], into: Path) -> None:
    form, frames = None, []
    for clip in clips:
        with wave.open(str(clip), "rb") as read:
            own = (read.getnchannels(), read.getsampwidth(), read.getframerate())
            if form not in {None, own}:
                raise wave.Error(f"{clip} has another form than {clips[0]}")
            form = own
            frames.append(read.readframes(read.getnframes()))
    with wave.open(str(into), "wb") as out:
        channels, width, rate = form or (1, 2, 22_050)
        out.setnchannels(channels)
        out.setsampwidth(width)
        out.setframerate(rate)
        out.writeframes(b"".join(frames))
