"""A real RAUC on two files that stand for slots, and a folder that stands for the boot partition.

Not every machine maps verity devices, so the content of a bundle is installed in the plain format; everything else is as on
a box: RAUC's service, the bundle's hook, the boot handler, and the agent's box.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from foleni.updating.boot import BootEntries
from foleni.updating.errors import InstallError, RefusedError, UpdateError
from foleni.updating.rauc import Paths, RaucBox
from tests.support.bundles import KIOSK, ROOT, UPDATE, Workshop, check_tools
from tests.support.waiting import until

_SLOT_BYTES = 4 * 1024 * 1024
_ENTRY = "title Foleni kiosk 0.1.0\nsort-key foleni\nversion {n}\nlinux /foleni/{slot}/linux\noptions foleni.slot={slot}\n"


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    check_tools()
    return Workshop(tmp_path_factory.mktemp("rauc-bundles"))


@dataclass(frozen=True, slots=True)
class Bench:
    """A box's files below one folder."""

    folder: Path

    @property
    def esp(self) -> Path:
        return self.folder / "esp"

    @property
    def entries(self) -> BootEntries:
        return BootEntries(self.esp)

    def paths(self, environment: dict[str, str] | None = None) -> Paths:
        variables = [f"{name}={value}" for name, value in (environment or {}).items()]
        return Paths(
            esp=self.esp, release=self.folder / "release", cmdline=self.folder / "cmdline", boot_id=self.folder / "boot_id",
            run=self.folder / "run", rauc=("env", *variables, "rauc"), rauc_conf=self.folder / "system.conf",
            restart=("touch", str(self.folder / "restarted")),
        )  # fmt: skip

    def box(self, environment: dict[str, str] | None = None) -> RaucBox:
        return RaucBox(self.paths(environment))


@pytest.fixture
def bench(tmp_path: Path, workshop: Workshop) -> Bench:
    bench = Bench(tmp_path)
    for folder in ("run", "mnt", "esp/loader/entries", "esp/foleni/a", "esp/foleni/b"):
        (tmp_path / folder).mkdir(parents=True)
    for n, (slot, name) in enumerate((("b", "foleni-b"), ("a", "foleni-a")), 1):
        (bench.esp / f"loader/entries/{name}.conf").write_text(_ENTRY.format(n=n, slot=slot))
        with (tmp_path / f"slot-{slot}").open("wb") as file:
            file.truncate(_SLOT_BYTES)
    (tmp_path / "release").write_text(f"ROLE=kiosk\nVERSION=0.1.0\nCOMPATIBLE={KIOSK}\n")
    (tmp_path / "cmdline").write_text("root=PARTLABEL=foleni-a ro foleni.slot=a quiet\n")
    (tmp_path / "boot_id").write_text("one\n")
    handler = tmp_path / "rauc-boot"
    handler.write_text(f'#!/bin/sh\ncd {ROOT} && exec {shutil.which("python3")} {tmp_path}/handler.py "$@"\n')
    (tmp_path / "handler.py").write_text(
        f"import sys\nfrom pathlib import Path\nsys.path.insert(0, {str(ROOT)!r})\n"
        f"from foleni.updating.boot import main\nsys.exit(main(esp=Path({str(bench.esp)!r})))\n"
    )
    handler.chmod(0o755)
    (tmp_path / "system.conf").write_text(_config(tmp_path, workshop))
    return bench


def _config(folder: Path, workshop: Workshop) -> str:
    """What images hold, with this bench's places."""
    config = (UPDATE / "root/etc/rauc/system.conf").read_text()
    places = {
        "@COMPATIBLE@": KIOSK, "/etc/rauc/keyring.pem": f"{workshop.keys()}/ca.pem", "/run/rauc": f"{folder}/mnt",
        "/data/updates": str(folder), "/usr/lib/foleni/rauc-boot": f"{folder}/rauc-boot",
        "/dev/disk/by-partlabel/foleni-": f"{folder}/slot-", "bundle-formats=verity": "bundle-formats=verity plain",
    }  # fmt: skip
    for place, here in places.items():
        assert place in config, place
        config = config.replace(place, here)
    return config


def test_a_bundle_of_the_house_is_read(bench: Bench, workshop: Workshop) -> None:
    told = bench.box().inspect(workshop.bundle("0.2.0"))
    assert (told.compatible, told.version) == (KIOSK, "0.2.0")


