"""A role's root file system: Debian, the programs, the units and our own files, as one squashfs that is the same each time."""

import hashlib
import shutil
from dataclasses import dataclass
from glob import glob
from pathlib import Path

from images.building import programs
from images.building.roles import IMAGES, Role
from images.building.tools import SYSTEM_PATH, inside, run, say
from images.update import keyring

SUITE = "bookworm"
_BASE_EPOCH = 1_686_355_200
"""The day of Debian 12: what of a base depends on the date depends on this one, so that a base serves many builds."""
_INITRAMFS_EMPTY = {"INITRD": "No"}
"""Debian's kernel package makes no initrd then: ours is made when its hooks are in place."""
_NO_CHOICE_OF_LANGUAGE = ('--aptopt=Acquire::Languages "none"', '--aptopt=Acquire::Check-Valid-Until "false"')
_LEFT_OUT = tuple(f"--dpkgopt=path-exclude=/usr/share/{part}/*" for part in ("doc", "info", "locale", "man"))


@dataclass(frozen=True, slots=True)
class Source:
    """Where Debian comes from: its mirrors, and the moment that every file is dated with."""

    mirror: str
    security: str
    epoch: int


@dataclass(frozen=True, slots=True)
class Built:
    """The files that a root file system's build leaves."""

    squashfs: Path
    loader: Path
    kernel: Path
    initrd: Path
    cmdline: str


def base(role: Role, source: Source, cache: Path) -> Path:
    """Debian with the role's packages, as a tar; built once for each list of packages."""
    recipe = "\n".join((SUITE, source.mirror, source.security, *role.packages, *_LEFT_OUT))
    tar = cache / f"{role.name}-{hashlib.sha256(recipe.encode()).hexdigest()[:16]}.tar"
    if tar.exists():
        say(f"{role.name}: Debian is in {cache} already")
        return tar
    say(f"{role.name}: Debian with {len(role.packages)} packages and what they need")
    making = tar.with_suffix(".making.tar")
    run(
        "mmdebstrap", "--mode=root", "--variant=minbase", "--format=tar", f"--include={','.join(role.packages)}",
        *_NO_CHOICE_OF_LANGUAGE, *_LEFT_OUT, SUITE, making,
        f"deb {source.mirror} {SUITE} main", f"deb {source.mirror} {SUITE}-updates main",
        f"deb {source.security} {SUITE}-security main",
        environment={"PATH": SYSTEM_PATH, "SOURCE_DATE_EPOCH": str(_BASE_EPOCH), **_INITRAMFS_EMPTY},
    )  # fmt: skip
    making.rename(tar)
    return tar


def build(role: Role, tar: Path, wheel: Path, work: Path, out: Path, source: Source) -> Built:
    """Everything that makes Debian a box. `work` is emptied first."""
    root = work / "root"
    shutil.rmtree(work, ignore_errors=True)
    root.mkdir(parents=True)
    run("tar", "--extract", "--file", tar, "--directory", root, "--numeric-owner", "--xattrs", "--xattrs-include=*")
    (out / f"{role.name}.packages").write_text(_packages(root, source.epoch))
    say(f"{role.name}: programs")
    programs.install(root, role.extras, wheel, tar.parent, source.epoch)
    _units(root, role, source.epoch)
    version = wheel.name.split("-")[1]
    cmdline = _describe(root, role, version, source.epoch)
    loader = work / "systemd-boot.efi"
    shutil.copyfile(root / "usr/lib/systemd/boot/efi/systemd-bootx64.efi", loader)
    say(f"{role.name}: kernel and initrd")
    kernel, initrd = _kernel(root, out, role, source.epoch)
    _drop(root, role)
    _forget_the_builder(root)
    say(f"{role.name}: squashfs")
    squashfs = _squash(root, out / f"{role.name}.squashfs", source.epoch)
    return Built(squashfs, loader, kernel, initrd, cmdline)


def _packages(root: Path, epoch: int) -> str:
    """Which packages with which versions the image holds."""
    return inside(root, "dpkg-query", "--show", "--showformat", "${Package} ${Version} ${Architecture}\n", epoch=epoch)


