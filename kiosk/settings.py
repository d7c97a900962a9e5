"""What `foleni-kiosk` is started with."""

from pathlib import Path
from typing import Annotated, Any, Literal

import phonenumbers
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from foleni.station.settings import WindowSettings
from kiosk.printer.url import checked


def _known_region(region: str) -> str:
    if region not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError("must be a country's two letters, such as RW")
    return region


def _known_width(value: Any) -> Any:
    """A width of paper may be written in dots or in millimetres."""
    return {"576": 576, "384": 384, "80": 576, "58": 384}.get(str(value).removesuffix("mm"), value)


Region = Annotated[str, AfterValidator(_known_region)]
PaperWidth = Annotated[Literal[576, 384], BeforeValidator(_known_width)]
PrinterUrl = Annotated[str, AfterValidator(checked)]
StaffCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{4,12}$")]


class KioskSettings(WindowSettings):
    """A kiosk: its branch, its data, its printer, its screen, and how it treats people."""

    usual_px = (1080, 1920)

    data: Path = Field(description="folder of the kiosk's data")
    printer: PrinterUrl = Field(
        description="tcp://host:9100, usb://04b8:0e15, serial:///dev/ttyUSB0?baud=115200, file:///path, dummy://"
    )
    paper: PaperWidth | None = Field(None, description="width of the paper in dots, 576 or 384 (default: as in the template)")
    logo: Path | None = Field(None, description="picture of the branch's logo, printed on top of each ticket")
    region: Region = Field("RW", description="country of phone numbers that are typed without +, such as RW")
    ask_phone: bool = Field(False, description="ask for a phone number, which the customer may skip")
    staff_code: StaffCode | None = Field(None, description="digits that open the staff page (default: there is none)")
