"""Which of two slots systemd-boot starts, as files on the boot partition; RAUC asks and tells it through `rauc-boot`.

Each slot has a folder `foleni/<slot>` with its kernel and its initrd; what an update put there has `entry.conf` (its boot
entry) and `release` (its version) as well. A slot has at most one entry, `loader/entries/foleni-<slot>[+LEFT[-DONE]].conf`.
systemd-boot counts LEFT down with each start and takes, of the entries with tries left, the one with the highest `version`,
which here is a generation. So the entry of the slot that is known to work is never touched by an update: whatever is cut off in
the middle, that one can be started.
"""

import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from foleni.files import keep_names, write_whole
from foleni.updating.errors import InstallError

SLOTS = ("a", "b")
TRIES = 3
_ENTRY = re.compile(r"foleni-(?P<slot>[ab])(\+(?P<left>[0-9]+)(-(?P<done>[0-9]+))?)?\.conf")
_GENERATION = re.compile(r"^version[ \t]+([0-9]+)[ \t]*$", re.MULTILINE)
_ORDER = re.compile(r"^(version|sort-key)[ \t].*\n?", re.MULTILINE)
_TITLE = re.compile(r"^title[ \t].*?(\S+)[ \t]*$", re.MULTILINE)


class BootError(InstallError):
    """The boot partition cannot be used."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A slot's boot entry. `left` is None where it is not counted any more: it has proved itself."""

    slot: str
    path: Path
    generation: int
    left: int | None

    @property
    def is_blessed(self) -> bool:
        return self.left is None

    @property
    def is_startable(self) -> bool:
        return self.left is None or self.left > 0


class BootEntries:
    """The boot entries on the boot partition that is mounted at `esp`. Every method raises `BootError`."""

    def __init__(self, esp: Path) -> None:
        self._esp = esp
        self._folder = esp / "loader" / "entries"

    def entry(self, slot: str) -> Entry | None:
        """The entry of a slot; of two, which only a power cut can leave, the newer one."""
        found = [entry for entry in self._all() if entry.slot == slot]
        return max(found, key=lambda entry: (entry.is_startable, entry.generation), default=None)

    def release(self, slot: str) -> str | None:
        """The version of what lies in a slot; of what came with the disk the last word of its title."""
        with suppress(OSError, ValueError):
            return self._of(slot, "release").read_text("ascii").strip() or None
        entry = self.entry(slot)
        titled = _TITLE.search(_text(entry.path)) if entry is not None else None
        return titled[1] if titled is not None else None

    def primary(self) -> str | None:
        """The slot that the next start takes."""
        found = [entry for entry in self._all() if entry.is_startable]
        return max(found, key=lambda entry: entry.generation).slot if found else None

    def set_primary(self, slot: str) -> None:
        """The next start takes `slot`, and goes back to the other one where it fails `TRIES` times. One that is first already
        stays as it is, so that asking twice is asking once.
        """
        _check(slot)
        known = self.entry(slot)
        if self.primary() == slot and known is not None:
            return
        generation = max((entry.generation for entry in self._all()), default=0) + 1
        try:
            body = _ORDER.sub("", self._body(slot, known))
            text = f"sort-key foleni\nversion {generation}\n{body}"
            write_whole(self._folder / f"foleni-{slot}+{TRIES}.conf", text.encode(), 0o644)
        except (OSError, ValueError) as error:
            raise BootError(f"slot {slot} cannot be made the one to start: {error}") from error
        self._remove(slot, spared=f"foleni-{slot}+{TRIES}.conf")

    def set_bad(self, slot: str) -> None:
        """`slot` is not started any more. Refused where nothing else could be."""
        _check(slot)
        if not any(entry.is_startable for entry in self._all() if entry.slot != slot):
            raise BootError(f"slot {slot} is the only one that can be started")
        self._remove(slot)

    def give_up(self, slot: str) -> None:
        """`slot` counts as tried without success. Refused where nothing else could be started."""
        entry = self.entry(slot)
        if entry is None or not entry.is_startable:
            return
        if not any(other.is_startable for other in self._all() if other.slot != slot):
            raise BootError(f"slot {slot} is the only one that can be started")
        self._rename(entry, f"foleni-{slot}+0-{TRIES}.conf")

    def set_good(self, slot: str) -> None:
        """`slot` has proved itself: its tries are not counted any more."""
        entry = self.entry(slot)
        if entry is None:
            raise BootError(f"slot {slot} has no boot entry")
        if not entry.is_blessed:
            self._rename(entry, f"foleni-{slot}.conf")

    def _all(self) -> list[Entry]:
        try:
            paths = sorted(self._folder.iterdir())
        except OSError as error:
            raise BootError(f"{self._folder} cannot be read: {error.strerror}") from error
        found = []
        for path in paths:
            named = _ENTRY.fullmatch(path.name)
            if named is not None:
                left = named["left"]
                found.append(Entry(named["slot"], path, _generation(path), None if left is None else int(left)))
        return found

    def _rename(self, entry: Entry, name: str) -> None:
        try:
            entry.path.replace(self._folder / name)
            keep_names(self._folder)
        except OSError as error:
            raise BootError(f"{entry.path.name} cannot be renamed: {error.strerror}") from error

    def _remove(self, slot: str, spared: str = "") -> None:
        try:
            for entry in self._all():
                if entry.slot == slot and entry.path.name != spared:
                    entry.path.unlink(missing_ok=True)
            keep_names(self._folder)
        except OSError as error:
            raise BootError(f"the entry of slot {slot} cannot be removed: {error.strerror}") from error

    def _body(self, slot: str, known: Entry | None) -> str:
        try:
            return self._of(slot, "entry.conf").read_text("utf-8")
        except FileNotFoundError:
            if known is None:
                raise
            return known.path.read_text("utf-8")

    def _of(self, slot: str, name: str) -> Path:
        return self._esp / "foleni" / slot / name


def _generation(path: Path) -> int:
    found = _GENERATION.search(_text(path))
    return int(found[1]) if found is not None else 0


def _text(path: Path) -> str:
    with suppress(OSError, ValueError):
        return path.read_text("utf-8")
    return ""


def _check(slot: str) -> None:
    if slot not in SLOTS:
        raise BootError(f"there is no slot {slot!r}")


def main(argv: Sequence[str] | None = None, esp: Path = Path("/efi")) -> int:
    """What RAUC calls: `get-primary`, `set-primary SLOT`, `get-state SLOT`, `set-state SLOT good|bad`."""
    try:
        told = _obeyed(BootEntries(esp), sys.argv[1:] if argv is None else argv)
    except BootError as error:
        print(f"rauc-boot: {error}", file=sys.stderr)  # noqa: T201 - RAUC's log has it
        return 1
    if told:
        print(told)  # noqa: T201 - the answer that RAUC reads
    return 0


def _obeyed(entries: BootEntries, asked: Sequence[str]) -> str:
    match list(asked):
        case ["get-primary"]:
            return entries.primary() or ""
        case ["get-state", slot]:
            entry = entries.entry(slot)
            return "good" if entry is not None and entry.is_startable else "bad"
        case ["set-primary", slot]:
            entries.set_primary(slot)
        case ["set-state", slot, "bad"]:
            entries.set_bad(slot)
        case ["set-state", slot, "good"]:
            entries.set_good(slot)
        case other:
            raise BootError(f"unknown request: {' '.join(other)}")
    return ""


if __name__ == "__main__":
    sys.exit(main())