def _units(root: Path, role: Role, epoch: int) -> None:
    """Users, units and files: what Debian's packages started is off; then systemd's own folder, the image's, the updates'."""
    preset = root / "usr/lib/systemd/system-preset/00-foleni.preset"
    preset.parent.mkdir(parents=True, exist_ok=True)
    preset.write_text("disable *\n")
    inside(root, "systemctl", "preset-all", epoch=epoch)
    run(IMAGES.parent / "systemd/install", role.installed_as, environment={"PATH": SYSTEM_PATH, "DESTDIR": str(root)})
    for tree in (IMAGES / "root/common", IMAGES / f"root/{role.name}", IMAGES / "update/root"):
        if tree.exists():
            run("cp", "-R", "--preserve=mode,links", "--no-dereference", f"{tree}/.", root)
    (root / "usr/share/foleni").mkdir(parents=True, exist_ok=True)
    shutil.move(root / "etc/foleni", root / "usr/share/foleni/etc")
    (root / "etc/foleni").mkdir()
    inside(root, "systemd-sysusers", epoch=epoch)
    inside(root, "systemctl", "enable", *role.enable, epoch=epoch)
    inside(root, "systemctl", "mask", *role.mask, epoch=epoch)
    inside(root, "systemctl", "set-default", "multi-user.target", epoch=epoch)


def _describe(root: Path, role: Role, version: str, epoch: int) -> str:
    """What the box says of itself, and the options that its kernel is started with."""
    folder = root / "usr/lib/foleni"
    folder.mkdir(parents=True, exist_ok=True)
    about = {
        "ROLE": role.name,
        "TITLE": role.title,
        "PROGRAM": role.program,
        "VERSION": version,
        "BUILT": str(epoch),
        "ARCH": "amd64",
        "COMPATIBLE": f"foleni-{role.name}-amd64",
    }
    (folder / "release").write_text("".join(f"{key}={value}\n" for key, value in about.items()))
    keyring.place(root, about["COMPATIBLE"])
    (root / "usr/lib/clock-epoch").touch()
    return (folder / "cmdline").read_text().strip()


def _kernel(root: Path, out: Path, role: Role, epoch: int) -> tuple[Path, Path]:
    """The one kernel and its initrd, with names that hold no version."""
    modules = next((root / "lib/modules").iterdir())
    inside(root, "depmod", modules.name, epoch=epoch)
    inside(root, "mkinitramfs", "-o", "/boot/initrd.img", modules.name, epoch=epoch)
    (root / f"boot/vmlinuz-{modules.name}").rename(root / "boot/vmlinuz")
    for path in (root / "boot").iterdir():
        if path.name not in {"vmlinuz", "initrd.img"}:
            run("rm", "-rf", path)
    for name in ("vmlinuz", "vmlinuz.old", "initrd.img", "initrd.img.old"):
        (root / name).unlink(missing_ok=True)
    kernel, initrd = out / f"{role.name}.linux", out / f"{role.name}.initrd"
    shutil.copyfile(root / "boot/vmlinuz", kernel)
    shutil.copyfile(root / "boot/initrd.img", initrd)
    return kernel, initrd


def _drop(root: Path, role: Role) -> None:
    """Remove what no box needs; a kernel module that is gone must not be looked for."""
    for pattern in role.drop:
        for path in root.glob(pattern):
            run("rm", "-rf", path)
    run("depmod", "--basedir", root, next((root / "lib/modules").iterdir()).name)


_OF_THE_BUILDER = (
    "etc/.resolv.conf.systemd-resolved.bak",
    "etc/apt/apt.conf.d/99mmdebstrap",
    "etc/apt/sources.list.d/*",
    "etc/hostname",
    "etc/hosts",
    "etc/resolv.conf",
    "etc/ssh/ssh_host_*",
    "root/.cache",
    "root/.ssh",
    "var/lib/dbus/machine-id",
    "var/lib/systemd/random-seed",
)


def _forget_the_builder(root: Path) -> None:
    """What mmdebstrap leaves of the machine that it ran on, and what must differ from box to box."""
    for pattern in _OF_THE_BUILDER:
        for path in glob(pattern, root_dir=root):  # noqa: PTH207 - Path.glob leaves out links that lead nowhere
            run("rm", "-rf", root / path)
    (root / "etc/apt/sources.list").write_text(f"deb http://deb.debian.org/debian {SUITE} main\n")
    (root / "etc/resolv.conf").symlink_to("/run/systemd/resolve/stub-resolv.conf")
    (root / "etc/hostname").write_text("foleni\n")
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n::1 localhost\n127.0.1.1 foleni\n")
    (root / "etc/machine-id").write_text("")
    for name in ("data", "efi", "var/log", "var/tmp"):
        (root / name).mkdir(parents=True, exist_ok=True)
    (root / "var/tmp").chmod(0o1777)


def _squash(root: Path, squashfs: Path, epoch: int) -> Path:
    """LZ4, since a slow PC reads it at every start, and reading costs it next to nothing."""
    squashfs.unlink(missing_ok=True)
    date = str(epoch)
    environment = {"PATH": SYSTEM_PATH}
    run(
        "mksquashfs", root, squashfs, "-noappend", "-quiet", "-no-progress", "-comp", "lz4",
        "-reproducible", "-all-time", date, "-mkfs-time", date, "-xattrs",
        environment=environment,
    )  # fmt: skip
    return squashfs
