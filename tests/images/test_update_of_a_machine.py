"""A branch server's own machine is updated: a good version stays, a broken one goes back, a tampered one is refused."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.images.support.machine import BUILT, ROOT, Machine
from tests.images.support.office import WEB, Office

UPDATE = ROOT / "images/update"
KEYS = ROOT / "build/update-keys"
BOX = "foleni-server-amd64"
NEWER, BROKEN, TAMPERED = "9.1.0", "9.2.0", "9.3.0"
_WITHIN_S = 1500.0
_FILLING_BYTES = 30_000_000
_IN_THE_ROOT = 30_000_000
"""A place in the bundle's root file system, behind kernel and initrd."""


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The image once more under a newer version; one with a root file system that nothing can start from; and one whose content
    was changed after it was signed.
    """
    folder = tmp_path_factory.mktemp("bundles")
    newer = _bundle(folder, NEWER, _renamed(folder, NEWER))
    broken = _bundle(folder, BROKEN, _empty(folder, BROKEN))
    changed = bytearray(_bundle(folder, TAMPERED, _empty(folder, TAMPERED)).read_bytes())
    changed[_IN_THE_ROOT] ^= 1
    tampered = folder / "tampered.raucb"
    tampered.write_bytes(changed)
    return {NEWER: newer, BROKEN: broken, TAMPERED: tampered}


@pytest.mark.timeout(5400)
def test_good_stays_broken_goes_back_and_tampered_is_refused(tmp_path: Path, bundles: dict[str, Path]) -> None:
    server = Machine("server", tmp_path / "server", forwards=(WEB,))
    office = Office(server)
    try:
        server.on()
        office.until_open(_WITHIN_S)
        office.found()
        _offer(office, bundles[NEWER])
        _until_ended(server, office, NEWER, "good")
        assert _box(office)["version"] == NEWER
        assert "foleni-b.conf" in server.boot_entries()
        server.picture("updated")

        _offer(office, bundles[TAMPERED])
        _again(server, office)
        _until_ended(server, office, TAMPERED, "refused")
        assert _box(office)["version"] == NEWER

        _offer(office, bundles[BROKEN])
        _again(server, office)
        _until_ended(server, office, BROKEN, "rolled_back")
        assert _box(office)["version"] == NEWER
        assert "foleni-a+0-3.conf" in server.boot_entries()
        assert office.admin.get("/api/v1/services").json()["services"], "the branch is as it was"
    finally:
        server.cut_power()


def _offer(office: Office, bundle: Path) -> None:
    """Brings a bundle and plans it for now."""
    admin = office.admin
    headers = {"Origin": admin.url, "X-CSRF-Token": admin.http.cookies.get("foleni_csrf", "")}
    with bundle.open("rb") as file:
        brought = admin.http.put(f"{admin.url}/api/v1/updates/bundles", data=file, headers=headers, timeout=600)
    assert brought.status_code == 201, brought.text
    planned = admin.post("/api/v1/updates/plans", {"sha256": brought.json()["sha256"], "when": "now"})
    assert planned.status_code == 200, planned.text


def _again(server: Machine, office: Office) -> None:
    """The cable is pulled: after its start the machine asks within minutes, not a quarter of an hour later."""
    server.cut_power()
    server.on()
    office.until_open(_WITHIN_S)


def _until_ended(server: Machine, office: Office, version: str, came: str) -> None:
    def ended() -> bool:
        try:
            outcome = _box(office).get("outcome") or {}
        except (OSError, StopIteration):
            return False
        return outcome.get("version") == version

    server.until(ended, _WITHIN_S)
    outcome = _box(office)["outcome"]
    assert outcome["came"] == came, outcome


def _box(office: Office) -> dict[str, Any]:
    kinds = office.admin.get("/api/v1/updates").json()["kinds"]
    found: dict[str, Any] = next(box for kind in kinds for box in kind["boxes"] if box["own"])
    return found


def _bundle(folder: Path, version: str, rootfs: Path) -> Path:
    out = folder / f"{version}.raucb"
    parts: list[str | Path] = ["--rootfs", rootfs, "--linux", BUILT / "server.linux", "--initrd", BUILT / "server.initrd"]
    parts += ["--keys", KEYS]
    subprocess.run([UPDATE / "bundle", *parts, "--out", out], check=True, capture_output=True)
    return out


def _renamed(folder: Path, version: str) -> Path:
    """The server's root file system with another version in its release; packed lightly, because it is for once."""
    root, out = folder / "root", folder / f"{version}.squashfs"
    subprocess.run(["unsquashfs", "-quiet", "-no-progress", "-dest", root, BUILT / "server.squashfs"], check=True)
    release = root / "usr/lib/foleni/release"
    lines = [f"VERSION={version}" if line.startswith("VERSION=") else line for line in release.read_text().splitlines()]
    release.write_text("\n".join(lines) + "\n")
    _pack(root, out)
    shutil.rmtree(root)
    return out


def _empty(folder: Path, version: str) -> Path:
    """A root file system that has a release, and nothing to start."""
    root, out = folder / f"empty-{version}", folder / f"{version}.squashfs"
    about = root / "usr/lib/foleni"
    about.mkdir(parents=True)
    told = {"ROLE": "server", "TITLE": "branch server", "VERSION": version, "BUILT": "1790000000", "COMPATIBLE": BOX}
    (about / "release").write_text("".join(f"{key}={value}\n" for key, value in told.items()))
    (root / "filling").write_bytes(os.urandom(_FILLING_BYTES))
    (about / "cmdline").write_text("quiet loglevel=3 panic=10 console=ttyS0,115200\n")
    _pack(root, out)
    return out


def _pack(root: Path, out: Path) -> None:
    how = ["-noappend", "-quiet", "-no-progress", "-comp", "zstd", "-Xcompression-level", "1", "-xattrs"]
    subprocess.run(["mksquashfs", root, out, *how], check=True)
