"""The branch as this screen knows it: its names, its languages, its clock."""

import logging
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from foleni.messages.setup import TvSettings
from foleni.messages.state import DeviceConfig

logger = logging.getLogger(__name__)

_MOST_LANGUAGES = 8


@dataclass(frozen=True, slots=True)
class Place:
    """`zone` is None while nobody has told it; `languages` are those of this screen."""

    organization: str = ""
    names: dict[str, str] = field(default_factory=dict)
    languages: tuple[str, ...] = ("en",)
    zone: ZoneInfo | None = None
    device: str = ""
    device_names: dict[str, str] = field(default_factory=dict)
    tv: TvSettings = field(default_factory=TvSettings)


def place_of(config: DeviceConfig) -> Place:
    """What a device's configuration tells. It comes over the network: whatever cannot be used counts as not told."""
    branch = config.branch
    organization = branch.get("organization")
    tv = _tv(config.tv)
    return Place(
        organization if isinstance(organization, str) else "",
        _texts(branch.get("name")),
        _languages(tv.languages) or _languages(branch.get("languages")) or ("en",),
        _zone(branch.get("time_zone")),
        config.device,
        _texts(config.name),
        tv,
    )


def _tv(value: dict[str, Any] | None) -> TvSettings:
    """A newer server may tell more than this screen knows."""
    known = {name: told for name, told in (value or {}).items() if name in TvSettings.model_fields}
    try:
        return TvSettings.model_validate(known)
    except ValidationError as error:
        logger.warning(
            "the screen's settings cannot be read: %s", error.errors(include_input=False, include_url=False)[0]["msg"]
        )
        return TvSettings()


def _texts(value: Any) -> dict[str, str]:
    if isinstance(value, str):
        return {"en": value}
    items = value.items() if isinstance(value, dict) else ()
    return {key: text for key, text in items if isinstance(key, str) and isinstance(text, str)}


def _languages(value: Any) -> tuple[str, ...]:
    told = value if isinstance(value, list | tuple) else ()
    return tuple(dict.fromkeys(code for code in told if isinstance(code, str) and _is_code(code)))[:_MOST_LANGUAGES]


def _is_code(text: str) -> bool:
    return 2 <= len(text) <= 16 and text.replace("-", "").isascii() and text.replace("-", "").isalnum()


def _zone(value: Any) -> ZoneInfo | None:
    try:
        return ZoneInfo(value) if isinstance(value, str) else None
    except (KeyError, ValueError, OSError):
        return None
