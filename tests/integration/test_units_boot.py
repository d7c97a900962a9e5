"""An installed box under systemd: it comes up by itself, comes back from whatever ends its programs, and goes down clean."""

import json
import os
import re
import signal
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.nspawn import Box, launcher, why_not
from tests.support.waiting import until

pytestmark = pytest.mark.timeout(900)

BRANCH, BROKER = "foleni-branch.service", "foleni-broker.service"
KIOSK, DISPLAY, COUNTER = "foleni-kiosk.service", "foleni-display.service", "foleni-counter@serial-1.service"
SLOW_S = 180.0
"""So long a program may take to come up on a busy machine."""
SHORT_WATCHDOG = "[Service]\nWatchdogSec=8\n"
SETUP = """
[branch]
id = "main"
name = "Main Street"
time_zone = "Africa/Kigali"
languages = ["en"]

[[service]]
id = "cash"
prefix = "A"
name = { en = "Cash" }

[[counter]]
id = "c1"
label = "1"
services = ["cash"]

[[device]]
id = "kiosk-1"
kind = "kiosk"
issuer = "X"
"""
TOPIC = "foleni/main/devices/kiosk-1"
SPEAK = """#!/bin/sh
cd /var/lib/foleni/branch/devices
password=$(sed -n 's/^password = "\\(.*\\)"/\\1/p' kiosk-1.toml)
client=$1
shift
identity="--cafile ca.crt --cert kiosk-1.pem --key kiosk-1.key -u kiosk-1 -P $password"
exec stdbuf -oL $client -V 5 -h localhost -p 8883 $identity -q 1 "$@"
"""
REPLIES = "/tmp/replies"
RENEW = """
cd /var/lib/foleni/branch/tls
umask 077
cp server.pem /tmp/old.pem
openssl req -new -key server.key -subj /CN=renewed -out /tmp/new.csr
openssl x509 -req -in /tmp/new.csr -CA ca.pem -CAkey ca.key -CAcreateserial -CAserial /tmp/serial -days 30 -out /tmp/new.pem
chown foleni:foleni /tmp/new.pem
mv /tmp/new.pem ../mosquitto/server.pem
"""


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """A branch server, booted."""
    if reason := why_not():
        pytest.skip(reason)
    box = Box(tmp_path_factory.mktemp("units"), "branch", name="branch")
    box.write("/etc/foleni/setup.toml", SETUP)
    box.drop_in("foleni-healthy.service", "[Service]\nEnvironment=FOLENI_HEALTHY_STEADY_S=3\n")
    settings = box.root / "etc/foleni/branch.toml"
    settings.write_text(f'{settings.read_text()}\nsetup = "/etc/foleni/setup.toml"\n')
    with box:
        until(lambda: box.is_ready(BRANCH) and box.is_ready(BROKER), SLOW_S, 0.1)
        box.write("/opt/speak", SPEAK, 0o755)
        box.run("systemd-run", "--quiet", "--unit=replies", "--property=Restart=always", "--property=StartLimitIntervalSec=0",
                f"--property=StandardOutput=append:{REPLIES}",
                "/opt/speak", "mosquitto_sub", "-i", "listener", "-t", f"{TOPIC}/replies")  # fmt: skip
        yield box


def ticket(box: Box, command: str) -> str:
    """The number that the kiosk's account is given over TLS, for a join with this id; asked again until it is answered."""
    asked = json.dumps({"id": command, "type": "join", "actor": "kiosk-1", "service": "cash", "channel": "kiosk"})

    def is_answered() -> bool:
        box.run("/opt/speak", "mosquitto_pub", "-i", "probe", "-t", f"{TOPIC}/commands", "-m", asked)
        return command in box.said("cat", REPLIES)

    until(is_answered, SLOW_S, 0.5)
    reply = next(json.loads(line) for line in box.said("cat", REPLIES).splitlines() if command in line)
    assert reply["ok"], reply
    return str(reply["result"]["number"])


def back(box: Box, unit: str, before: int) -> None:
    """Returns when the unit is up again, as another process."""
    until(lambda: box.pid(unit) not in {0, before} and box.is_ready(unit), SLOW_S, 0.1)


def test_it_comes_up_by_itself_with_nothing_failed(box: Box) -> None:
    assert box.said("systemctl", "--failed", "--no-legend") == ""
    assert "https://" in box.show(BRANCH, "StatusText")
    assert "Got notification message" not in box.journal(BRANCH), "the consoles' process speaks for the server"


