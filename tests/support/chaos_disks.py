"""Disks that are full, refuse every write, or become read-only: real file systems where we may mount, else limits."""

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.chaos import ChaosBranch

_TMPFS_BYTES = 3 * 1024 * 1024
_LOOP_BYTES = 8 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024
_LIMIT_BYTES = 4096
"""Less than any write to the database ends at, and enough for the server's own words."""


class Disk:
    """Holds a data folder. Where nothing can be mounted it limits the size of the files that the server may write."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.is_full = False

    def fill(self, branch: ChaosBranch | None = None) -> None:
        """No room is left."""
        self.is_full = True
        _limit(branch, _LIMIT_BYTES)

    def free(self, branch: ChaosBranch | None = None) -> None:
        """There is room again."""
        self.is_full = False
        _limit(branch, resource.RLIM_INFINITY)

    @property
    def prefix(self) -> list[str]:
        """What a server must be started with, so that it feels this disk."""
        return ["prlimit", f"--fsize={_LIMIT_BYTES}:unlimited"] if self.is_full else []


class MountedDisk(Disk):
    """A small file system of its own."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._filler = folder / "filler"

    def fill(self, branch: ChaosBranch | None = None) -> None:
        with self._filler.open("wb", buffering=0) as filler:
            size = _CHUNK_BYTES
            while size:
                try:
                    filler.write(bytes(size))
                except OSError:
                    size //= 2

    def free(self, branch: ChaosBranch | None = None) -> None:
        self._filler.unlink()

    @property
    def prefix(self) -> list[str]:
        return []


def kinds_of_full_disk() -> list[str]:
    """Which of them work here."""
    return ["mounted", "limited"] if _may_mount() else ["limited"]


@contextmanager
def small_disk(folder: Path, kind: str) -> Iterator[Disk]:
    """A disk of a kind."""
    if kind == "limited":
        yield Disk(folder)
        return
    with _mounted(folder / "disk", "-t", "tmpfs", "-o", f"size={_TMPFS_BYTES}", "tmpfs"):
        yield MountedDisk(folder / "disk")


@contextmanager
def read_only(data: Path) -> Iterator[None]:
    """A data folder that nobody writes to is read-only for as long as this lasts."""
    if _may_mount():
        with _mounted(data, "--bind", str(data)):
            subprocess.run(["mount", "-o", "remount,bind,ro", str(data)], check=True)
            yield
        return
    data.chmod(0o500)
    try:
        yield
    finally:
        data.chmod(0o700)


@contextmanager
def failing_disk(folder: Path) -> Iterator[tuple[Path, "Failure"]]:
    """A data folder, and how to make it read-only under a running server, as the kernel does after a disk fault."""
    if not _may_loop():
        yield folder / "data", Failure(None)
        return
    image = folder / "disk.img"
    image.write_bytes(b"")
    os.truncate(image, _LOOP_BYTES)
    subprocess.run(["mkfs.ext4", "-q", str(image)], check=True)
    with _mounted(folder / "disk", "-o", "loop,errors=remount-ro", str(image)):
        found = subprocess.run(
            ["findmnt", "-no", "SOURCE", str(folder / "disk")], check=True, capture_output=True, text=True
        ).stdout.strip()
        yield folder / "disk" / "data", Failure(Path("/sys/fs/ext4", Path(found).name, "trigger_fs_error"))


class Failure:
    """The moment at which a disk fails."""

    def __init__(self, trigger: Path | None) -> None:
        self._trigger = trigger

    def strike(self, branch: ChaosBranch) -> None:
        if self._trigger is None:
            _limit(branch, _LIMIT_BYTES)
        else:
            self._trigger.write_text("a test\n")


def _limit(branch: ChaosBranch | None, size: int) -> None:
    if branch is not None and branch.is_running:
        resource.prlimit(branch.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@contextmanager
def _mounted(where: Path, *how: str) -> Iterator[None]:
    with ExitStack() as stack:
        where.mkdir(exist_ok=True)
        subprocess.run(["mount", *how, str(where)], check=True, capture_output=True)
        stack.callback(subprocess.run, ["umount", "--lazy", str(where)], check=True)
        yield


@cache
def _may_mount() -> bool:
    """Whether a trial mount works; being root is not enough in a container."""
    with TemporaryDirectory() as trial:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", trial], check=False, capture_output=True)
        if mounted.returncode == 0:
            subprocess.run(["umount", trial], check=True)
    return mounted.returncode == 0


def _may_loop() -> bool:
    return _may_mount() and Path("/dev/loop-control").exists() and Path("/sys/fs/ext4/features").exists()
