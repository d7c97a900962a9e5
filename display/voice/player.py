"""Players: each plays a wav file to its end before it returns."""

import shutil
import wave
from contextlib import closing
from pathlib import Path
from typing import Protocol

from display.voice.running import Runner, SoundError

_PATIENCE_S = 5.0
"""How much longer than its sound a player may take."""


class Player(Protocol):
    """Where sound comes out."""

    def play(self, wav: Path, what: str) -> None:
        """Returns when all of it was heard. `what` is for people. Raises `SoundError`."""

    def try_out(self, silence: Path) -> None:
        """Raises `SoundError` where nothing would be heard."""


class AlsaPlayer:
    """The sound card, by `aplay`."""

    def __init__(self, runner: Runner, program: str = "aplay") -> None:
        self._runner = runner
        self._program = program

    def play(self, wav: Path, what: str) -> None:  # noqa: ARG002 - the sound says it
        self._runner.run([self._program, "-q", str(wav)], length_s(wav) + _PATIENCE_S)

    def try_out(self, silence: Path) -> None:
        self.play(silence, "")


class FilePlayer:
    """Keeps what would be heard: `0001.wav`, `0002.wav`, … and a line for each in `index.txt`, in order."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0

    def play(self, wav: Path, what: str) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._count = max(self._count, *(int(kept.stem) for kept in self._folder.glob("[0-9]*.wav")), 0) + 1
            name = f"{self._count:04d}.wav"
            shutil.copyfile(wav, self._folder / name)
            with (self._folder / "index.txt").open("a", encoding="utf-8") as index:
                index.write(f"{name}\t{length_s(wav):.2f}\t{what}\n")
        except (OSError, ValueError) as error:
            raise SoundError(f"{self._folder}: {error}") from error

    def try_out(self, silence: Path) -> None:
        """It will show at the first call."""


def length_s(wav: Path) -> float:
    """How long a wav file sounds; raises `SoundError` where it is none."""
    try:
        with closing(wave.open(str(wav), "rb")) as read:
            frames = read.getnframes()
            return frames / read.getframerate()
    except (OSError, EOFError, wave.Error, ZeroDivisionError) as error:
        raise SoundError(f"{wav}: {error}") from error
