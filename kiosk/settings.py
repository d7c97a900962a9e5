"""What `foleni-kiosk` is started with."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import phonenumbers
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from foleni.station.settings import StationSettings
from kiosk.printer.url import checked

_PLACE = re.compile(r"(-?[0-9]{1,5}),(-?[0-9]{1,5})")
_SIZE = re.compile(r"([1-9][0-9]{2,4})x([1-9][0-9]{2,4})")


@dataclass(frozen=True, slots=True)
class WindowSize:
    """`WIDTHxHEIGHT` in pixels."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


def _size(value: Any) -> Any:
    """Raises `ValueError` for anything but WIDTHxHEIGHT."""
    if not isinstance(value, str):
        return value
    found = _SIZE.fullmatch(value)
    if found is None:
        raise ValueError("must be WIDTHxHEIGHT, such as 1080x1920")
    return WindowSize(int(found[1]), int(found[2]))


@dataclass(frozen=True, slots=True)
class WindowPlace:
    """`X,Y` of a window's upper left corner in pixels."""

    x: int
    y: int


def _place(value: Any) -> Any:
    """Raises `ValueError` for anything but X,Y."""
    if not isinstance(value, str):
        return value
    found = _PLACE.fullmatch(value)
    if found is None:
        raise ValueError("must be X,Y, such as 0,0")
    return WindowPlace(int(found[1]), int(found[2]))


def _known_region(region: str) -> str:
    if region not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError("must be a country's two letters, such as RW")
    return region


def _known_width(value: Any) -> Any:
    """A width of paper may be written in dots or in millimetres."""
    return {"576": 576, "384": 384, "80": 576, "58": 384}.get(str(value).removesuffix("mm"), value)


Size = Annotated[WindowSize, BeforeValidator(_size)]
Place = Annotated[WindowPlace, BeforeValidator(_place)]
Region = Annotated[str, AfterValidator(_known_region)]
PaperWidth = Annotated[Literal[576, 384], BeforeValidator(_known_width)]
PrinterUrl = Annotated[str, AfterValidator(checked)]
StaffCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{4,12}$")]


class KioskSettings(StationSettings):
    """A kiosk: its branch, its data, its printer, its screen, and how it treats people."""

    data: Path = Field(description="folder of the kiosk's data")
    printer: PrinterUrl = Field(
        description="tcp://host:9100, usb://04b8:0e15, serial:///dev/ttyUSB0?baud=115200, file:///path, dummy://"
    )
    paper: PaperWidth | None = Field(None, description="width of the paper in dots, 576 or 384 (default: as in the template)")
    fullscreen: bool = Field(False, description="fill the screen")
    size: Size | None = Field(None, description="WIDTHxHEIGHT of the window (default: 1080x1920)")
    at: Place | None = Field(None, description="X,Y of the window's upper left corner")
    region: Region = Field("RW", description="country of phone numbers that are typed without +, such as RW")
    ask_phone: bool = Field(False, description="ask for a phone number, which the customer may skip")
    staff_code: StaffCode | None = Field(None, description="digits that open the staff page (default: there is none)")