def test_the_broker_sees_only_its_own_folder_of_the_branch(box: Box) -> None:
    seen = box.said("nsenter", f"--target={box.pid(BROKER)}", "--mount", "find", "/var/lib/foleni", "-type", "f").split()
    assert seen
    assert all(path.startswith("/var/lib/foleni/branch/mosquitto/") for path in seen)
    assert box.said("nsenter", f"--target={box.pid(BROKER)}", "--mount", "ls", "/etc/foleni") == "broker.toml"


def test_the_branch_can_write_to_its_own_folder_only(box: Box) -> None:
    def writable(folder: str) -> bool:
        file = f"{folder}/probe"
        done = box.run("nsenter", f"--target={box.pid(BRANCH)}", "--mount", "sh", "-c", f"touch {file} && rm {file}")
        return done.returncode == 0

    assert writable("/var/lib/foleni/branch")
    assert not any(writable(folder) for folder in ("/etc/foleni", "/opt/foleni", "/var/lib", "/usr/lib", "/root", "/var/log"))


def test_nothing_runs_as_root_and_nothing_has_a_right_of_roots(box: Box) -> None:
    for unit in (BRANCH, BROKER):
        status = dict(
            line.split(":\t", 1) for line in box.said("cat", f"/proc/{box.pid(unit)}/status").splitlines() if ":\t" in line
        )
        assert status["Uid"].split()[1] != "0"
        assert {int(status[name], 16) for name in ("CapEff", "CapPrm", "CapBnd", "CapAmb")} == {0}
        assert status["NoNewPrivs"] == "1"
        assert status["Seccomp"] == "2"


@pytest.mark.thorough
def test_a_report_on_paper_can_be_made_within_the_unit(box: Box) -> None:
    """The branch server's unit with another program in it: lower priority, fonts, what draws and writes the page."""
    page = "import os, weasyprint; os.nice(5); weasyprint.HTML(string='<p>A042').write_pdf('/var/lib/foleni/branch/probe.pdf')"
    box.write("/opt/report", launcher(f'-c "{page}"'), 0o755)
    unit = (box.root / "etc/systemd/system" / BRANCH).read_text()
    changes = {"Type": "oneshot", "ExecStart": "/opt/report", "ExecStartPre": "", "Restart": "no", "WatchdogSec": "0",
               "RuntimeDirectory": "probe"}  # fmt: skip
    for name, value in changes.items():
        unit = re.sub(f"(?m)^{name}=.*$", f"{name}={value}", unit)
    box.write("/etc/systemd/system/probe.service", unit)
    box.run("systemctl", "daemon-reload")
    assert box.run("systemctl", "start", "probe.service").returncode == 0, box.journal("probe.service")
    assert box.run("rm", "/var/lib/foleni/branch/probe.pdf").returncode == 0


def test_a_box_that_works_is_called_healthy(box: Box) -> None:
    box.run("systemctl", "start", "--no-block", "foleni-healthy.service")
    until(lambda: box.show("foleni-healthy.service", "ActiveState") not in {"activating", "inactive"}, 300, 0.5)
    assert box.is_ready("foleni-healthy.service"), box.trouble()
    assert box.said("cat", "/run/foleni/healthy").endswith("Z")


@pytest.mark.thorough
def test_renewed_certificates_are_read_without_a_restart(box: Box) -> None:
    before, served = box.pid(BROKER), certificate(box)
    done = box.run("sh", "-euc", RENEW)
    assert done.returncode == 0, done.stderr
    until(lambda: certificate(box) not in {"", served}, SLOW_S, 0.2)
    assert box.pid(BROKER) == before
    box.run(
        "install", "-o", "foleni", "-g", "foleni", "-m", "600", "/tmp/old.pem", "/var/lib/foleni/branch/mosquitto/server.pem"
    )
    until(lambda: certificate(box) == served, SLOW_S, 0.2)


def certificate(box: Box) -> str:
    """The fingerprint of what the broker shows to devices."""
    show = "openssl s_client -connect 127.0.0.1:8883 </dev/null 2>/dev/null | openssl x509 -noout -fingerprint"
    return box.said("sh", "-c", show)