def test_a_strangers_bundle_is_refused_with_the_reason(bench: Bench, workshop: Workshop) -> None:
    with pytest.raises(RefusedError, match="not signed by whom this box trusts"):
        bench.box().inspect(workshop.bundle("0.2.0", signer="stranger"))


def test_a_changed_signature_is_refused(bench: Bench, workshop: Workshop) -> None:
    changed = workshop.tampered(workshop.bundle("0.2.0"), -300, "signature")
    with pytest.raises(RefusedError, match="trusts, or it was changed"):
        bench.box().inspect(changed)


@pytest.mark.parametrize("content", [b"", b"hello", b"hsqs" + b"\0" * 9000])
def test_what_is_no_bundle_is_refused(bench: Bench, content: bytes) -> None:
    path = bench.folder / "no.raucb"
    path.write_bytes(content)
    with pytest.raises(RefusedError):
        bench.box().inspect(path)


def test_the_signing_key_can_be_made_anew_and_old_boxes_believe_it(bench: Bench, workshop: Workshop) -> None:
    before = (workshop.keys() / "ca.pem").read_bytes()
    subprocess.run([UPDATE / "keys", "--renew", workshop.keys()], check=True, capture_output=True)
    assert (workshop.keys() / "ca.pem").read_bytes() == before
    assert bench.box().inspect(workshop.bundle("0.2.1")).version == "0.2.1"


