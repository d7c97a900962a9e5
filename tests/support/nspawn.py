"""A box with systemd as process 1: this machine's programs in a container with an empty /etc and /var of its own.

Nothing is downloaded and nothing of this machine is changed: /usr is shared for reading, all else is a folder below /tmp.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

from tests.support.waiting import until

ROOT = Path(__file__).resolve().parents[2]
_BOOT_S = 60.0
_STOP_S = 60.0
_LINKS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_FOLDERS = ("etc/systemd/system", "usr", "var", "tmp", "run", "proc", "sys", "dev", "root", "opt", "home", "media", "source",
            "packages")  # fmt: skip
_SHARED = ("/etc/alternatives", "/etc/fonts", "/etc/ssl")
_PYTHON = "/python"
_QUIET = ("console-getty.service", "systemd-logind.service", "dbus.service", "dbus.socket", "getty.target", "apt-daily.timer")
_PROGRAMS = {
    "foleni": "foleni",
    "foleni-branch": "branch_server",
    "foleni-kiosk": "kiosk",
    "foleni-display": "display",
    "foleni-counter": "counter",
}


def why_not() -> str:
    """Why no such box can be run here; empty where one can."""
    if os.geteuid() != 0:
        return "systemd-nspawn needs root"
    missing = [each for each in ("systemd-nspawn", "nsenter", "mosquitto") if _found(each) is None]
    if missing:
        return f"not installed: {', '.join(missing)}"
    if not os.access("/sys/fs/cgroup", os.W_OK):
        return "there is no control group of our own to write to"
    apart = ["unshare", "--mount", "--net", "--pid", "--fork", "mount", "--make-rprivate", "/"]
    if subprocess.run(apart, capture_output=True, check=False).returncode != 0:
        return "namespaces of our own are not allowed here"
    return ""


def _found(program: str) -> str | None:
    return shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


class Box:
    """A container that lives below `folder`; `roles` are those of systemd/install."""

    def __init__(self, folder: Path, *roles: str, name: str = "box") -> None:
        self.root = folder / name
        self._name = name
        self._log = folder / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._leader = 0
        self._make_root()
        subprocess.run([ROOT / "systemd" / "install", *roles], env={**os.environ, "DESTDIR": str(self.root)}, check=True)
        self._move_out_of_usr()

    def __enter__(self) -> Self:
        return self.boot()

    def __exit__(self, *_: object) -> None:
        self.power_off()

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        """A file of the box, before it boots or while it runs."""
        file = self.root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        file.chmod(mode)

    def drop_in(self, unit: str, text: str) -> None:
        """Changes a unit for this box."""
        self.write(f"/etc/systemd/system/{unit}.d/test.conf", text)

    def mask(self, *units: str) -> None:
        for unit in units:
            link = self.root / "etc/systemd/system" / unit
            link.unlink(missing_ok=True)
            link.symlink_to("/dev/null")

    def boot(self) -> Self:
        """Returns when systemd has read its units and works on the box's target."""
        with self._log.open("ab") as log:
            # With the newer control groups systemd hears of a unit's last process also inside a container.
            environment = {**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"}
            self._process = subprocess.Popen(self._command(), env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            until(self._has_leader, _BOOT_S, 0.05)
            until(lambda: self.said("systemctl", "is-active", "basic.target") == "active", _BOOT_S, 0.1)
        except AssertionError:
            raise AssertionError(self.power_off()) from None
        return self

    def power_off(self) -> str:
        """Shuts the box down in good order, as its power key would; what was said on its console."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(_STOP_S)
        return self.console()

    def console(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def run(self, *command: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
        """A command inside, as root."""
        return subprocess.run(
            ["nsenter", "--target", str(self._leader), "--all", "--", *command],
            input=given, capture_output=True, text=True, errors="replace", timeout=_BOOT_S, check=False,
        )  # fmt: skip

    def said(self, *command: str) -> str:
        return self.run(*command).stdout.strip()

    def show(self, unit: str, what: str) -> str:
        """One property of a unit."""
        return self.said("systemctl", "show", f"--property={what}", "--value", unit)

    def is_ready(self, unit: str) -> bool:
        return self.show(unit, "ActiveState") == "active"

    def pid(self, unit: str) -> int:
        return int(self.show(unit, "MainPID") or 0)

    def journal(self, unit: str) -> str:
        return self.said("journalctl", "--no-pager", "--output=cat", "--unit", unit)

    def trouble(self) -> str:
        """What one wants to read when a test fails."""
        units = self.said("systemctl", "list-units", "foleni*", "--all", "--no-pager")
        return f"{units}\n{self.said('journalctl', '--no-pager', '--lines=80')}"

    def _has_leader(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError(f"the container ended: {self.console()}")
        for pid in _descendants(self._process.pid):
            with contextlib.suppress(OSError):
                if Path(f"/proc/{pid}/comm").read_text().strip() == "systemd" and _pids(pid) != _pids(os.getpid()):
                    self._leader = pid
                    return True
        return False

    def _command(self) -> Sequence[str]:
        shared = [f"--bind-ro={path}" for path in ("/usr", *_SHARED) if Path(path).exists()]
        shared += [f"--bind-ro={ROOT}:/source", f"--bind-ro={_packages()}:/packages"]
        if not Path(sys.base_prefix).is_relative_to("/usr"):
            shared.append(f"--bind-ro={sys.base_prefix}:{_PYTHON}")
        return ["systemd-nspawn", "--boot", "--quiet", "--register=no", "--keep-unit", "--private-network",
                "--console=pipe", f"--directory={self.root}", f"--machine={self._name}-{os.getpid()}",
                "--kill-signal=SIGRTMIN+4", *shared]  # fmt: skip

    def _move_out_of_usr(self) -> None:
        """This machine's /usr will lie over the box's own: what is there has its other place below /etc."""
        own = self.root / "usr/lib"
        for folder in ("systemd/system", "sysusers.d", "tmpfiles.d", "sysctl.d", "systemd/journald.conf.d"):
            shutil.copytree(own / folder, self.root / "etc" / folder, dirs_exist_ok=True)

    def _make_root(self) -> None:
        for name in (*_FOLDERS, _PYTHON.lstrip("/")):
            (self.root / name).mkdir(parents=True)
        for name in _LINKS:
            if Path("/", name).is_symlink():
                (self.root / name).symlink_to(f"usr/{name}")
        for path in _SHARED:
            (self.root / path.lstrip("/")).mkdir(parents=True)
        for path in ("/etc/ld.so.cache", "/etc/ld.so.conf"):
            with contextlib.suppress(OSError):
                shutil.copy(path, self.root / path.lstrip("/"))
        shutil.copy("/usr/lib/os-release", self.root / "etc/os-release")
        self.write("/etc/machine-id", "")
        self.write("/etc/hosts", "127.0.0.1 localhost\n")
        self.write("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\n")
        self.write("/etc/group", "root:x:0:\n")
        self.mask(*_QUIET)
        (self.root / "etc/systemd/system/default.target").symlink_to("/usr/lib/systemd/system/multi-user.target")
        for program, module in _PROGRAMS.items():
            self.write(f"/opt/foleni/bin/{program}", launcher(f"-m {module}"), 0o755)


def _packages() -> Path:
    return Path(sysconfig.get_paths()["purelib"])


def launcher(arguments: str) -> str:
    """A program as the appliance has it: the same process becomes Python, with `arguments` before its own."""
    if Path(sys.base_prefix).is_relative_to("/usr"):
        python, library = Path(sys.executable).resolve(), ""
    else:
        python, library = Path(_PYTHON, "bin/python3"), f"export LD_LIBRARY_PATH={_PYTHON}/lib\n"
    paths = "export PYTHONPATH=/source:/packages PYTHONDONTWRITEBYTECODE=1\n"
    return f'#!/bin/sh\n{paths}{library}exec {python} {arguments} "$@"\n'


def _pids(pid: int) -> str:
    """Whose process ids a process sees."""
    return str(Path(f"/proc/{pid}/ns/pid").readlink())


def _descendants(pid: int) -> Iterator[int]:
    with contextlib.suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            yield int(child)
            yield from _descendants(int(child))
