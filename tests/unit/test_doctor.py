"""What the doctor makes of what it reads: pure parts, and boxes that are broken on purpose below a folder."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foleni.doctor.belonging import check_membership, skew
from foleni.doctor.box import Box, Places
from foleni.doctor.branch import check_backup, check_database
from foleni.doctor.command import CHECKS, as_json, examine, main, tell
from foleni.doctor.finding import Check, Finding, Level, bad, ok, warn
from foleni.doctor.machine import check_heat, check_memory, unit_finding
from foleni.doctor.storage import check_disk
from foleni.doctor.surroundings import check_printer, has_gateway
from foleni.doctor.talking import connect_packet
from foleni.doctor.timekeeping import look_at_clock


class Broken:
    """A box below a folder, to be broken piece by piece."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.places = Places(**{name: folder / name for name in ("etc", "state", "programs", "proc", "sys", "run")})
        for place in ("etc", "state", "programs"):
            (folder / place).mkdir()

    def put(self, path: str, text: str) -> Path:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def found(self, check: Check) -> list[Finding]:
        return list(check(Box(self.places)))

    def worst(self, check: Check) -> Level:
        return worst(self.found(check))


def worst(findings: Sequence[Finding]) -> Level:
    order = list(Level)
    return max((finding.level for finding in findings), key=order.index, default=Level.OK)


@pytest.fixture
def box(tmp_path: Path) -> Broken:
    return Broken(tmp_path)


def test_every_trouble_says_what_to_do(box: Broken) -> None:
    """Also on a box where nothing is as it should be."""
    box.put("etc/branch.toml", "data = [")
    box.put("etc/kiosk.toml", 'printer = "tcp://[::"\n')
    (box.folder / "state/kiosk").mkdir(parents=True)
    found = examine(Box(box.places), {name: check for name, check in CHECKS.items() if name not in {"network", "programs"}})
    troubles = [finding for findings in found.values() for finding in findings if finding.level is not Level.OK]
    assert troubles
    assert all(finding.do and finding.says for finding in troubles)
    assert not [finding for finding in troubles if "fault of the doctor" in finding.do]


def test_a_check_that_fails_is_a_finding_and_the_others_go_on(box: Broken) -> None:
    def failing(_box: Box) -> Iterator[Finding]:
        raise RuntimeError("broken check")

    found = examine(Box(box.places), {"first": failing, "second": lambda _box: iter([ok("well")])})
    assert "broken check" in found["first"][0].says
    assert found["second"] == [ok("well")]


@pytest.mark.parametrize(
    ("findings", "words"),
    [
        ([ok("a")], "All is well."),
        ([ok("a"), warn("b", "do")], "1 to look at."),
        ([bad("a", "do"), bad("b", "do"), warn("c", "do")], "2 not working, 1 to look at."),
    ],
)
def test_the_last_line_sums_up(findings: list[Finding], words: str, tmp_path: Path) -> None:
    with (tmp_path / "out").open("w+") as out:
        tell({"thing": findings}, out, colours=False)
        out.seek(0)
        assert out.read().splitlines()[-1] == words
    assert as_json({"thing": findings})["level"] == worst(findings)


