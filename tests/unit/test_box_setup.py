"""What a box does at every start with `foleni.txt`."""

import subprocess
import tomllib
from pathlib import Path

import pytest

from foleni.appliance.box import Box
from foleni.appliance.setup import set_up

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0o installer@desk"


def _box(root: Path, role: str, boot_file: str | None = "") -> Box:
    """A box's folders, as its image and its initrd leave them."""
    box = Box(root)
    for folder in ("efi", "etc", "data", "usr/lib/foleni", "usr/share/foleni/etc", "proc"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "usr/lib/foleni/release").write_text(f"ROLE={role}\nTITLE={role}\nPROGRAM=foleni-{role}\nVERSION=1\n")
    (root / "proc/cmdline").write_text("root=PARTLABEL=foleni-b ro foleni.slot=b quiet\n")
    (root / "etc/machine-id").write_text("3f2a0123456789abcdef0123456789ab\n")
    for name in ("kiosk", "display"):
        (root / f"usr/share/foleni/etc/{name}.toml").write_text(
            f'# usual\ndata = "/var/lib/foleni/{name}"\nfullscreen = true\nprinter = "dummy://"\n'
        )
    if boot_file is not None:
        box.boot_file.write_text(boot_file)
    return box


def _settings(box: Box, program: str) -> dict[str, object]:
    return tomllib.loads((box.settings / f"{program}.toml").read_text("utf-8"))


def test_without_a_word_everything_is_as_usual(tmp_path: Path) -> None:
    box = _box(tmp_path, "kiosk")
    assert set_up(box).faults == ()
    assert _settings(box, "kiosk") == {"data": "/var/lib/foleni/kiosk", "fullscreen": True, "printer": "dummy://"}
    assert "DHCP=yes" in (tmp_path / "run/systemd/network/10-foleni.network").read_text()
    assert (box.run / "localtime").readlink() == tmp_path / "usr/share/zoneinfo/UTC"
    assert not (box.run / "authorized_keys").exists()
    assert not (box.run / "nftables.d/ssh.nft").exists()
    assert box.faults() == []


def test_a_box_without_the_file_starts_as_usual(tmp_path: Path) -> None:
    assert set_up(_box(tmp_path, "kiosk", None)).faults == ()


def test_the_program_is_told_what_the_installer_wrote(tmp_path: Path) -> None:
    box = _box(tmp_path, "kiosk", 'branch = accra-1\nserver = 10.0.0.5\nprinter = "tcp://10.0.0.9:9100"\nrotation = 90\n')
    set_up(box)
    settings = _settings(box, "kiosk")
    assert settings["branch"] == "accra-1"
    assert settings["server"] == "10.0.0.5:8443"
    assert settings["printer"] == "tcp://10.0.0.9:9100"
    assert settings["fullscreen"] is True
    assert (box.settings / "kiosk.env").read_text() == "KCFG_GRAPHICS_ROTATION=90\n"
    assert (box.settings / "kiosk.toml").stat().st_mode & 0o777 == 0o640


def test_a_quote_in_a_value_ends_no_setting(tmp_path: Path) -> None:
    box = _box(tmp_path, "kiosk", 'mqtt = mqtt://a:"b\\@10.0.0.5\n')
    set_up(box)
    assert _settings(box, "kiosk")["mqtt"] == 'mqtt://a:"b\\@10.0.0.5'


def test_a_quiet_display_is_mute(tmp_path: Path) -> None:
    box = _box(tmp_path, "display", "sound = off\n")
    set_up(box)
    assert _settings(box, "display")["mute"] is True
    assert "mute" not in _settings(box, "kiosk")


def test_a_fixed_address(tmp_path: Path) -> None:
    box = _box(tmp_path, "display", "network = 192.168.1.20/24\ngateway = 192.168.1.1\ndns = 192.168.1.1\nntp = 192.168.1.1\n")
    set_up(box)
    text = (tmp_path / "run/systemd/network/10-foleni.network").read_text()
    for line in ("Address=192.168.1.20/24", "Gateway=192.168.1.1", "DNS=192.168.1.1", "NTP=192.168.1.1", "DHCP=no"):
        assert line in text.splitlines()


def test_what_the_file_no_longer_says_is_gone_at_the_next_start(tmp_path: Path) -> None:
    box = _box(tmp_path, "kiosk", f"branch = accra-1\nrotation = 180\nssh_key = {KEY}\ntimezone = Africa/Accra\n")
    set_up(box)
    assert (box.run / "authorized_keys").read_text() == KEY + "\n"
    assert "dport 22" in (box.run / "nftables.d/ssh.nft").read_text()
    box.boot_file.write_text("")
    set_up(box)
    assert "branch" not in _settings(box, "kiosk")
    assert (box.settings / "kiosk.env").read_text() == ""
    assert not (box.run / "authorized_keys").exists()
    assert not (box.run / "nftables.d/ssh.nft").exists()
    assert (box.run / "localtime").readlink().name == "UTC"


def test_faults_are_kept_for_the_screen_and_the_rest_is_done(tmp_path: Path) -> None:
    box = _box(tmp_path, "kiosk", "branch = accra-1\nrotation = 45\n")
    set_up(box)
    assert box.faults() == ["foleni.txt, line 2: rotation: must be one of 0, 90, 180, 270"]
    assert _settings(box, "kiosk")["branch"] == "accra-1"


def test_settings_of_the_image_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    box = _box(tmp_path, "kiosk")
    (box.usual_settings / "kiosk.toml").write_text("data = = 1\n")
    set_up(box)
    (fault,) = box.faults()
    assert "kiosk.toml: the image's own settings cannot be used" in fault
    assert _settings(box, "display")["fullscreen"] is True


def test_the_key_of_the_box_is_made_once_and_a_half_made_one_again(tmp_path: Path) -> None:
    box = _box(tmp_path, "kiosk", f"ssh_key = {KEY}\n")
    key = box.data / "ssh/ssh_host_ed25519_key"
    set_up(box)
    first = key.read_bytes()
    set_up(box)
    assert key.read_bytes() == first
    assert key.stat().st_mode & 0o077 == 0
    key.with_suffix(".pub").unlink()
    set_up(box)
    asked = subprocess.run(["ssh-keygen", "-y", "-f", key], capture_output=True, text=True, check=True).stdout
    assert key.with_suffix(".pub").read_text().startswith(asked.strip())


@pytest.mark.parametrize("role", ["kiosk", "display"])
def test_the_same_file_twice_does_the_same(tmp_path: Path, role: str) -> None:
    box = _box(tmp_path, role, "branch = accra-1\nlanguage = rw\n")
    set_up(box)
    once = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    set_up(box)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == once


def test_a_box_knows_itself(tmp_path: Path) -> None:
    box = _box(tmp_path, "kiosk")
    assert box.slot == "b"
    assert box.short_id == "3f2a"
    assert not box.is_storage_broken
    assert Box(tmp_path / "nowhere").slot == ""
