"""What the display is started with."""

import pytest

from display.settings import DisplaySettings
from foleni import settings

WHO = ["--mqtt", "mqtt://127.0.0.1", "--branch", "main-street", "--device", "tv-1"]


@pytest.mark.parametrize(
    ("flags", "size"),
    [
        ([], (1280, 720)),
        (["--size", "3840x2160"], (3840, 2160)),
        (["--fullscreen"], None),
        (["--fullscreen", "--size", "1080x1920"], (1080, 1920)),
    ],
)
def test_the_size_is_that_of_the_window_or_of_the_screen(flags: list[str], size: tuple[int, int] | None) -> None:
    assert settings.load(DisplaySettings, "foleni-display", WHO + flags, {}).size_px == size


def test_it_plays_through_the_sound_card_unless_told_otherwise() -> None:
    given = settings.load(DisplaySettings, "foleni-display", WHO, {})
    assert (given.sound, given.mute, given.clips, given.media) == ("alsa", False, None, None)
