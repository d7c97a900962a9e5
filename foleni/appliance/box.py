"""Which box this is, and where its things are. Every path is below a root, so that tests can have one of their own."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Box:
    """One box. `root` is `/` outside tests."""

    root: Path = Path("/")

    @property
    def boot_file(self) -> Path:
        return self.root / "efi/foleni.txt"

    @property
    def settings(self) -> Path:
        """Where the programs look for theirs: in memory, written anew at every start."""
        return self.root / "etc/foleni"

    @property
    def usual_settings(self) -> Path:
        """The image's own, which `foleni.txt` goes on top of."""
        return self.root / "usr/share/foleni/etc"

    @property
    def run(self) -> Path:
        """What holds until the next start."""
        return self.root / "run/foleni-box"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def is_storage_broken(self) -> bool:
        return (self.run / "storage-broken").exists()

    @property
    def slot(self) -> str:
        """Which of the two systems runs: a or b; empty where it is not known."""
        for word in _text(self.root / "proc/cmdline").split():
            if word.startswith("foleni.slot="):
                return word.partition("=")[2]
        return ""

    @property
    def short_id(self) -> str:
        """Four digits and letters that tell this box from its neighbours."""
        return _text(self.root / "etc/machine-id").strip()[:4] or "new"

    def about(self) -> dict[str, str]:
        """What the image says of itself: ROLE, TITLE, PROGRAM, VERSION, BUILT, ARCH, COMPATIBLE."""
        lines = _text(self.root / "usr/lib/foleni/release").splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)

    def faults(self) -> list[str]:
        """What was wrong in `foleni.txt` at this start."""
        return _text(self.run / "faults").splitlines()


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""
