"""The voice: a chime and the call in each language, one after the other, never cut off, and never in the way of the screen."""

import logging
import threading
import time
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from display.picture import Announcement
from display.voice.announcer import Announcer
from display.voice.chime import RATE_HZ, write_chime
from display.voice.player import AlsaPlayer, FilePlayer, Player, length_s
from display.voice.running import Runner, SoundError
from display.voice.sayings import sayings
from display.voice.voices import Clips, Espeak, Voice
from tests.support.waiting import until


def announced(number: str, counter: str = "3", call: int = 1) -> Announcement:
    return Announcement(f"ticket {number}", number, counter, call, time.monotonic())


def script(path: Path, text: str) -> str:
    """A program of our own in place of a real one."""
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


@contextmanager
def speaking(voices: list[Voice], player: Player, runner: Runner, *languages: str) -> Iterator[Announcer]:
    sounds: list[bool] = []
    announcer = Announcer(voices, player, runner.halted, on_sound=sounds.append)
    announcer.speak_in(languages)
    announcer.start()
    yield announcer
    announcer.stop()


def index(folder: Path) -> list[str]:
    """What was heard, in order."""
    path = folder / "index.txt"
    lines = path.read_text().splitlines(keepends=True) if path.exists() else []
    return [line.rstrip("\n").split("\t")[2] for line in lines if line.endswith("\n")]


@pytest.fixture
def runner() -> Runner:
    return Runner(threading.Event())


def test_twelve_calls_at_once_are_all_spoken_in_order_each_with_its_chime_and_whole(tmp_path: Path, runner: Runner) -> None:
    calls = [announced(f"A{at:03d}", str(at)) for at in range(12)]
    with speaking([Espeak(runner)], FilePlayer(tmp_path), runner, "en", "fr") as announcer:
        announcer.take(calls, frozenset(call.ticket for call in calls))
        until(lambda: len(index(tmp_path)) == 36, 60)
    heard = index(tmp_path)
    for at, call in enumerate(calls):
        spelled = " ".join(call.number)
        assert heard[3 * at : 3 * at + 3] == [
            f"chime {call.number}", f"en Ticket {spelled}, counter {at}", f"fr Ticket {spelled}, guichet {at}"
        ]  # fmt: skip
    lengths = [length_s(tmp_path / f"{at:04d}.wav") for at in range(1, 37)]
    assert all(1.0 < length < 8.0 for length in lengths)


def test_a_recall_is_heard_again(tmp_path: Path, runner: Runner) -> None:
    with speaking([Espeak(runner)], FilePlayer(tmp_path), runner, "en") as announcer:
        announcer.take([announced("A042")], frozenset())
        until(lambda: len(index(tmp_path)) == 2)
        announcer.take([announced("A042", call=2)], frozenset())
        until(lambda: len(index(tmp_path)) == 4)
    assert index(tmp_path)[:2] == index(tmp_path)[2:]


def test_one_sound_ends_before_the_next_begins(tmp_path: Path, runner: Runner) -> None:
    journal = tmp_path / "journal"
    player = AlsaPlayer(runner, script(tmp_path / "play", f"echo begin >>{journal}; sleep 0.05; echo end >>{journal}"))
    with speaking([Espeak(runner)], player, runner, "en", "fr") as announcer:
        announcer.take([announced("A001"), announced("A002")], frozenset())
        until(lambda: journal.exists() and len(journal.read_text().splitlines()) >= 14)
    assert journal.read_text().splitlines() == ["begin", "end"] * 7


def test_letters_and_digits_are_spelled_for_the_voice() -> None:
    (english, french) = sayings(announced("AX01", "3 & 4"), ("en", "fr"))
    assert english.text == "Ticket A X 0 1, counter 3 & 4"
    assert french.text == "Ticket A X 0 1, guichet 3 & 4"
    spelled = '<say-as interpret-as="characters">AX01</say-as>'
    assert english.ssml == f"<speak>Ticket {spelled}, counter 3 &amp; 4</speak>"


def test_a_language_without_words_or_voice_is_left_out_and_told_once(
    tmp_path: Path, runner: Runner, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        caplog.at_level(logging.WARNING),
        speaking([Espeak(runner)], FilePlayer(tmp_path), runner, "rw", "sw", "en") as announcer,
    ):
        announcer.take([announced("A001"), announced("A002")], frozenset())
        until(lambda: len(index(tmp_path)) == 4)
    assert [line.split()[0] for line in index(tmp_path)] == ["chime", "en", "chime", "en"]
    told = [record.getMessage() for record in caplog.records]
    assert told == ["there are no words to call in sw", "nobody here speaks rw: its calls are only shown"]


