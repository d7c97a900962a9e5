"""The real box: RAUC writes slots, systemd-boot's entries say which one is started."""

import json
import logging
import os
import re
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from foleni.updating.boot import SLOTS, BootEntries
from foleni.updating.errors import InstallError, RefusedError, UpdateError
from foleni.updating.ports import Bundle

_log = logging.getLogger(__name__)

_INSPECT_S = 120.0
_INSTALL_S = 1800.0
_BUSY_FRESH_S = 300.0
"""A program that says it is busy says so again within this time; an older mark was left by one that died."""
_SLOT = re.compile(r"(?:^|\s)foleni\.slot=([ab])(?:\s|$)")
_SAYS_WHY = re.compile("[Ee]rror|[Ff]ailed")
_FOREIGN = ("signature", "certificate", "verify", "keyring", "input/output error")
_MARKS = ("foleni*/busy", "foleni/*/busy")


@dataclass(frozen=True, slots=True)
class Paths:
    """Where things are on an image; other places are for tests."""

    esp: Path = Path("/efi")
    release: Path = Path("/usr/lib/foleni/release")
    cmdline: Path = Path("/proc/cmdline")
    boot_id: Path = Path("/proc/sys/kernel/random/boot_id")
    run: Path = Path("/run")
    rauc: Sequence[str] = ("rauc",)
    rauc_conf: Path = Path("/etc/rauc/system.conf")
    restart: Sequence[str] = ("systemctl", "--no-block", "reboot")


@dataclass(slots=True)
class RaucBox:
    """A machine that was installed from an image. Raises `UpdateError` where it was not."""

    paths: Paths = field(default_factory=Paths)
    compatible: str = field(init=False)
    version: str = field(init=False)
    boot_id: str = field(init=False)
    slot: str = field(init=False)
    _entries: BootEntries = field(init=False)

    def __post_init__(self) -> None:
        known = _pairs(self.paths.release)
        booted = _SLOT.search(_read(self.paths.cmdline))
        try:
            self.version = known["VERSION"]
            self.compatible = known["COMPATIBLE"]
        except KeyError as error:
            raise UpdateError(f"this system was not installed from an image: its release has no {error}") from error
        if booted is None:
            raise UpdateError("this system was not started from a slot of an image")
        self.slot = booted[1]
        self.boot_id = _read(self.paths.boot_id).strip()
        self._entries = BootEntries(self.paths.esp)

    @property
    def spare(self) -> str:
        return next(slot for slot in SLOTS if slot != self.slot)

    @property
    def uptime_s(self) -> float:
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    @property
    def is_blessed(self) -> bool:
        entry = self._entries.entry(self.slot)
        return entry is not None and entry.is_blessed

    def release(self, slot: str) -> str | None:
        return self._entries.release(slot)

    def is_startable(self, slot: str) -> bool:
        entry = self._entries.entry(slot)
        return entry is not None and entry.is_startable

    def was_tried(self, slot: str) -> bool:
        entry = self._entries.entry(slot)
        return entry is not None and not entry.is_startable

    def busy(self) -> str:
        for mark in (path for pattern in _MARKS for path in self.paths.run.glob(pattern)):
            with suppress(OSError):
                if time.time() - mark.stat().st_mtime < _BUSY_FRESH_S:
                    return f"{mark.parent.name} is in use"
        return ""

    def inspect(self, bundle: Path) -> Bundle:
        done = self._rauc("info", "--output-format=json", str(bundle), within_s=_INSPECT_S)
        if done.returncode != 0:
            raise RefusedError(_refusal(done))
        try:
            told = json.loads(done.stdout)
            return Bundle(str(told["compatible"]), str(told["version"]))
        except (ValueError, KeyError, TypeError) as error:
            raise RefusedError("its manifest cannot be read") from error

    def install(self, bundle: Path) -> None:
        done = self._rauc("install", str(bundle), within_s=_INSTALL_S)
        if done.returncode == 0:
            return
        reason = _last_error(done)
        if any(word in reason.lower() for word in _FOREIGN):
            raise RefusedError(f"its signature or its content is not right: {reason}")
        raise InstallError(reason)

    def prefer(self, slot: str) -> None:
        self._entries.set_primary(slot)

    def drop(self, slot: str) -> None:
        self._entries.set_bad(slot)

    def give_up(self, slot: str) -> None:
        self._entries.give_up(slot)

    def restart(self) -> None:
        os.sync()
        try:
            subprocess.run(self.paths.restart, check=True, timeout=60.0, capture_output=True)  # noqa: S603 - set by the house
        except (OSError, subprocess.SubprocessError) as error:
            raise UpdateError(f"the machine does not restart: {error}") from error

    def _rauc(self, command: str, *arguments: str, within_s: float) -> subprocess.CompletedProcess[str]:
        whole = [*self.paths.rauc, f"--conf={self.paths.rauc_conf}", command, *arguments]
        try:
            return subprocess.run(  # noqa: S603 - paths of our own; the bundle is named by its digest
                whole, capture_output=True, text=True, errors="replace", timeout=within_s, check=False
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise InstallError(f"RAUC cannot be run: {error}") from error


def _refusal(done: subprocess.CompletedProcess[str]) -> str:
    reason = _last_error(done)
    if any(word in reason.lower() for word in _FOREIGN):
        return f"it is not signed by whom this box trusts, or it was changed: {reason}"
    return f"it is no bundle, or a broken one: {reason}"


def _last_error(done: subprocess.CompletedProcess[str]) -> str:
    """The line in which RAUC says why."""
    lines = [line.strip() for line in f"{done.stdout}\n{done.stderr}".splitlines() if line.strip()]
    said = [line.partition("LastError:")[2] for line in lines if "LastError:" in line]
    told = said or [line for line in lines if _SAYS_WHY.search(line)]
    return (told or lines or [f"status {done.returncode}"])[-1].strip()[:200]


def _pairs(path: Path) -> dict[str, str]:
    pairs = (line.partition("=") for line in _read(path).splitlines())
    return {name.strip(): value.strip().strip("\"'") for name, _, value in pairs}


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", errors="replace")
    except OSError as error:
        raise UpdateError(f"{path} cannot be read: {error.strerror}") from error
