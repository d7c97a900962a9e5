"""The page on counter units tells the truth: its frames, its conversation and its settings are tried."""

import re
import tomllib
from pathlib import Path

from counter.firmware.foleni_unit import Unit
from counter.line.frames import Decoder, decode
from counter.line.picture import Note
from counter.presses import KEYS, Action
from counter.settings import CounterSettings

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "counter-units.md").read_text(encoding="utf-8")
SAID = re.compile(r"^    (agent|unit) +(\$\S+)", re.MULTILINE)


def test_every_frame_on_the_page_is_whole() -> None:
    frames = re.findall(r"\$\d\d:\d+:[A-Z]\S*\*[0-9A-F]{4}", PAGE)
    assert len(frames) >= 17
    assert all(decode(frame.encode()) for frame in frames)


def test_the_reference_unit_says_what_the_conversation_says() -> None:
    unit, now, said = Unit(7), 0, SAID.findall(PAGE)
    assert [who for who, _ in said] == ["agent", "unit"] * (len(said) // 2)
    for (_, asked), (_, answered) in zip(said[::2], said[1::2], strict=True):
        now += 500
        (answer,) = Decoder().feed(f"{answered}\n".encode())
        if answer.kind in {"K", "D", "L"}:
            assert unit.press(answer.kind.value, answer.fields[0], now)
        assert unit.feed(f"{asked}\n".encode(), now).decode().strip() == answered


def test_the_settings_on_the_page_are_taken() -> None:
    text = PAGE.split("```toml\n")[1].split("```")[0]
    given = CounterSettings.model_validate(
        tomllib.loads(text.replace("…", "x")) | {"mqtt": "mqtt://h", "branch": "b", "device": "pad-1"}
    )
    assert len(given.button) == len(given.accounts) == len(given.line[0].unit) == 2


def test_every_note_action_and_key_is_on_the_page() -> None:
    for word in (*Note, *Action, *KEYS):
        assert not word or f"`{word}`" in PAGE, word
