"""Starting and ending the branch server: settings, setups, one process a folder, and what it says."""

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.hall import BRANCH, SETUP, open_hall
from tests.support.branch import BranchProcess, run_once
from tests.support.broker import Broker, free_port
from tests.support.client import Client
from tests.support.waiting import until

FAULTY = """\
[branch]
id = "Hall"
name = "Hall"
time_zone = "Mars/Olympus"
colour = "green"

[[service]]
id = "cash"
prefix = "toolong"
name = "Cash"

[[counter]]
id = "c1"
label = "1"
services = []

[[staff]]
id = "ada"
name = "Ada"
pin = "12"
"""


def refusal(arguments: list[str], **environment: str) -> str:
    """The one line with which the program ends at wrong settings."""
    done = run_once(arguments, environment)
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 1, lines
    assert "Traceback" not in lines[0]
    return lines[0]


def setup_refusal(directory: Path, setup: str) -> str:
    """The one line with which the program ends at a wrong setup, which leaves no branch behind."""
    server = BranchProcess(directory, setup).launch()
    try:
        assert server.wait() == 2, server.stderr
    finally:
        server.kill()
    lines = [line for line in server.stderr.splitlines() if line.startswith("foleni-branch: ")]
    assert len(lines) == 1, server.stderr
    assert "Traceback" not in server.stderr
    assert not (server.data / "devices").exists()
    assert not (server.data / "mosquitto").exists()
    return lines[0]


def test_all_wrong_settings_stand_in_one_line(tmp_path: Path) -> None:
    line = refusal(["--mqtt", "http://nonsense", "--http", "here", "--colour", "green", "--log-level", "loud"])
    for flag in ("--data", "--mqtt", "--http", "--colour", "--log-level"):
        assert flag in line
    assert "missing" in refusal(["--mqtt", "managed"])


@pytest.mark.thorough
def test_a_password_in_a_wrong_setting_is_not_repeated(tmp_path: Path) -> None:
    assert "secret" not in refusal(["--data", str(tmp_path), "--mqtt", "mqtt://me:secret@host:nonsense"])


@pytest.mark.thorough
def test_settings_are_checked_without_a_start(tmp_path: Path) -> None:
    arguments = ["--data", str(tmp_path / "data"), "--mqtt", "managed", "--check-config"]
    done = run_once(arguments)
    assert done.returncode == 0
    assert not (tmp_path / "data").exists()
    assert "--http" in refusal([*arguments, "--http", "nowhere"])


@pytest.mark.thorough
def test_an_unknown_key_in_the_settings_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "foleni.toml"
    file.write_text(f'data = "{tmp_path / "data"}"\nmqtt = "managed"\ncolour = "green"\n')
    assert "colour" in refusal(["--config", str(file), "--check-config"])
    file.write_text("this is no TOML")
    assert str(file) in refusal(["--config", str(file), "--check-config"])
    assert "none.toml" in refusal(["--config", str(tmp_path / "none.toml"), "--check-config"])


@pytest.mark.thorough
def test_a_flag_wins_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "foleni.toml"
    file.write_text(f'data = "{tmp_path / "data"}"\nmqtt = "nonsense"\n')
    arguments = ["--config", str(file), "--check-config"]
    assert "mqtt" in refusal(arguments)
    assert run_once(arguments, {"FOLENI_MQTT": "managed"}).returncode == 0
    assert "FOLENI_MQTT" in refusal(arguments, FOLENI_MQTT="nonsense")
    assert run_once([*arguments, "--mqtt", "managed"], {"FOLENI_MQTT": "nonsense"}).returncode == 0


def test_all_faults_of_a_setup_stand_in_one_line(tmp_path: Path) -> None:
    line = setup_refusal(tmp_path, FAULTY)
    for fault in ("id", "time_zone", "colour", "service cash, prefix", "counter c1, services", "staff ada, pin"):
        assert fault in line


@pytest.mark.parametrize(
    ("old", "new", "faults"),
    [
        ('prefix = "QB"', 'prefix = "QA"', ["QA"]),
        ('issuer = "Y"', 'issuer = "X"', ["kiosk-1", "kiosk-2", "X"]),
        ('services = ["cash"]', 'services = ["lost"]', ["lost"]),
        ('counter = "c1"', 'counter = "lost"', ["lost"]),
        ('label = "Two"', 'label = "One"', ["One"]),
        ('id = "c2"', 'id = "c1"', ["c1"]),
        ('id = "ada"', 'id = "ada"\ncolour = 1', ["ada", "colour"]),
        ("[branch]", "[branch", ["line 1"]),
    ],
)
def test_a_setup_that_cannot_be_is_refused(tmp_path: Path, old: str, new: str, faults: list[str]) -> None:
    line = setup_refusal(tmp_path, SETUP.replace(old, new, 1))
    assert all(fault in line for fault in faults), line


