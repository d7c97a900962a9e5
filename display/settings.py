"""What `foleni-display` is started with."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from foleni.station.settings import StationSettings

_SIZE = r"^[1-9][0-9]{2,3}x[1-9][0-9]{2,3}$"
_WINDOW_PX = (1280, 720)
_SOUND = r"^(alsa|none|file:.+)$"


class DisplaySettings(StationSettings):
    """A display's place, its screen and its voice."""

    fullscreen: bool = Field(False, description="take the whole screen")
    size: Annotated[str, StringConstraints(pattern=_SIZE)] | None = Field(
        None, description="WIDTHxHEIGHT of the window, or of the whole screen, in px (default: 1280x720, or the screen's own)"
    )
    mute: bool = Field(False, description="no chime and no voice")
    sound: Annotated[str, StringConstraints(pattern=_SOUND)] = Field(
        "alsa", description="alsa (the sound card), none, or file:DIR, which keeps what would be heard"
    )
    clips: Path | None = Field(
        None, description="folder of recorded voices: DIR/<language>/ticket.wav, counter.wav, a.wav, 0.wav …"
    )
    media: Path | None = Field(None, description="folder of PNG and JPEG pictures for the panel")

    @property
    def size_px(self) -> tuple[int, int] | None:
        """The window's width and height; None where the screen's own are taken."""
        if self.size is None:
            return None if self.fullscreen else _WINDOW_PX
        width, height = self.size.split("x")
        return int(width), int(height)
