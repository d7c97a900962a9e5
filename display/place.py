"""The branch as this screen knows it: its names, its languages, its clock."""

from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from foleni.messages.state import DeviceConfig

_MOST_LANGUAGES = 8


@dataclass(frozen=True, slots=True)
class Place:
    """`zone` is None while nobody has told it."""

    organization: str = ""
    names: dict[str, str] = field(default_factory=dict)
    languages: tuple[str, ...] = ("en",)
    zone: ZoneInfo | None = None


def place_of(config: DeviceConfig) -> Place:
    """What a device's configuration tells. It comes over the network: whatever cannot be used counts as not told."""
    branch = config.branch
    organization = branch.get("organization")
    return Place(
        organization if isinstance(organization, str) else "",
        _texts(branch.get("name")),
        _languages(branch.get("languages")) or ("en",),
        _zone(branch.get("time_zone")),
    )


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
