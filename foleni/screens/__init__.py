"""Touch screens and boards on Kivy. Call `prepare` first; what needs Kivy is imported when it is first named."""

from importlib import import_module
from typing import TYPE_CHECKING

from foleni.screens.setting import prepare
from foleni.screens.stage import ScreenError, Stage

if TYPE_CHECKING:
    from foleni.screens.keys import Key
    from foleni.screens.panels import Panel, Row, paint
    from foleni.screens.pictures import Picture, Qr, qr_texture
    from foleni.screens.text import Text

__all__ = ["Key", "Panel", "Picture", "Qr", "Row", "ScreenError", "Stage", "Text", "paint", "prepare", "qr_texture"]

_HOMES = {
    "Key": "keys",
    "Panel": "panels",
    "Picture": "pictures",
    "Qr": "pictures",
    "Row": "panels",
    "Text": "text",
    "paint": "panels",
    "qr_texture": "pictures",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
