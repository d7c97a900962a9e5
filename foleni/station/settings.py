"""The settings that all device programs share."""

import re
from dataclasses import dataclass
from typing import ClassVar, Self

from pydantic import Field

from foleni.ids import Slug
from foleni.settings import MqttUrl, Settings, Text

_SIZE = re.compile(r"([1-9][0-9]{2,4})x([1-9][0-9]{2,4})")
_PLACE = re.compile(r"(-?[0-9]{1,5}),(-?[0-9]{1,5})")


class StationSettings(Settings):
    """Where a device finds its branch, and who it is there."""

    mqtt: MqttUrl = Field(description="mqtt[s]://user:password@host:port of the branch's broker")
    branch: Slug = Field(description="id of the branch")
    device: Slug = Field(description="id of this device in the branch")


@dataclass(frozen=True, slots=True)
class WindowSize(Text):
    """`WIDTHxHEIGHT` in px."""

    width: int
    height: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises `ValueError` for anything but WIDTHxHEIGHT."""
        found = _SIZE.fullmatch(text)
        if found is None:
            raise ValueError("must be WIDTHxHEIGHT, such as 1080x1920")
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


@dataclass(frozen=True, slots=True)
class WindowPlace(Text):
    """`X,Y` of a window's upper left corner in px."""

    x: int
    y: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises `ValueError` for anything but X,Y."""
        found = _PLACE.fullmatch(text)
        if found is None:
            raise ValueError("must be X,Y, such as 0,0")
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.x},{self.y}"


class WindowSettings(StationSettings):
    """A device with a screen."""

    usual_px: ClassVar[tuple[int, int]]
    """The size of its window where none is given."""

    fullscreen: bool = Field(False, description="fill the screen")
    size: WindowSize | None = Field(None, description="WIDTHxHEIGHT of the window in px; with --fullscreen, of the screen")
    at: WindowPlace | None = Field(None, description="X,Y of the window's upper left corner in px")

    @property
    def size_px(self) -> tuple[int, int] | None:
        """The window's width and height; None where the screen's own are taken."""
        if self.size is not None:
            return self.size.width, self.size.height
        return None if self.fullscreen else self.usual_px

    @property
    def at_px(self) -> tuple[int, int] | None:
        """Where the window is to be, if that was said."""
        return None if self.at is None else (self.at.x, self.at.y)
