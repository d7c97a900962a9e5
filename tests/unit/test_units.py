"""The units of an installed box: they are well formed, closed to all that they do not need, and say why they need the rest."""

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SYSTEMD = ROOT / "systemd"
UNITS = sorted((SYSTEMD / "units").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
PROGRAMS = ["foleni-branch", "foleni-broker", "foleni-kiosk", "foleni-display", "foleni-counter@"]
SCRIPTS = [SYSTEMD / "install", *sorted((SYSTEMD / "libexec").iterdir())]
HOST_UNITS = Path("/usr/lib/systemd/system")

MOST_EXPOSED = {"foleni-broker.service": 30, "foleni-update.service": 20}
"""In tenths. The broker is not our code; what updates a box reads the memberships of all its programs, which only root may."""
OURS = 15

OPENED = (
    "DeviceAllow", "ReadWritePaths", "BindPaths", "BindReadOnlyPaths", "TemporaryFileSystem", "StateDirectory",
    "CacheDirectory", "RuntimeDirectory", "CapabilityBoundingSet", "AmbientCapabilities", "SupplementaryGroups",
    "RestrictAddressFamilies",
)  # fmt: skip
"""What opens something has its reason above it."""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root that systemd/install has filled for every role, with this machine's units and stand-ins for programs."""
    tree = tmp_path_factory.mktemp("tree")
    install(tree, "branch", "kiosk", "display", "counter")
    shutil.copytree(HOST_UNITS, tree / HOST_UNITS.relative_to("/"), symlinks=True, dirs_exist_ok=True)
    for program in ("opt/foleni/bin/foleni", "opt/foleni/bin/foleni-branch", "opt/foleni/bin/foleni-kiosk",
                    "opt/foleni/bin/foleni-display", "opt/foleni/bin/foleni-counter", "bin/kill", "bin/rm", "bin/systemctl",
                    "bin/udevadm", "usr/lib/systemd/systemd-binfmt"):  # fmt: skip
        file = tree / program
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("#!/bin/sh\n")
        file.chmod(0o755)
    return tree


def install(tree: Path, *roles: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SYSTEMD / "install", *roles],
        env={"PATH": "/usr/bin:/bin", "DESTDIR": str(tree)},
        capture_output=True,
        text=True,
        check=False,
    )


def settings_of(unit: Path) -> Iterator[tuple[str, str]]:
    for line in unit.read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            yield name, value


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_finds_no_fault_in_a_unit(unit: Path, tree: Path) -> None:
    name = unit.name.replace("@.", "@serial-1.")
    done = subprocess.run(["systemd-analyze", "verify", f"--root={tree}", name], capture_output=True, text=True, check=False)
    about_ours = [line for line in done.stderr.splitlines() if "foleni" in line]
    assert (done.returncode, about_ours) == (0, []), done.stderr


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_a_service_is_closed_to_what_it_does_not_need(unit: Path) -> None:
    most = MOST_EXPOSED.get(unit.name, OURS)
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", f"--threshold={most}", unit],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_what_opens_something_says_why(unit: Path) -> None:
    """A comment stands above it, or above the lines of its kind right before it."""
    reason = False
    for number, line in enumerate(unit.read_text().splitlines(), 1):
        opens = line.partition("=")[0] in OPENED or line.startswith(
            ("StateDirectoryMode", "CacheDirectoryMode", "RuntimeDirectory")
        )
        assert reason or not opens, f"{unit.name}:{number}: {line} has no reason above it"
        reason = line.startswith("#") or (opens and reason)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_is_watched_and_started_again_for_ever(name: str) -> None:
    told = dict(settings_of(SYSTEMD / "units" / f"{name}.service"))
    assert told["Type"] == "notify"
    assert told["Restart"] == "always"
    assert told["StartLimitIntervalSec"] == "0"
    assert int(told["WatchdogSec"]) >= 30, "a loop may be silent for 20 s"
    assert told["ExecStartPre"] == "-/opt/foleni/libexec/backoff"
    assert {"MemoryMax", "TasksMax", "OOMScoreAdjust"} <= told.keys()


def test_every_unit_is_reached_from_the_boxs_target(tree: Path) -> None:
    """By a link of the installation, another unit of ours, a timer, a path, or a udev rule."""
    linked = {path.name for path in (tree / "etc/systemd/system").rglob("*.*") if path.is_symlink()}
    rules = (SYSTEMD / "udev/70-foleni.rules").read_text()
    for unit in UNITS:
        partners = {unit.with_suffix(suffix).name for suffix in (".timer", ".path")} if unit.suffix == ".service" else set()
        assert linked & {unit.name, *partners} or unit.name.partition("@")[0] + "@" in rules, unit.name


def test_a_role_enables_what_it_needs_and_no_more(tmp_path: Path) -> None:
    def enabled(*roles: str) -> set[str]:
        tree = tmp_path / "-".join(roles)
        assert install(tree, *roles).returncode == 0
        return {path.name for path in (tree / "etc/systemd/system/foleni.target.wants").iterdir()}

    assert "foleni-kiosk.service" in enabled("kiosk") - enabled("display")
    assert not {"foleni-branch.service", "foleni-broker.service", "foleni-backup.timer"} & enabled("kiosk", "counter")
    assert {"foleni-branch.service", "foleni-broker.service", "foleni-backup.timer"} <= enabled("branch")


