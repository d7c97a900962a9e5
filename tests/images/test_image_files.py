"""What is, and what is not, in the images: looked at as files, without starting them."""

import os
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.images.support.machine import BUILT, ROOT

ROLES = ("server", "kiosk", "display")
PROGRAMS = {"server": "foleni-branch", "kiosk": "foleni-kiosk", "display": "foleni-display"}
PORTS = {"server": {"8883", "8443", "5353", "68", "546"}, "kiosk": {"5353", "68", "546"}, "display": {"5353", "68", "546"}}


@pytest.fixture(scope="module", params=ROLES)
def root(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An image's root file system, unpacked."""
    folder = tmp_path_factory.mktemp("image") / request.param
    subprocess.run(["unsquashfs", "-quiet", "-no-progress", "-dest", folder, BUILT / f"{request.param}.squashfs"], check=True)
    yield folder
    subprocess.run(["rm", "-rf", folder], check=True)


def _files(root: Path) -> Iterator[Path]:
    for folder, _, names in os.walk(root):
        for name in names:
            path = Path(folder, name)
            if path.is_file() and not path.is_symlink():
                yield path


def _words_of_this_machine() -> list[bytes]:
    """What must not have come along: this machine's name and addresses, where its packages come from, where the checkout is."""
    words = {socket.gethostname(), str(ROOT)}
    words |= set(re.findall(r"nameserver\s+(\S+)", Path("/etc/resolv.conf").read_text()))
    words |= set(re.findall(r"^search\s+(\S+)", Path("/etc/resolv.conf").read_text(), re.MULTILINE))
    settings = subprocess.run(["pip", "config", "list"], capture_output=True, text=True, check=False).stdout
    words |= set(re.findall(r"(?:https?|file)://[^\s']+", settings))
    words |= {value for name, value in os.environ.items() if name.lower() in {"http_proxy", "https_proxy", "pip_index_url"}}
    return [word.encode() for word in words if len(word) > 6]


def test_nothing_of_the_machine_that_built_it_came_along(root: Path) -> None:
    words = _words_of_this_machine()
    found = [(path, word) for path in _files(root) for word in words if word in path.read_bytes()]
    assert found == []


def test_nobody_can_sign_in(root: Path) -> None:
    for line in (root / "etc/shadow").read_text().splitlines():
        assert line.split(":")[1] in {"*", "!", "!*", "!!"}, line
    for unit in ("getty@.service", "serial-getty@.service", "console-getty.service", "ctrl-alt-del.target", "autovt@.service"):
        assert (root / "etc/systemd/system" / unit).readlink() == Path("/dev/null")
    assert list((root / "etc/ssh").glob("ssh_host_*")) == []
    assert not (root / "root/.ssh").exists()
    assert "PasswordAuthentication no" in (root / "etc/ssh/sshd_config.d/foleni.conf").read_text()


def test_every_box_gets_an_id_of_its_own(root: Path) -> None:
    assert (root / "etc/machine-id").read_bytes() == b""
    assert not (root / "var/lib/dbus/machine-id").exists()
    assert not (root / "var/lib/systemd/random-seed").exists()


def test_only_the_ports_that_are_used_are_open(root: Path) -> None:
    rules = (root / "etc/nftables.conf").read_text()
    assert set(re.findall(r"dport (\d+)", rules)) == PORTS[root.name]
    assert "policy drop" in rules
    checked = subprocess.run(
        ["unshare", "--net", "chroot", root, "nft", "-c", "-f", "/etc/nftables.conf"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr


def test_the_program_starts_on_debians_own_python(root: Path) -> None:
    asked = subprocess.run(
        ["unshare", "--net", "chroot", root, f"/opt/foleni/bin/{PROGRAMS[root.name]}", "--version"],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
    )
    assert asked.returncode == 0, asked.stderr
    assert asked.stdout.startswith(PROGRAMS[root.name])


def test_what_is_compiled_is_not_compiled_again(root: Path) -> None:
    """The root file system is read-only: what is missing here would cost every start its time."""
    packages = root / "opt/foleni/lib/python3.11/site-packages"
    sources = list((packages / "foleni").rglob("*.py"))
    assert sources
    for source in sources:
        assert (source.parent / "__pycache__" / f"{source.stem}.cpython-311.pyc").exists(), source


def test_the_units_are_whole(root: Path) -> None:
    units = [f"{PROGRAMS[root.name]}.service", "foleni-setup.service", "foleni-words.service", "foleni-grow.service"]
    checked = subprocess.run(
        ["systemd-analyze", "verify", f"--root={root}", "--man=no", *units], capture_output=True, text=True, check=False
    )
    ours = [line for line in checked.stderr.splitlines() if "foleni" in line]
    assert checked.returncode == 0, checked.stderr
    assert ours == []


def test_the_screen_is_the_programs_alone(root: Path) -> None:
    if root.name == "server":
        pytest.skip("a server's screen is for words")
    sysctl = (root / "usr/lib/sysctl.d/60-foleni.conf").read_text()
    assert "kernel.sysrq = 0" in sysctl
    assert "NAutoVTs=0" in (root / "usr/lib/systemd/logind.conf.d/foleni.conf").read_text()
    cmdline = (root / "usr/lib/foleni/cmdline").read_text().split()
    assert {"quiet", "panic=10", "vt.global_cursor_default=0"} <= set(cmdline)
    assert "console=tty1" not in cmdline


@pytest.mark.parametrize("role", ROLES)
def test_the_boot_loader_lets_nobody_change_what_is_started(role: str) -> None:
    conf = subprocess.run(
        ["mtype", "-i", f"{BUILT / f'{role}.img'}@@1M", "::loader/loader.conf"], capture_output=True, text=True, check=True
    ).stdout
    assert "editor no" in conf
    assert "timeout 0" in conf


@pytest.mark.parametrize("role", ROLES)
def test_every_package_is_listed_with_its_version(role: str) -> None:
    lines = (BUILT / f"{role}.packages").read_text().splitlines()
    assert len(lines) > 100
    assert all(re.fullmatch(r"\S+ \S+ (amd64|all)", line) for line in lines)
    assert any(line.startswith("linux-image-") for line in lines)


@pytest.mark.parametrize("role", ROLES)
def test_the_installers_file_can_be_read_on_any_pc(role: str) -> None:
    raw = subprocess.run(
        ["mcopy", "-i", f"{BUILT / f'{role}.img'}@@1M", "::foleni.txt", "-"], capture_output=True, check=True
    ).stdout
    assert raw.count(b"\r\n") == raw.count(b"\n") > 20
