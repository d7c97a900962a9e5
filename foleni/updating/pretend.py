"""A box without a machine: it keeps the rules of the real one, for tests and for trying what a plan would do."""

from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from foleni.updating.errors import InstallError, RefusedError
from foleni.updating.ports import Bundle

TRIES = 3


@dataclass(slots=True)
class PretendBox:
    """Bundles are text: `compatible version`, and `broken` at their end for one that does not start well."""

    version: str = "1.0.0"
    compatible: str = "foleni-kiosk-x86-64"
    slot: str = "a"
    boot_id: str = "boot-1"
    uptime_s: float = 60.0
    why_busy: str = ""
    fails_to_write: bool = False
    slots: dict[str, str] = field(default_factory=dict)
    """What lies in each slot: its version, and perhaps `broken`."""
    left: dict[str, int | None] = field(default_factory=dict)
    """Tries left of each slot that has an entry; None for one that has proved itself."""
    generation: dict[str, int] = field(default_factory=dict)
    wants_restart: bool = False

    def __post_init__(self) -> None:
        self.slots.setdefault(self.slot, self.version)
        self.left.setdefault(self.slot, None)
        self.generation.setdefault(self.slot, 1)

    @property
    def spare(self) -> str:
        return "b" if self.slot == "a" else "a"

    @property
    def is_blessed(self) -> bool:
        return self.left.get(self.slot, 0) is None

    def release(self, slot: str) -> str | None:
        return self.slots.get(slot, "").partition(" ")[0] or None

    def is_startable(self, slot: str) -> bool:
        return slot in self.left and self.left[slot] != 0

    def was_tried(self, slot: str) -> bool:
        return self.left.get(slot) == 0 and slot in self.left

    def busy(self) -> str:
        return self.why_busy

    def inspect(self, bundle: Path) -> Bundle:
        words = bundle.read_text("utf-8").split()
        if words[0] == "foreign":
            raise RefusedError("it is not signed by whom this box trusts")
        return Bundle(words[0], words[1])

    def install(self, bundle: Path) -> None:
        self.drop(self.spare)
        self.slots.pop(self.spare, None)
        if self.fails_to_write:
            raise InstallError("the disk is full")
        self.slots[self.spare] = " ".join(bundle.read_text("utf-8").split()[1:])
        self.prefer(self.spare)

    def prefer(self, slot: str) -> None:
        if self.primary != slot:
            self.generation[slot] = max(self.generation.values(), default=0) + 1
            self.left[slot] = TRIES

    def drop(self, slot: str) -> None:
        self.left.pop(slot, None)
        self.generation.pop(slot, None)

    def give_up(self, slot: str) -> None:
        if slot in self.left:
            self.left[slot] = 0

    def restart(self) -> None:
        self.wants_restart = True

    @property
    def primary(self) -> str:
        """The slot that the next start takes."""
        return max((slot for slot in self.left if self.is_startable(slot)), key=lambda slot: self.generation[slot])

    def start_anew(self) -> None:
        """The machine goes through its start: a broken version falls back after its tries."""
        self.wants_restart = False
        self.boot_id = str(uuid4())
        self.uptime_s = 30.0
        self.slot = self._started()
        while "broken" in self.slots[self.slot]:
            self.slot = self._started()
        self.version = self.slots[self.slot].partition(" ")[0]

    def bless(self) -> None:
        """The application is healthy."""
        self.left[self.slot] = None

    def _started(self) -> str:
        slot = self.primary
        tries = self.left[slot]
        self.left[slot] = None if tries is None else tries - 1
        return slot
