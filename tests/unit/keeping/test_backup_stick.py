"""Finding the USB stick, also where a sandbox hides the devices."""

from pathlib import Path

import pytest

from branch_server.keeping.errors import TargetError
from branch_server.keeping.targets.stick import mounted_stick

ROOT = "21 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n"


def mounts(folder: Path, *lines: str) -> Path:
    path = folder / "mountinfo"
    path.write_text(ROOT + "".join(f"{line}\n" for line in lines))
    return path


def test_by_its_device_wherever_it_is_mounted(tmp_path: Path) -> None:
    (tmp_path / "sdb1").touch()
    (tmp_path / "FOLENI-BACK").symlink_to(tmp_path / "sdb1")
    line = f"40 21 8:17 / /mnt/my\\040stick rw - vfat {tmp_path / 'sdb1'} rw"
    assert mounted_stick("FOLENI-BACK", tmp_path, mounts(tmp_path, line), tmp_path) == Path("/mnt/my stick")


def test_by_the_place_that_is_kept_for_it(tmp_path: Path) -> None:
    line = f"40 21 8:17 / {tmp_path}/foleni-back rw - vfat /dev/sdb1 rw"
    assert mounted_stick("FOLENI-BACK", tmp_path / "no", mounts(tmp_path, line), tmp_path) == tmp_path / "foleni-back"


def test_one_that_is_not_there_or_not_mounted_is_told_apart(tmp_path: Path) -> None:
    line = f"40 21 0:40 / {tmp_path}/foleni-back rw - autofs systemd-1 rw"
    with pytest.raises(TargetError, match="no USB stick"):
        mounted_stick("FOLENI-BACK", tmp_path / "no", mounts(tmp_path, line), tmp_path)
    (tmp_path / "FOLENI-BACK").touch()
    with pytest.raises(TargetError, match="not mounted"):
        mounted_stick("FOLENI-BACK", tmp_path, mounts(tmp_path, line), tmp_path)