def test_the_exit_status_tells_programs(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    arguments = ["--json", "--only", "membership", "--etc", str(tmp_path), "--state", str(tmp_path)]
    assert main(arguments) == 0
    (tmp_path / "kiosk").mkdir()
    (tmp_path / "kiosk.toml").write_text("")
    assert main(arguments) == 1
    (tmp_path / "kiosk/membership.json").write_text("{")
    capsys.readouterr()
    assert main(arguments) == 2
    assert json.loads(capsys.readouterr().out)["level"] == "bad"


def test_a_missing_data_folder_is_told(box: Broken) -> None:
    (box.folder / "state").rmdir()
    assert box.worst(check_disk) is Level.BAD


@pytest.mark.parametrize(("life", "level"), [("0x01 0x02", Level.OK), ("0x02 0x09", Level.WARN), ("0x0b 0x01", Level.BAD)])
def test_a_worn_disk_is_told(life: str, level: Level, box: Broken) -> None:
    box.put("sys/block/mmcblk0/device/life_time", f"{life}\n")
    worn = [finding for finding in box.found(check_disk) if "mmcblk0" in finding.says]
    assert worst(worn) is level


@pytest.mark.parametrize(
    ("available", "killed", "level"),
    [(900_000, 0, Level.OK), (200_000, 0, Level.WARN), (30_000, 0, Level.BAD), (900_000, 2, Level.WARN)],
)
def test_memory_that_runs_out_is_told(available: int, killed: int, level: Level, box: Broken) -> None:
    box.put("proc/meminfo", f"MemTotal: 2000000 kB\nMemFree: 1 kB\nMemAvailable: {available} kB\n")
    box.put("proc/vmstat", f"nr_free_pages 3\noom_kill {killed}\n")
    assert box.worst(check_memory) is level


@pytest.mark.parametrize(("heat", "level"), [("54000", Level.OK), ("85000", Level.WARN), ("99000", Level.BAD), ("x", Level.OK)])
def test_heat_is_told(heat: str, level: Level, box: Broken) -> None:
    box.put("sys/class/thermal/thermal_zone0/temp", heat)
    assert box.worst(check_heat) is level


@pytest.mark.parametrize(
    ("told", "level"),
    [
        ({"LoadState": "loaded", "ActiveState": "active", "NRestarts": "0"}, Level.OK),
        ({"LoadState": "loaded", "ActiveState": "active", "NRestarts": "7"}, Level.WARN),
        ({"LoadState": "loaded", "ActiveState": "activating", "NRestarts": "0"}, Level.WARN),
        ({"LoadState": "loaded", "ActiveState": "activating", "NRestarts": "4", "Result": "exit-code"}, Level.BAD),
        ({"LoadState": "loaded", "ActiveState": "failed", "Result": "watchdog"}, Level.BAD),
        ({"LoadState": "not-found", "ActiveState": "inactive"}, Level.BAD),
        ({}, Level.BAD),
    ],
)
def test_a_program_that_does_not_stay_up_is_told(told: dict[str, str], level: Level) -> None:
    assert worst(list(unit_finding("foleni-kiosk.service", told))) is level


def test_a_clock_before_this_program_was_made_is_told(tmp_path: Path) -> None:
    assert worst(list(look_at_clock(tmp_path, lambda: 0.0))) is Level.BAD


def test_a_clock_that_a_time_server_has_confirmed_is_right(tmp_path: Path) -> None:
    (tmp_path / "synchronized").touch()
    later_s = datetime(2027, 1, 1, tzinfo=UTC).timestamp()
    assert worst(list(look_at_clock(tmp_path, lambda: later_s))) is Level.OK


@pytest.mark.parametrize(
    ("own", "server", "level"),
    [("0.6.0", "0.6.2", Level.OK), ("0.6.0", "0.7.0", Level.WARN), ("0.5.1", "0.7.0", Level.BAD), ("1.0.0", "0.9.0", Level.BAD),
     ("0.6.0", "", Level.OK), ("x", "0.6.0", Level.OK)],
)  # fmt: skip
def test_versions_too_far_apart_are_told(own: str, server: str, level: Level) -> None:
    assert worst(list(skew(own, server))) is level


def test_a_box_that_has_not_joined_says_where_to_approve_it(box: Broken) -> None:
    box.put("etc/kiosk.toml", "")
    (box.folder / "state/kiosk").mkdir()
    assert "Devices" in box.found(check_membership)[0].do


@pytest.mark.parametrize("text", ["{", "[]", "7", '{"device": "k"}', '{"device": "k", "branch": "b", "cut_off": true}'])
def test_a_damaged_or_ended_membership_is_told(text: str, box: Broken) -> None:
    box.put("etc/kiosk.toml", "")
    box.put("state/kiosk/membership.json", text)
    assert box.worst(check_membership) is Level.BAD


def test_a_database_that_is_missing_damaged_or_sound_is_told(box: Broken) -> None:
    import sqlite3  # noqa: PLC0415 - for this test alone

    box.put("etc/branch.toml", f'data = "{box.folder}/state/branch"\n')
    assert box.worst(check_database) is Level.BAD
    path = box.put("state/branch/branch.db", "")
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE events (seq INTEGER PRIMARY KEY, body TEXT)")
        database.executemany("INSERT INTO events (body) VALUES (?)", [("x" * 200,)] * 500)
    database.close()
    assert box.worst(check_database) is Level.OK
    content = bytearray(path.read_bytes())
    content[4096 * 3 : 4096 * 5] = os.urandom(4096 * 2)
    path.write_bytes(content)
    assert box.worst(check_database) is Level.BAD


@pytest.mark.parametrize(("hours", "level"), [(3, Level.OK), (50, Level.WARN), (400, Level.BAD), (None, Level.BAD)])
def test_an_old_backup_is_told(hours: int | None, level: Level, box: Broken) -> None:
    box.put("etc/branch.toml", f'data = "{box.folder}/state/branch"\n')
    assert box.worst(check_backup) is Level.WARN, "there has never been one"
    good_at = None if hours is None else (datetime.now(UTC) - timedelta(hours=hours)).isoformat()
    box.put("state/branch/backup/last-backup.json", json.dumps({"ok": True, "good_at": good_at, "targets": []}))
    assert box.worst(check_backup) is level


@pytest.mark.parametrize("text", ["{", "[]", "null", '{"good_at": 7}', '{"good_at": "yesterday"}'])
def test_a_damaged_note_of_the_last_backup_is_told(text: str, box: Broken) -> None:
    box.put("etc/branch.toml", f'data = "{box.folder}/state/branch"\n')
    box.put("state/branch/backup/last-backup.json", text)
    assert box.worst(check_backup) in {Level.WARN, Level.BAD}


@pytest.mark.parametrize("url", ["serial:///dev/none", "usb://04b8:0e15", "tcp://[::", "serial:///etc/passwd"])
def test_a_printer_that_is_not_there_is_told(url: str, box: Broken) -> None:
    box.put("etc/kiosk.toml", f'printer = "{url}"\n')
    assert box.worst(check_printer) is Level.BAD


def test_a_printer_on_usb_is_found(box: Broken) -> None:
    box.put("etc/kiosk.toml", 'printer = "usb://04B8:0e15"\n')
    box.put("sys/bus/usb/devices/1-1/idVendor", "04b8\n")
    box.put("sys/bus/usb/devices/1-1/idProduct", "0e15\n")
    assert box.worst(check_printer) is Level.OK


def test_a_way_out_of_the_lan_is_seen() -> None:
    head = "Iface\tDestination\tGateway\tFlags\n"
    assert has_gateway(f"{head}eth0\t00000000\t0102A8C0\t0003\n")
    assert not has_gateway(f"{head}eth0\t0002A8C0\t00000000\t0001\n")
    assert not has_gateway("")


@given(st.text(max_size=300), st.none() | st.text(max_size=300), st.none() | st.text(max_size=300))
def test_a_greeting_tells_its_own_length(client: str, user: str | None, password: str | None) -> None:
    try:
        packet = connect_packet(client, user, password)
    except UnicodeEncodeError:
        return
    length = shift = 0
    at = 1
    while True:
        length |= (packet[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if packet[at - 1] < 0x80:
            break
    assert len(packet) - at == length


def test_all_checks_together_take_no_longer_than_the_slowest(box: Broken) -> None:
    """They run side by side: three that wait for one another all get on."""
    import threading  # noqa: PLC0415 - for this test alone

    met = threading.Barrier(3)

    def waiting(_box: Box) -> Iterator[Finding]:
        met.wait(30)
        yield ok("met")

    began = time.monotonic()
    found = examine(Box(box.places), dict.fromkeys("abc", waiting))
    assert all(findings == [ok("met")] for findings in found.values())
    assert time.monotonic() - began < 60


def test_a_check_that_hangs_keeps_the_doctor_from_its_end_no_longer_than_its_patience() -> None:
    """A disk that does not answer hangs for ever, and the doctor must not hang with it."""
    hanging = (
        "import sys, threading\n"
        "from foleni.doctor import command\n"
        "command._PATIENCE_S = 0.1\n"
        "command.CHECKS = {'disk': lambda _box: iter([threading.Event().wait()])}\n"
        "sys.exit(command.main(['--json']))\n"
    )
    done = subprocess.run([sys.executable, "-c", hanging], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2, done.stderr
    assert "something hangs" in done.stdout
