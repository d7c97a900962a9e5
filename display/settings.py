"""What `foleni-display` is started with."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from foleni.station.settings import WindowSettings

_SOUND = r"^(alsa|none|file:.+)$"


class DisplaySettings(WindowSettings):
    """A display's place, its screen and its voice."""

    usual_px = (1280, 720)

    mute: bool = Field(False, description="no chime and no voice")
    sound: Annotated[str, StringConstraints(pattern=_SOUND)] = Field(
        "alsa", description="alsa (the sound card), none, or file:DIR, which keeps what would be heard"
    )
    clips: Path | None = Field(
        None, description="folder of recorded voices: DIR/<language>/ticket.wav, counter.wav, a.wav, 0.wav …"
    )
    media: Path | None = Field(None, description="folder of PNG and JPEG pictures for the panel")
