"""Speaks the calls, in a thread of its own: chime, then the call in each language, one after the other."""

import logging
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from display.picture import Announcement
from display.voice.chime import write_chime, write_silence
from display.voice.line import Line
from display.voice.player import Player
from display.voice.running import SoundError
from display.voice.sayings import Saying, has_words, sayings
from display.voice.voices import Voice

logger = logging.getLogger(__name__)

_TURN_S = 1.0
_STOP_S = 0.8
_SPOKEN = "voice"
_HEARD = "sound"


def _ignore(*_: object) -> None:
    return None


class Announcer:
    """A part of the display. `on_sound` is told, on the announcer's thread, whether calls can be heard, when that changes.

    A voice or a player that fails is told in the log once, and once more when it works again; the next call is tried anew.
    """

    def __init__(
        self,
        voices: Sequence[Voice],
        player: Player,
        halted: threading.Event,
        *,
        on_sound: Callable[[bool], object] = _ignore,
        on_dead: Callable[[str], object] = _ignore,
        beat: Callable[[], object] = _ignore,
    ) -> None:
        self._voices = voices
        self._player = player
        self._halted = halted
        self._on_sound = on_sound
        self._on_dead = on_dead
        self._beat = beat
        self._line = Line()
        self._languages: tuple[str, ...] = ()
        self._troubles: dict[str, str] = {}
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="announcer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End now; only the end of the program cuts a call off."""
        self._halted.set()
        with self._changed:
            self._changed.notify()
        self._thread.join(_STOP_S)

    def speak_in(self, languages: tuple[str, ...]) -> None:
        """The languages of the calls, in their order."""
        with self._changed:
            self._languages = languages

    def take(self, announcements: Sequence[Announcement], in_hand: frozenset[str]) -> None:
        """Calls to be spoken after those that wait, and the tickets that are in hand now. Returns at once."""
        with self._changed:
            self._line.hands(in_hand)
            for announcement in announcements:
                self._line.put(announcement)
            self._changed.notify()

    def _run(self) -> None:
        try:
            while not self._halted.is_set():
                self._speak_until_the_disk_fails()
        except Exception:
            logger.exception("the announcer died")
            self._on_dead("the announcer died")

    def _speak_until_the_disk_fails(self) -> None:
        try:
            with tempfile.TemporaryDirectory(prefix="foleni-voice-") as folder:
                self._try_player(Path(folder))
                while not self._halted.is_set():
                    self._turn(Path(folder))
        except OSError as error:
            self._sound(str(error))
            self._halted.wait(_TURN_S)
            self._beat()

    def _turn(self, folder: Path) -> None:
        self._beat()
        with self._changed:
            announcement, languages = self._line.take(time.monotonic()), self._languages
            if announcement is None:
                if not self._halted.is_set():
                    self._changed.wait(_TURN_S)
                return
        self._announce(announcement, languages, folder)

    def _announce(self, announcement: Announcement, languages: tuple[str, ...], folder: Path) -> None:
        self._play(write_chime(folder / "chime.wav"), f"chime {announcement.number}")
        for language in languages:
            if not has_words(language):
                self._told(f"{_SPOKEN} {language}", f"there are no words to call in {language}")
        for saying in sayings(announcement, languages):
            if not self._halted.is_set():
                self._say(saying, folder / "call.wav")

    def _say(self, saying: Saying, into: Path) -> None:
        subject = f"{_SPOKEN} {saying.language}"
        try:
            voice = next((voice for voice in self._voices if voice.speaks(saying.language)), None)
            if voice is None:
                self._told(subject, f"nobody here speaks {saying.language}: its calls are only shown")
                return
            voice.say(saying, into)
        except SoundError as error:
            self._told(subject, f"calls are not spoken in {saying.language}: {error}")
            return
        self._told(subject, "")
        self._play(into, f"{saying.language} {saying.text}")

    def _try_player(self, folder: Path) -> None:
        """Silence, so that a missing sound card is known before the first call."""
        silence = write_silence(folder / "silence.wav", 0.05)
        try:
            self._player.try_out(silence)
        except SoundError as error:
            self._sound(str(error))

    def _play(self, wav: Path, what: str) -> None:
        try:
            self._player.play(wav, what)
        except SoundError as error:
            self._sound(str(error))
        else:
            self._sound("")

    def _sound(self, trouble: str) -> None:
        had = bool(self._troubles.get(_HEARD))
        self._told(_HEARD, trouble and f"there is no sound: {trouble}")
        if bool(self._troubles.get(_HEARD)) != had:
            self._on_sound(not trouble)

    def _told(self, subject: str, trouble: str) -> None:
        """Tells the log where the subject changed between trouble and none; what the end of the program breaks is none."""
        if self._halted.is_set():
            return
        had = self._troubles.get(subject, "")
        self._troubles[subject] = trouble
        if trouble and not had:
            logger.warning("%s", trouble)
        elif had and not trouble:
            logger.info("%s is well again", subject)
