"""A USB stick, found by its label. Mounting it is the system's business: this program has no right to."""

import re
from pathlib import Path

from branch_server.keeping.errors import Fault, TargetError

_LABELS = Path("/dev/disk/by-label")
_MOUNTS = Path("/proc/self/mountinfo")
_MEDIA = Path("/media")
_OCTAL = re.compile(r"\\([0-7]{3})")


def mounted_stick(label: str, labels: Path = _LABELS, mounts: Path = _MOUNTS, media: Path = _MEDIA) -> Path:
    """Where the stick with this label is mounted: by its device, or at the place that the system keeps for it, because a
    sandbox hides devices. Raises `TargetError` where there is none.
    """
    device = labels / label
    kept = media / label.lower()
    for line in mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines():
        before, _, behind = line.partition(" - ")
        place, (kind, source) = Path(_plain(before.split()[4])), behind.split()[:2]
        if kind != "autofs" and (place == kept or _is_same(device, Path(_plain(source)))):
            return place
    if device.exists():
        raise TargetError(Fault.NOT_THERE, f"the USB stick {label} is plugged in but not mounted")
    raise TargetError(Fault.NOT_THERE, f"no USB stick with the label {label} is plugged in")


def _is_same(device: Path, source: Path) -> bool:
    return device.exists() and device.resolve() == source.resolve()


def _plain(text: str) -> str:
    """Blanks and the like stand as octal numbers there."""
    return _OCTAL.sub(lambda found: chr(int(found.group(1), 8)), text)