@pytest.mark.parametrize(("prefix", "issuer"), [("VX", "kiosk-1"), ("VY", "kiosk-2"), ("VR", "remote")])
def test_a_prefix_and_an_issuers_letter_that_spell_another_prefix_are_refused(tmp_path: Path, prefix: str, issuer: str) -> None:
    setup = SETUP.replace('prefix = "QA"', 'prefix = "V"').replace('prefix = "QB"', f'prefix = "{prefix}"')
    line = setup_refusal(tmp_path, setup)
    assert prefix in line
    assert issuer in line


def test_after_a_refused_setup_a_right_one_is_applied_to_the_same_folder(tmp_path: Path) -> None:
    setup_refusal(tmp_path, SETUP.replace('prefix = "QB"', 'prefix = "QA"'))
    with open_hall(tmp_path) as hall:
        assert hall.join("cash")["number"] == "QA001"


def test_an_empty_folder_without_a_setup_or_with_a_lost_one_is_refused(tmp_path: Path) -> None:
    arguments = ["--data", str(tmp_path / "data"), "--mqtt", "managed", "--log-level", "error"]
    assert "--setup" in refusal(arguments)
    assert "lost.toml" in refusal([*arguments, "--setup", str(tmp_path / "lost.toml")])


def test_a_second_server_on_the_same_folder_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    with open_hall(tmp_path) as hall:
        second = run_once(["--data", str(hall.server.data), "--mqtt", "managed", "--log-level", "error"])
        assert second.returncode == 1
        assert len(second.stderr.splitlines()) == 1
        assert str(hall.server.data) in second.stderr
        assert hall.join("cash")["number"] == "QA001"


def test_it_ends_well_when_it_is_told_to(tmp_path: Path) -> None:
    with BranchProcess(tmp_path, SETUP) as server:
        port = server.port
        assert server.stop() == 0
        assert not server.is_running
        with pytest.raises(OSError, match="refused"):
            Client(port, BRANCH, "desk").connect()


@contextmanager
def launched(directory: Path, broker_port: int) -> Iterator[BranchProcess]:
    """A server that is on its way to a broker."""
    server = BranchProcess(directory, SETUP, f"mqtt://127.0.0.1:{broker_port}").launch()
    try:
        until(lambda: "127.0.0.1" in server.stderr or not server.is_running, 60.0)
        yield server
    finally:
        server.kill()


def test_it_ends_well_when_it_is_told_to_before_it_was_ready(tmp_path: Path) -> None:
    with launched(tmp_path, free_port()) as server:
        assert server.stop() == 0
        assert "foleni-branch: ready" not in server.stderr


def test_it_is_ready_when_the_broker_comes(tmp_path: Path) -> None:
    broker = Broker(tmp_path)
    with launched(tmp_path, broker.port) as server:
        broker.start()
        try:
            until(lambda: "foleni-branch: ready" in server.stderr, 60.0)
            assert server.stop() == 0
        finally:
            broker.kill()


def test_a_broker_that_keeps_no_rights_is_used_with_a_warning(tmp_path: Path, broker: Broker) -> None:
    with BranchProcess(tmp_path, SETUP, f"mqtt://127.0.0.1:{broker.port}") as server:
        until(lambda: any("WARNING" in line and "right" in line for line in server.stderr.splitlines()))


def test_accounts_tickets_and_setup_are_the_same_after_a_new_start(tmp_path: Path) -> None:
    server = BranchProcess(tmp_path, SETUP, arguments=["--mqtt-listen", f"127.0.0.1:{free_port()}"]).start()
    try:
        account = server.account("kiosk-1")
        session = Client(server.port, BRANCH, "kiosk-1", account.password, client_id="kiosk-1", session_s=3600)
        with session as kiosk:
            first = kiosk.ask({"type": "join", "service": "cash", "channel": "kiosk"})
        server.kill()
        server.setup.write_text("no longer read")
        server.start()
        assert server.account("kiosk-1") == account
        with session as kiosk:
            assert kiosk.ask({"id": first["command"], "type": "join", "service": "cash", "channel": "kiosk"}) == first
            assert kiosk.ask({"type": "join", "service": "cash", "channel": "kiosk"})["result"]["number"] == "QA002"
    finally:
        server.kill()


def test_secrets_are_readable_by_their_owner_only_and_a_pin_stands_nowhere(tmp_path: Path) -> None:
    with BranchProcess(tmp_path, SETUP.replace('pin = "482913"', "")) as server:
        files = list(server.data.rglob("*.toml"))
        assert files
        assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)
        codes = [line for line in server.stderr.splitlines() if "one-time code of ada" in line]
        assert len(codes) == 1
        code = codes[0].rsplit(" ", 1)[1].encode()
        assert not any(code in file.read_bytes() for file in server.data.rglob("*") if file.is_file())
        server.restart()
        assert "one-time code" not in server.last_words


def test_a_given_password_is_a_devices_password(tmp_path: Path) -> None:
    with BranchProcess(tmp_path, SETUP.replace('id = "tv-1"', 'id = "tv-1"\npassword = "correct-horse"')) as server:
        assert server.account("tv-1").password == "correct-horse"
        with Client(server.port, BRANCH, "tv-1", "correct-horse") as tv:
            assert tv.state("server")["online"]