def test_a_key_whose_root_is_elsewhere_is_never_made_anew(workshop: Workshop, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    shutil.copytree(workshop.keys(), keys)
    (keys / "ca.key").unlink()
    subprocess.run([UPDATE / "keys", keys], check=True, capture_output=True)
    (keys / "signing.key").unlink()
    done = subprocess.run([UPDATE / "keys", keys], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "nothing new can be signed" in done.stderr
    assert (keys / "ca.pem").read_bytes() == (workshop.keys() / "ca.pem").read_bytes()


def test_installing_fills_the_other_slot_and_its_part_of_the_boot_partition(bench: Bench, workshop: Workshop) -> None:
    before = (bench.esp / "loader/entries/foleni-a.conf").read_bytes()
    bundle = workshop.bundle("0.2.0")
    with serving(bench) as environment:
        box = bench.box(environment)
        box.install(_as_plain(bundle, bench.folder, workshop))
    content = _content(bundle, bench.folder)
    written = (bench.folder / "slot-b").read_bytes()
    rootfs = (content / "rootfs.img").read_bytes()
    assert written[: len(rootfs)] == rootfs
    assert (bench.folder / "slot-a").read_bytes().strip(b"\0") == b""
    for name in ("linux", "initrd"):
        assert (bench.esp / "foleni/b" / name).read_bytes() == (content / name).read_bytes()
    assert (bench.esp / "loader/entries/foleni-a.conf").read_bytes() == before
    entry = (bench.esp / "loader/entries/foleni-b+3.conf").read_text()
    assert re.search(r"^version 3$", entry, re.MULTILINE)
    assert "root=PARTLABEL=foleni-b" in entry
    assert "foleni.slot=b" in entry
    assert bench.entries.primary() == "b"
    assert box.release("b") == "0.2.0"
    assert box.is_startable("b")
    assert not box.was_tried("b")


def test_for_other_boxes_or_of_strangers_nothing_is_written(bench: Bench, workshop: Workshop) -> None:
    with serving(bench) as environment:
        box = bench.box(environment)
        with pytest.raises(UpdateError, match=r"ompatible"):
            box.install(_as_plain(workshop.bundle("0.2.0", "foleni-display-amd64"), bench.folder, workshop))
        with pytest.raises(RefusedError):
            box.install(workshop.bundle("0.2.0", signer="stranger"))
    assert (bench.folder / "slot-b").read_bytes().strip(b"\0") == b""
    assert bench.entries.primary() == "a"
    assert bench.entries.entry("b") is not None


def test_a_hook_that_fails_leaves_a_slot_that_is_not_started(bench: Bench, workshop: Workshop) -> None:
    with serving(bench, FOLENI_ESP="/proc/nowhere") as environment, pytest.raises(InstallError):
        bench.box(environment).install(_as_plain(workshop.bundle("0.2.0"), bench.folder, workshop))
    assert bench.entries.primary() == "a"
    assert bench.entries.entry("b") is None


def test_without_raucs_service_it_is_said(bench: Bench, workshop: Workshop) -> None:
    with pytest.raises(InstallError):
        bench.box({"DBUS_STARTER_BUS_TYPE": "session", "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"}).install(
            workshop.bundle("0.2.0")
        )


def test_a_restart_waits_for_who_is_served(bench: Bench) -> None:
    box = bench.box()
    assert box.busy() == ""
    mark = bench.folder / "run/foleni-kiosk/busy"
    mark.parent.mkdir()
    mark.touch()
    assert "foleni-kiosk" in box.busy()
    os.utime(mark, (1, 1))
    assert box.busy() == "", "a mark that nobody keeps up was left by a program that died"
    box.restart()
    assert (bench.folder / "restarted").exists()


@pytest.mark.parametrize("name", ["release", "cmdline", "boot_id"])
def test_a_machine_that_is_no_image_is_left_alone(bench: Bench, name: str) -> None:
    (bench.folder / name).unlink()
    with pytest.raises(UpdateError):
        bench.box()
    (bench.folder / name).write_text("nothing of ours\n")
    if name != "boot_id":
        with pytest.raises(UpdateError, match="was not"):
            bench.box()


@contextmanager
def serving(bench: Bench, **more: str) -> Iterator[dict[str, str]]:
    """RAUC's service on a bus of its own; skips where this machine cannot have one."""
    if os.geteuid() != 0 or shutil.which("dbus-daemon") is None or not _can_mount(bench.folder):
        pytest.skip("RAUC installs as root, where images can be mounted and a message bus can run")
    bus = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert bus.stdout is not None
    environment = {"DBUS_STARTER_BUS_TYPE": "session", "DBUS_SESSION_BUS_ADDRESS": bus.stdout.readline().strip()}
    whole = {**os.environ, **environment, "FOLENI_ESP": str(bench.esp), "LC_ALL": "C", **more}
    config = f"--conf={bench.folder / 'system.conf'}"
    with (bench.folder / "service.log").open("w") as log:
        service = subprocess.Popen(["rauc", config, "--override-boot-slot=a", "service"], env=whole, stdout=log, stderr=log)
    try:
        until(lambda: subprocess.run(["rauc", config, "status"], env=whole, capture_output=True, check=False).returncode == 0)
        yield environment
    finally:
        service.terminate()
        service.wait(20)
        bus.terminate()
        bus.wait(20)
        bus.stdout.close()


def _can_mount(folder: Path) -> bool:
    """Whether this machine mounts a file as RAUC does."""
    image, place = folder / "probe.squashfs", folder / "probe"
    place.mkdir(exist_ok=True)
    subprocess.run(["mksquashfs", place, image, "-quiet", "-no-progress", "-noappend"], check=True, capture_output=True)
    mounted = subprocess.run(["mount", "-o", "ro,loop", image, place], capture_output=True, check=False).returncode == 0
    if mounted:
        subprocess.run(["umount", place], check=True)
    return mounted


def _content(bundle: Path, folder: Path) -> Path:
    """What is in a bundle."""
    content = folder / f"content-{bundle.stem}"
    if not content.exists():
        subprocess.run(["unsquashfs", "-quiet", "-no-progress", "-dest", content, bundle], check=True, capture_output=True)
    return content


def _as_plain(bundle: Path, folder: Path, workshop: Workshop) -> Path:
    """The same content, signed in the plain format."""
    content, out = folder / f"plain-{bundle.stem}", folder / f"{bundle.stem}-plain.raucb"
    shutil.copytree(_content(bundle, folder), content)
    manifest = content / "manifest.raucm"
    manifest.write_text(re.sub(r"\[bundle\]\n(?:[^\[\n].*\n|\n)*", "", _manifest(bundle)))
    keys = workshop.keys()
    subprocess.run(
        ["rauc", f"--cert={keys}/signing.pem", f"--key={keys}/signing.key", f"--keyring={keys}/ca.pem", "bundle", content, out],
        check=True, capture_output=True,
    )  # fmt: skip
    return out


def _manifest(bundle: Path) -> str:
    """The manifest, which a verity bundle holds in its signature."""
    told = bundle.read_bytes().rpartition(b"[update]")[2]
    text = (b"[update]" + told).decode(errors="ignore")
    kept = [line for line in text.splitlines() if re.fullmatch(r"\[[a-z.]+\]|[a-z-]+=[ -~]*|", line)]
    return "\n".join(kept) + "\n"