def test_recorded_clips_are_joined_for_a_language_that_has_them(tmp_path: Path, runner: Runner) -> None:
    clips, heard = tmp_path / "clips", tmp_path / "heard"
    record(clips / "rw", "ticket", "counter", *"a0123456789")
    with speaking([Clips(clips), Espeak(runner)], FilePlayer(heard), runner, "rw") as announcer:
        announcer.take([announced("A042", "12")], frozenset())
        until(lambda: len(index(heard)) == 2)
    assert index(heard)[1] == "rw Itike A 0 4 2, idirishya 12"
    assert length_s(heard / "0002.wav") == pytest.approx(8 * 0.1)


def test_a_counter_may_have_a_clip_of_its_own(tmp_path: Path) -> None:
    record(tmp_path / "rw", "ticket", "counter-12", *"a042")
    Clips(tmp_path).say(sayings(announced("A042", "12"), ("rw",))[0], tmp_path / "out.wav")
    assert length_s(tmp_path / "out.wav") == pytest.approx(6 * 0.1)


def test_a_clip_that_is_missing_or_of_another_form_is_told(tmp_path: Path) -> None:
    record(tmp_path / "rw", "ticket", *"a04")
    (saying,) = sayings(announced("A042"), ("rw",))
    with pytest.raises(SoundError):
        Clips(tmp_path).say(saying, tmp_path / "out.wav")
    record(tmp_path / "rw", "2", "3", "counter", rate_hz=8000)
    with pytest.raises(SoundError, match="another form"):
        Clips(tmp_path).say(saying, tmp_path / "out.wav")


@pytest.mark.parametrize("broken", ["exit 1", "sleep 30", "echo nonsense"])
def test_a_voice_that_fails_or_hangs_is_passed_over(tmp_path: Path, runner: Runner, broken: str) -> None:
    voice = Espeak(
        runner, script(tmp_path / "espeak", f'[ "${{1#--voices}}" = "$1" ] || {{ echo a; echo b; exit; }}; {broken}'), 0.3
    )
    with speaking([voice], FilePlayer(tmp_path / "heard"), runner, "en") as announcer:
        announcer.take([announced("A001"), announced("A002")], frozenset())
        until(lambda: len(index(tmp_path / "heard")) == 2)
    assert index(tmp_path / "heard") == ["chime A001", "chime A002"]


def test_a_missing_voice_is_told_once_and_the_chime_goes_on(
    tmp_path: Path, runner: Runner, caplog: pytest.LogCaptureFixture
) -> None:
    with speaking([Espeak(runner, "no-such-espeak")], FilePlayer(tmp_path), runner, "en") as announcer:
        announcer.take([announced("A001"), announced("A002")], frozenset())
        until(lambda: len(index(tmp_path)) == 2)
    assert len([record for record in caplog.records if "no-such-espeak" in record.getMessage()]) == 1


def test_a_missing_sound_card_is_known_before_the_first_call_and_told_once(
    tmp_path: Path, runner: Runner, caplog: pytest.LogCaptureFixture
) -> None:
    gate = tmp_path / "card"
    player = AlsaPlayer(runner, script(tmp_path / "play", f'[ -e {gate} ] || {{ echo "no card" >&2; exit 1; }}'))
    sounds: list[bool] = []
    announcer = Announcer([Espeak(runner)], player, runner.halted, on_sound=sounds.append)
    announcer.speak_in(("en",))
    announcer.start()
    until(lambda: sounds == [False])
    announcer.take([announced("A001"), announced("A002")], frozenset())
    gate.touch()
    announcer.take([announced("A003")], frozenset())
    until(lambda: sounds == [False, True])
    announcer.stop()
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == [
        f"there is no sound: {tmp_path}/play: no card"
    ]


def test_the_end_of_the_program_is_not_held_up_by_a_long_sound(tmp_path: Path, runner: Runner) -> None:
    started = tmp_path / "started"
    player = AlsaPlayer(runner, script(tmp_path / "play", f"touch {started}; exec sleep 30"))
    announcer = Announcer([Espeak(runner)], player, runner.halted)
    announcer.start()
    until(started.exists)
    announcer.stop()
    until(lambda: not any(thread.name == "announcer" for thread in threading.enumerate()))


def test_the_chime_is_made_once_and_is_sound(tmp_path: Path) -> None:
    path = write_chime(tmp_path / "chime.wav")
    made = path.stat().st_mtime_ns
    with wave.open(str(path), "rb") as read:
        assert (read.getnchannels(), read.getsampwidth(), read.getframerate()) == (1, 2, RATE_HZ)
        loudest = max(abs(sample) for sample in memoryview(read.readframes(read.getnframes())).cast("h"))
    assert 8_000 < loudest < 24_000
    assert write_chime(path).stat().st_mtime_ns == made


def record(folder: Path, *clips: str, rate_hz: int = 16_000) -> None:
    """Clips of a tenth of a second each."""
    folder.mkdir(parents=True, exist_ok=True)
    for clip in clips:
        with wave.open(str(folder / f"{clip}.wav"), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(rate_hz)
            out.writeframes(b"\0\0" * (rate_hz // 10))
