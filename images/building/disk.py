"""A bootable disk, made of files alone: no loop device, no mount."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from images.building.rootfs import Built
from images.building.tools import SYSTEM_PATH, BuildError, run

MIB = 1 << 20
BOOT_MIB, SLOT_MIB, DATA_MIB = 256, 640, 256
_FIRST_MIB = 1
_TYPE_ESP = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"
_TYPE_ROOT = "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709"
_TYPE_LINUX = "0FC63DAF-8483-4772-8E79-3D69D8477DE4"
_LOADER = """timeout 0
editor no
auto-entries no
auto-firmware no
console-mode keep
"""


@dataclass(frozen=True, slots=True)
class Disk:
    """What a disk is made of. `boot_file` is the installer's `foleni.txt`."""

    title: str
    built: Built
    boot_file: Path


def entry(title: str, slot: str, version: int, cmdline: str) -> str:
    """A boot entry for `slot`; systemd-boot tries the highest `version` first."""
    return (
        f"title {title}\nsort-key foleni\nversion {version}\nlinux /foleni/{slot}/linux\ninitrd /foleni/{slot}/initrd\n"
        f"options root=PARTLABEL=foleni-{slot} rootfstype=squashfs ro foleni.slot={slot} {cmdline}\n"
    )


def build(disk: Disk, image: Path, work: Path, epoch: int) -> None:
    """Write `image`, a sparse raw disk with both slots filled."""
    size = disk.built.squashfs.stat().st_size
    if size > SLOT_MIB * MIB:
        raise BuildError(f"{disk.built.squashfs.name} has {size // MIB} MiB, a slot {SLOT_MIB}")
    making = image.with_suffix(".making")
    making.unlink(missing_ok=True)
    with making.open("wb") as file:
        file.truncate((_FIRST_MIB + BOOT_MIB + 2 * SLOT_MIB + DATA_MIB + 1) * MIB)
    run("sfdisk", "--quiet", making, input_text=_table())
    boot, data = work / "boot.fat", work / "data.ext4"
    _boot(disk, boot, work, epoch)
    _data(data, work, epoch)
    at = _FIRST_MIB
    for part, room in ((boot, BOOT_MIB), (disk.built.squashfs, SLOT_MIB), (disk.built.squashfs, SLOT_MIB), (data, DATA_MIB)):
        _put(part, making, at)
        at += room
    making.rename(image)


def _table() -> str:
    """The partitions, for sfdisk. Their ids are the same in every image: what is found by id is found by label here."""
    parts = (
        ("foleni-boot", _TYPE_ESP, BOOT_MIB),
        ("foleni-a", _TYPE_ROOT, SLOT_MIB),
        ("foleni-b", _TYPE_ROOT, SLOT_MIB),
        ("foleni-data", _TYPE_LINUX, DATA_MIB),
    )
    lines = ["label: gpt", "label-id: F01E0000-0000-4000-8000-000000000000", f"first-lba: {_FIRST_MIB * MIB // 512}"]
    for number, (name, kind, mib) in enumerate(parts, 1):
        lines.append(f"name={name}, type={kind}, size={mib}MiB, uuid=F01E0000-0000-4000-8000-00000000000{number}")
    return "\n".join(lines) + "\n"


def _boot(disk: Disk, image: Path, work: Path, epoch: int) -> None:
    """The EFI system partition."""
    tree = work / "boot"
    shutil.rmtree(tree, ignore_errors=True)
    for folder in ("EFI/BOOT", "EFI/systemd", "loader/entries", "foleni/a", "foleni/b"):
        (tree / folder).mkdir(parents=True)
    shutil.copyfile(disk.built.loader, tree / "EFI/BOOT/BOOTX64.EFI")
    shutil.copyfile(disk.built.loader, tree / "EFI/systemd/systemd-bootx64.efi")
    (tree / "loader/loader.conf").write_text(_LOADER)
    (tree / "loader/entries/foleni-a+3.conf").write_text(entry(disk.title, "a", 2, disk.built.cmdline))
    (tree / "loader/entries/foleni-b.conf").write_text(entry(disk.title, "b", 1, disk.built.cmdline))
    for slot in ("a", "b"):
        shutil.copyfile(disk.built.kernel, tree / f"foleni/{slot}/linux")
        shutil.copyfile(disk.built.initrd, tree / f"foleni/{slot}/initrd")
    text = disk.boot_file.read_text("utf-8")
    (tree / "foleni.txt").write_text(text.replace("\n", "\r\n"), "utf-8", newline="")  # Windows' Notepad, too
    run("find", tree, "-exec", "touch", "--no-dereference", f"--date=@{epoch}", "{}", "+")
    image.unlink(missing_ok=True)
    run("mkfs.vfat", "--invariant", "-F", "32", "-n", "FOLENI", "-C", image, str(BOOT_MIB * 1024))
    run("mcopy", "-s", "-m", "-i", image, *sorted(tree.iterdir()), "::", environment={"PATH": SYSTEM_PATH, "TZ": "UTC"})


def _data(image: Path, work: Path, epoch: int) -> None:
    """The partition for everything that lasts; it grows to the disk's end at the first start."""
    tree = work / "data"
    shutil.rmtree(tree, ignore_errors=True)
    for folder in ("var/upper", "var/work", "updates"):
        (tree / folder).mkdir(parents=True)
    image.unlink(missing_ok=True)
    run("truncate", "--size", f"{DATA_MIB}M", image)
    options = "hash_seed=f01e0000-0000-4000-8000-000000000004,root_owner=0:0"
    run(
        "mkfs.ext4", "-q", "-L", "foleni-data", "-U", "f01e0000-0000-4000-8000-000000000004", "-E", options, "-d", tree, image,
        environment={"PATH": SYSTEM_PATH, "SOURCE_DATE_EPOCH": str(epoch), "E2FSPROGS_FAKE_TIME": str(epoch)},
    )  # fmt: skip


def _put(part: Path, image: Path, at_mib: int) -> None:
    run("dd", f"if={part}", f"of={image}", "bs=1M", f"seek={at_mib}", "conv=notrunc,sparse", "status=none")