def test_a_role_brings_its_own_settings_only(tmp_path: Path) -> None:
    """What is in /etc/foleni says what a box is for."""
    assert install(tmp_path, "kiosk").returncode == 0
    for folder in ("etc/foleni", "opt/foleni/share/settings"):
        assert [file.name for file in (tmp_path / folder).iterdir()] == ["kiosk.toml"]


def test_nobody_signs_in_at_a_screen_and_no_other_broker_runs(tree: Path) -> None:
    for masked in ("getty@tty1.service", "autovt@.service", "mosquitto.service"):
        assert (tree / "etc/systemd/system" / masked).readlink() == Path("/dev/null")


def test_installing_again_keeps_settings(tmp_path: Path) -> None:
    install(tmp_path, "kiosk")
    settings = tmp_path / "etc/foleni/kiosk.toml"
    settings.write_text("# mine\n")
    assert install(tmp_path, "kiosk", "branch").returncode == 0
    assert settings.read_text() == "# mine\n"
    assert (tmp_path / "etc/foleni/branch.toml").exists()


@pytest.mark.parametrize("roles", [(), ("toaster",), ("kiosk", "")])
def test_an_unknown_role_installs_nothing(roles: tuple[str, ...], tmp_path: Path) -> None:
    done = install(tmp_path, *roles)
    assert done.returncode == 2
    assert "usage" in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("module", "name"),
    [(["branch_server"], "branch"), (["branch_server", "broker"], "broker"), (["kiosk"], "kiosk"), (["display"], "display"),
     (["counter"], "counter")],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_the_settings_that_are_installed_are_right(module: list[str], name: str, tmp_path: Path) -> None:
    text = (SYSTEMD / "settings" / f"{name}.toml").read_text()
    config = tmp_path / f"{name}.toml"
    config.write_text(f'data = "{tmp_path}"\n{text}' if name == "counter" else text)
    command = [sys.executable, "-m", *module, "--config", str(config), "--check-config"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_script_is_bash_that_stops_at_the_first_fault(script: Path) -> None:
    assert "\nset -euo pipefail\n" in script.read_text()
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0


def test_udev_understands_every_rule() -> None:
    """Each line is a list of matches and assignments, and every jump goes forward to a label that is there."""
    part = r'[A-Z_]+(\{[^}]+\})?(==|!=|=|\+=|-=|:=)"[^"]*"'
    rules = [line for line in (SYSTEMD / "udev/70-foleni.rules").read_text().splitlines() if line and not line.startswith("#")]
    assert [line for line in rules if not re.fullmatch(f"{part}(, {part})*", line)] == []
    for number, line in enumerate(rules):
        for label in re.findall(r'GOTO="([^"]+)"', line):
            assert f'LABEL="{label}"' in rules[number:], label


class Backoff:
    """Starts libexec/backoff as systemd does; a stand-in for `sleep` writes down how long it was to be."""

    def __init__(self, folder: Path) -> None:
        self.note = folder / "run/starts"
        self._slept = folder / "slept"
        self._environment: Mapping[str, str] = {"RUNTIME_DIRECTORY": str(folder / "run"), "PATH": f"{folder}:/usr/bin:/bin"}
        (folder / "run").mkdir()
        sleep = folder / "sleep"
        sleep.write_text(f"#!/bin/sh\necho $1 >{self._slept}\n")
        sleep.chmod(0o755)

    def start(self) -> int:
        """Seconds that it waited."""
        self._slept.unlink(missing_ok=True)
        subprocess.run([SYSTEMD / "libexec/backoff"], env=self._environment, check=True, capture_output=True)
        return int(self._slept.read_text()) if self._slept.exists() else 0


def test_what_ends_again_and_again_is_started_more_and_more_rarely(tmp_path: Path) -> None:
    backoff = Backoff(tmp_path)
    assert [backoff.start() for _ in range(11)] == [0, 0, 1, 2, 4, 8, 15, 30, 60, 60, 60]


def test_after_a_steady_run_it_is_started_at_once(tmp_path: Path) -> None:
    backoff = Backoff(tmp_path)
    now_s = int(time.clock_gettime(time.CLOCK_BOOTTIME))
    backoff.note.write_text(f"6 {now_s}\n")
    assert backoff.start() == 15
    backoff.note.write_text(f"6 {now_s - 400}\n")
    assert backoff.start() == 0


@pytest.mark.parametrize("garbage", ["", "x", "9 9 9 9", "99999999999999999999 1", "$(touch here) 1", "1"])
def test_a_damaged_note_keeps_nothing_from_starting(garbage: str, tmp_path: Path) -> None:
    backoff = Backoff(tmp_path)
    backoff.note.write_text(garbage)
    backoff.start()
    assert re.fullmatch(r"\d+ \d+\n", backoff.note.read_text())
