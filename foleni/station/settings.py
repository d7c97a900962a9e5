"""The settings that all device programs share."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Self

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from foleni.ids import Slug
from foleni.settings import HostPort, MqttUrl, Settings, Text

_SIZE = re.compile(r"([1-9][0-9]{2,4})x([1-9][0-9]{2,4})")
_PLACE = re.compile(r"(-?[0-9]{1,5}),(-?[0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class Seat:
    """A device's place in its branch: where the broker is, and who it is there."""

    mqtt: MqttUrl
    branch: str
    device: str


class StationSettings(Settings):
    """Where a device finds its branch, and who it is there; or, with no `mqtt`, how it joins one by itself."""

    mqtt: MqttUrl | None = Field(
        None, description="mqtt[s]://user:password@host:port of the branch's broker (default: the box joins a branch by itself)"
    )
    branch: Slug | None = Field(None, description="id of the branch; of a box that joins, the only one that it may join")
    device: Slug | None = Field(None, description="id of this device in the branch; only with --mqtt")
    data: Path | None = Field(None, description="folder of the program's data; a box that joins keeps its membership there")
    server: HostPort | None = Field(None, description="HOST:PORT of the branch server's web side, where it is not announced")
    support: Annotated[str, StringConstraints(max_length=60)] = Field("", description="whom to call when a box is in trouble")
    forget: bool = Field(False, description="forget the branch that this box joined, and end")

    @property
    def seat(self) -> Seat | None:
        """The place in a branch; None for a box that has yet to join one."""
        if self.mqtt is None or self.branch is None or self.device is None:
            return None
        return Seat(self.mqtt, self.branch, self.device)

    @property
    def memory(self) -> Path | None:
        """The file in which a station remembers the servers of its branch; of a pair of them, which it heard last."""
        return self.data / "servers.json" if self.data is not None else None

    @property
    def taken_seat(self) -> Seat:
        """The same, of a program that has one."""
        if (seat := self.seat) is None:
            raise RuntimeError("this box has not joined a branch")
        return seat

    @field_validator("branch")
    @classmethod
    def _with_broker(cls, branch: str | None, info: ValidationInfo) -> str | None:
        if branch is None and info.data.get("mqtt") is not None:
            raise ValueError("missing")
        return branch

    @field_validator("device")
    @classmethod
    def _named(cls, device: str | None, info: ValidationInfo) -> str | None:
        if device is None and info.data.get("mqtt") is not None:
            raise ValueError("missing")
        if device is not None and "mqtt" in info.data and info.data["mqtt"] is None:
            raise ValueError("counts only with --mqtt: a box that joins gets its id from the branch")
        return device

    @field_validator("data")
    @classmethod
    def _kept_somewhere(cls, data: Path | None, info: ValidationInfo) -> Path | None:
        if data is None and "mqtt" in info.data and info.data["mqtt"] is None:
            raise ValueError("missing: a box that joins a branch (no --mqtt) keeps that it did")
        return data


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
