"""Is there room, can it be written, and is the disk itself well?"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from foleni.doctor.box import Box
from foleni.doctor.finding import Finding, bad, ok, warn

_MIB = 1 << 20
_LITTLE, _VERY_LITTLE = 0.15, 0.05
_LITTLE_MIB, _VERY_LITTLE_MIB = 1024, 200
_SMART_S = 10.0
_WORN, _WORN_OUT = 9, 11
_MAKE_ROOM = "Find what is large: du -xh --max-depth=2 {folder} | sort -h | tail. Old backups and media are safe to move away."


def check_disk(box: Box) -> Iterator[Finding]:
    folders = [box.places.state, box.branch_data] if box.is_branch else [box.places.state]
    seen = set()
    for folder in folders:
        if folder.is_dir() and (device := folder.stat().st_dev) not in seen:
            seen.add(device)
            yield from room(folder)
            yield from _writing(folder)
    if not seen:
        yield bad(f"{box.places.state} is not there", "The data partition is missing: restart the box, else replace the disk.")
    yield from _flash(box.places.sys)
    yield from _smart()


def room(folder: Path) -> Iterator[Finding]:
    """Bytes and names that are left on the folder's disk."""
    disk = os.statvfs(folder)
    free_mib, whole_mib = disk.f_bavail * disk.f_frsize / _MIB, max(1, disk.f_blocks * disk.f_frsize) / _MIB
    share = free_mib / whole_mib
    text = f"{folder} has {_size(free_mib)} of {_size(whole_mib)} left"
    if share < _VERY_LITTLE or free_mib < min(_VERY_LITTLE_MIB, whole_mib / 10):
        yield bad(f"{text}: soon nothing can be kept", _MAKE_ROOM.format(folder=folder))
    elif share < _LITTLE or free_mib < min(_LITTLE_MIB, whole_mib / 4):
        yield warn(text, _MAKE_ROOM.format(folder=folder))
    else:
        yield ok(text)
    if disk.f_files and disk.f_favail / disk.f_files < _VERY_LITTLE:
        yield bad(f"{folder} has no names for more files left", f"Find what is many: du --inodes -x {folder} | sort -n | tail.")


def _writing(folder: Path) -> Iterator[Finding]:
    """Tries it for real: a disk that has become read-only looks well otherwise."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"foleni doctor")
            file.flush()
            os.fsync(file.fileno())
    except PermissionError:
        yield warn(f"whether {folder} can be written is not known", "Run the doctor as root: sudo foleni doctor.")
    except OSError as error:
        yield bad(
            f"{folder} cannot be written: {error.strerror}",
            "A disk that turns read-only is failing: make a backup now, restart the box once, and replace the disk.",
        )


def _flash(sys: Path) -> Iterator[Finding]:
    """What a soldered flash disk (eMMC) says of its age, in tenths of its life."""
    for file in sorted((sys / "block").glob("mmcblk*/device/life_time")):
        worn = max((int(word, 16) for word in file.read_text("ascii").split()), default=0)
        name = file.parents[1].name
        if worn >= _WORN_OUT:
            yield bad(f"the disk {name} is past its life", "Make a backup and replace the box: docs/replace.md.")
        elif worn >= _WORN:
            yield warn(f"the disk {name} has used {worn * 10 - 10} % of its life", "Plan to replace it within the year.")


def _smart() -> Iterator[Finding]:
    program = shutil.which("smartctl", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None or os.geteuid() != 0:
        return
    for name in _asked(program, "--scan").get("devices", []):
        told = _asked(program, "--health", str(name.get("name")))
        if told.get("smart_status", {}).get("passed") is False:
            yield bad(f"the disk {name.get('name')} says that it fails soon", "Make a backup now, and replace the disk.")


def _asked(program: str, *arguments: str) -> dict:  # type: ignore[type-arg]
    try:
        done = subprocess.run(  # noqa: S603 - the system's own program
            [program, "--json", *arguments], capture_output=True, timeout=_SMART_S, check=False
        )
        told = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return {}
    return told if isinstance(told, dict) else {}


def _size(mib: float) -> str:
    return f"{mib / 1024:.1f} GB" if mib >= 1024 else f"{mib:.0f} MB"
