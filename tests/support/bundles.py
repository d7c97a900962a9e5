"""Update bundles: real ones, signed with keys that are made for the tests."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UPDATE = ROOT / "images/update"
KIOSK = "foleni-kiosk-amd64"
_NEEDED = ("rauc", "mksquashfs", "unsquashfs", "openssl")


def check_tools() -> None:
    """Skips where this machine cannot make bundles."""
    missing = [program for program in _NEEDED if shutil.which(program) is None]
    if missing:
        pytest.skip(f"bundles need {', '.join(missing)}")


@dataclass(frozen=True, slots=True)
class Workshop:
    """Makes bundles below `folder`, signed with the keys of `signer`."""

    folder: Path

    def keys(self, signer: str = "house") -> Path:
        """The folder of a signer's keys; made where they are not there."""
        folder = self.folder / f"keys-{signer}"
        subprocess.run([UPDATE / "keys", folder], check=True, capture_output=True)
        return folder

    def bundle(self, version: str, compatible: str = KIOSK, signer: str = "house", payload_bytes: int = 60_000) -> Path:
        """A bundle whose root file system holds little more than its name."""
        out = self.folder / f"{compatible}-{version}-{signer}.raucb"
        if out.exists():
            return out
        parts = self._parts(version, compatible, payload_bytes)
        subprocess.run(
            [UPDATE / "bundle", "--rootfs", parts / "root.squashfs", "--linux", parts / "linux", "--initrd", parts / "initrd",
             "--keys", self.keys(signer), "--out", out],
            check=True, capture_output=True, env={**os.environ, "LC_ALL": "C"},
        )  # fmt: skip
        return out

    def tampered(self, bundle: Path, at: int, name: str) -> Path:
        """The same with one bit turned; `at` counts from the end where it is negative."""
        content = bytearray(bundle.read_bytes())
        content[at] ^= 1
        out = self.folder / f"{name}.raucb"
        out.write_bytes(content)
        return out

    def _parts(self, version: str, compatible: str, payload_bytes: int) -> Path:
        parts = self.folder / f"parts-{compatible}-{version}"
        about = parts / "root/usr/lib/foleni"
        about.mkdir(parents=True, exist_ok=True)
        role = compatible.split("-")[1]
        told = {"ROLE": role, "TITLE": role, "VERSION": version, "BUILT": "1790000000", "COMPATIBLE": compatible}
        (about / "release").write_text("".join(f"{key}={value}\n" for key, value in told.items()))
        (about / "cmdline").write_text("quiet panic=10\n")
        (parts / "root/payload").write_bytes(os.urandom(payload_bytes))
        (parts / "linux").write_bytes(os.urandom(20_000))
        (parts / "initrd").write_bytes(os.urandom(20_000))
        squashfs = parts / "root.squashfs"
        squashfs.unlink(missing_ok=True)
        subprocess.run(["mksquashfs", parts / "root", squashfs, "-quiet", "-no-progress", "-all-root"], check=True)
        return parts
