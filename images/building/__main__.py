"""`images/build`: bootable disks of the branch server, the kiosk and the display."""

import argparse
import os
import sys
from pathlib import Path

from images.building import disk, programs, rootfs
from images.building.roles import IMAGES, NAMES, read
from images.building.tools import BuildError, run, say

_BUILD = IMAGES.parent / "build"
_NEEDED = ("mmdebstrap", "mksquashfs", "mcopy", "mkfs.vfat", "mkfs.ext4", "sfdisk", "depmod")


def main(argv: list[str] | None = None) -> int:
    """The exit status: 0 when the disks are built, 1 where one cannot be."""
    parser = argparse.ArgumentParser(prog="images/build", description="Build bootable disks into build/images.")
    parser.add_argument("roles", nargs="*", metavar="ROLE", help=f"{', '.join(NAMES)} (default: all)")
    parser.add_argument("--out", type=Path, default=_BUILD / "images", help="folder of the disks (default: build/images)")
    parser.add_argument("--cache", type=Path, default=_BUILD / "cache", help="folder of what is built once")
    parser.add_argument("--mirror", default="http://deb.debian.org/debian", help="Debian's mirror, or one of its snapshots")
    parser.add_argument("--security", default="http://deb.debian.org/debian-security", help="the mirror of security updates")
    given = parser.parse_args(argv)
    unknown = [name for name in given.roles if name not in NAMES]
    if unknown:
        parser.error(f"{unknown[0]} is no role: {', '.join(NAMES)}")
    try:
        _build(given.roles or NAMES, given.out.absolute(), given.cache.absolute(), given.mirror, given.security)
    except BuildError as error:
        say(str(error))
        return 1
    return 0


def _build(names: tuple[str, ...], out: Path, cache: Path, mirror: str, security: str) -> None:
    _check()
    out.mkdir(parents=True, exist_ok=True)
    work = out.parent / "work"
    work.mkdir(parents=True, exist_ok=True)
    cache.mkdir(parents=True, exist_ok=True)
    source = rootfs.Source(mirror, security, _epoch())
    for old in work.glob("*.whl"):
        old.unlink()
    wheel = programs.build_wheel(work)
    for name in names:
        role = read(name)
        built = rootfs.build(role, rootfs.base(role, source, cache), wheel, work / name, out, source)
        say(f"{name}: disk")
        title = f"Foleni {role.title} {wheel.name.split('-')[1]}"
        image = out / f"{name}.img"
        disk.build(disk.Disk(title, built, IMAGES / "foleni.txt"), image, work / name, source.epoch)
        say(f"{name}: {image}")


def _check() -> None:
    """Everything that is missing, in one sentence."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    missing = [name for name in _NEEDED if not any((Path(folder) / name).exists() for folder in path.split(":"))]
    if missing:
        raise BuildError(f"these are missing: {' '.join(missing)}")
    if os.geteuid() != 0:
        raise BuildError("only root can make files that belong to others: sudo images/build")
    os.environ["PATH"] = path
    os.umask(0o022)


def _epoch() -> int:
    """The moment that every file in the image is dated with: that of the last commit, unless SOURCE_DATE_EPOCH says another."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    return int(given) if given.isdigit() else int(run("git", "-C", IMAGES.parent, "log", "-1", "--format=%ct"))


if __name__ == "__main__":
    sys.exit(main())