def test_a_killed_program_is_back_and_no_ticket_is_lost(box: Box) -> None:
    for unit in (BRANCH, BROKER):
        box.drop_in(unit, SHORT_WATCHDOG)  # counts from its next start on
    box.run("systemctl", "daemon-reload")
    first, second = str(uuid.uuid4()), str(uuid.uuid4())
    number = ticket(box, first)
    before = {unit: box.pid(unit) for unit in (BRANCH, BROKER)}
    for pid in before.values():
        box.run("kill", "-KILL", str(pid))
    for unit, pid in before.items():
        back(box, unit, pid)
    assert ticket(box, first) == number, "the same command twice has the effect of once"
    assert int(ticket(box, second)[1:]) == int(number[1:]) + 1


def test_programs_that_hang_are_killed_and_come_back(box: Box) -> None:
    """Also the broker, for which a watcher speaks."""
    before = {unit: box.pid(unit) for unit in (BRANCH, BROKER)}
    for pid in before.values():
        box.run("kill", f"-{signal.SIGSTOP.value}", str(pid))
    for unit, pid in before.items():
        back(box, unit, pid)
        assert "Watchdog timeout" in box.journal(unit)
    assert ticket(box, str(uuid.uuid4()))


@pytest.mark.thorough
def test_the_doctor_finds_the_programs_well(box: Box) -> None:
    only = [f"--only={name}" for name in ("settings", "disk", "broker", "server", "database")]
    told = json.loads(box.said("/opt/foleni/bin/foleni", "doctor", "--json", *only))
    assert {row["check"] for row in told["findings"]} == {"settings", "disk", "broker", "server", "database"}
    assert [row for row in told["findings"] if row["level"] != "ok"] == []


def test_it_goes_down_in_good_order(box: Box) -> None:
    """Last: the box is off after it."""
    until(lambda: box.is_ready(BRANCH) and box.is_ready(BROKER), SLOW_S, 0.1)
    box.power_off()
    told = journal_of(box.root)
    assert "Stopped foleni-branch.service" in told
    assert "Stopped foleni-broker.service" in told
    assert "timed out. Killing" not in told


def journal_of(root: Path) -> str:
    """What a box that is off has written down."""
    command = ["journalctl", f"--directory={root}/var/log/journal", "--no-pager", "--output=cat"]
    environment = {**os.environ, "SYSTEMD_LOG_LEVEL": "err"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, errors="replace", check=True).stdout


@pytest.fixture(scope="module")
def devices(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """A kiosk, a display and a call unit on one box, which have joined no branch yet; pictures are drawn for nobody to see."""
    if reason := why_not():
        pytest.skip(reason)
    box = Box(tmp_path_factory.mktemp("units"), "kiosk", "display", "counter", name="devices")
    for unit in (KIOSK, DISPLAY):
        box.drop_in(unit, "[Service]\nEnvironment=SDL_VIDEODRIVER=offscreen\n")
    link = box.root / "etc/systemd/system/foleni.target.wants" / COUNTER
    link.symlink_to("/usr/lib/systemd/system/foleni-counter@.service")
    with box:
        yield box


@pytest.mark.thorough
@pytest.mark.parametrize("unit", [KIOSK, DISPLAY, COUNTER])
def test_a_device_works_within_its_unit(unit: str, devices: Box) -> None:
    """Everything that Kivy, its fonts and the drawing need is open to it."""
    until(lambda: devices.is_ready(unit), SLOW_S, 0.2)
    told = devices.journal(unit)
    assert "Traceback" not in told
    assert "Operation not permitted" not in told


@pytest.mark.thorough
def test_a_port_without_settings_has_one_unit(devices: Box) -> None:
    until(lambda: devices.is_ready(COUNTER), SLOW_S, 0.2)
    assert 'port = "/dev/foleni/serial-1"' in devices.said("cat", "/run/foleni-counter-serial-1/counter.toml")
    assert devices.said("stat", "--format=%U %a", "/var/lib/foleni/counter/serial-1") == "foleni-counter 700"


@pytest.mark.thorough
def test_a_box_whose_program_does_not_come_up_is_not_called_healthy(devices: Box) -> None:
    """Last: the box has no display after it."""
    devices.drop_in(DISPLAY, "[Service]\nExecStart=\nExecStart=/bin/false\n")
    devices.drop_in("foleni-healthy.service", "[Service]\nEnvironment=FOLENI_HEALTHY_WITHIN_S=5\n")
    devices.run("systemctl", "daemon-reload")
    devices.run("systemctl", "restart", "--no-block", DISPLAY)
    devices.run("systemctl", "start", "--no-block", "foleni-healthy.service")
    until(lambda: devices.show("foleni-healthy.service", "ActiveState") == "failed", SLOW_S, 0.5)
    assert devices.run("test", "-e", "/run/foleni/healthy").returncode != 0
