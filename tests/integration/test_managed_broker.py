"""A Mosquitto of our own: started, watched over, restarted, and never left behind."""

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import paho.mqtt.client as paho
import psutil
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from branch_server.adapters.mqtt.accounts import Accounts, Credentials
from branch_server.adapters.mqtt.broker import ManagedBroker
from branch_server.adapters.mqtt.broker_config import BrokerAddress, BrokerError, find_programs
from branch_server.adapters.mqtt.broker_process import accepts
from foleni.messages.setup import Device, DeviceKind

TV = Device(id="tv-1", kind=DeviceKind.DISPLAY)
TV_SIGN_IN = Credentials("tv-1", "tv word")
BOARD = "foleni/b/board"


def wait_until(condition: Callable[[], object], what: str, patience_s: float = 40.0) -> None:
    ends = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < ends, f"waited in vain until {what}"
        time.sleep(0.01)


class Session:
    """A paho client with a session that the broker keeps while it is away."""

    def __init__(self, address: BrokerAddress, who: Credentials) -> None:
        self.answer = ""
        self.received: list[bytes | bytearray] = []
        self.acknowledged: set[int] = set()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, f"{who.username}-session", protocol=paho.MQTTv5)
        self._client.username_pw_set(who.username, who.password)
        self._client.on_connect = lambda _c, _u, _f, reason, _p: setattr(self, "answer", str(reason))
        self._client.on_message = lambda _c, _u, message: self.received.append(message.payload)
        self._client.on_publish = lambda _c, _u, mid, _r, _p: self.acknowledged.add(mid)
        self._client.on_subscribe = lambda _c, _u, mid, _r, _p: self.acknowledged.add(mid)
        kept = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        kept.SessionExpiryInterval = 3600
        self._client.connect(address.host, address.port, clean_start=False, properties=kept)
        self._client.loop_start()
        wait_until(lambda: self.answer, "the broker answers")

    def subscribe(self, topic: str) -> None:
        _, mid = self._client.subscribe(topic, 1)
        wait_until(lambda: mid in self.acknowledged, "the subscription stands")

    def publish(self, topic: str, payload: bytes) -> None:
        mid = self._client.publish(topic, payload, 1).mid
        wait_until(lambda: mid in self.acknowledged, "the message is taken")

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def sign_in(address: BrokerAddress, who: Credentials) -> str:
    session = Session(address, who)
    session.close()
    return session.answer


def prepared(folder: Path, port: int | None = None) -> tuple[ManagedBroker, Credentials]:
    broker = ManagedBroker(folder / "the broker", ("127.0.0.1", port))
    broker.prepare()
    accounts = Accounts("b", folder / "devices")
    server = accounts.write(broker.folder, [TV], broker.device_address, {"tv-1": TV_SIGN_IN.password})
    return broker, server


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[ManagedBroker]:
    made, _ = prepared(tmp_path)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def running_pid(broker: ManagedBroker) -> int:
    assert broker.pid is not None
    return broker.pid


def test_it_is_ready_when_start_returns(broker: ManagedBroker) -> None:
    assert accepts(broker.address)
    assert sign_in(broker.address, TV_SIGN_IN) == "Success"


def test_folder_and_secrets_are_for_us_alone(broker: ManagedBroker) -> None:
    assert broker.folder.path.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in broker.folder.path.iterdir() if path.stat().st_mode & 0o077] == []


def test_it_stops_quickly_and_completely(broker: ManagedBroker) -> None:
    pid = running_pid(broker)
    broker.stop()
    wait_until(lambda: not psutil.pid_exists(pid), "its process is gone")
    assert not accepts(broker.address)
    wait_until(lambda: not broker.folder.pid.exists(), "its pid file is gone")
    broker.stop()


def test_killed_it_is_back_on_the_same_port_with_its_accounts(broker: ManagedBroker, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    first = running_pid(broker)
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: broker.pid not in (None, first) and accepts(broker.address), "a new broker runs")
    assert sign_in(broker.address, TV_SIGN_IN) == "Success"
    wait_until(lambda: "the broker is back" in caplog.text, "the recovery is told")
    assert "the broker ended (signal 9)" in caplog.text


def test_only_the_first_failure_in_a_row_is_a_warning(broker: ManagedBroker, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    told: list[int] = []
    for _ in range(3):
        killed = running_pid(broker)
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda killed=killed: broker.pid not in (None, killed), "a new broker runs")  # type: ignore[misc]
    told = [record.levelno for record in caplog.records if record.message.startswith("the broker ended")]
    assert told == [logging.WARNING, logging.DEBUG, logging.DEBUG]


def test_the_watch_beats(tmp_path: Path) -> None:
    beaten = threading.Event()
    prepared(tmp_path)[0].stop()
    broker = ManagedBroker(tmp_path / "the broker", beat=beaten.set)
    broker.start()
    try:
        assert beaten.wait(30)
    finally:
        broker.stop()


def test_a_restart_takes_the_same_port(tmp_path: Path) -> None:
    first, _ = prepared(tmp_path)
    first.stop()
    second, _ = prepared(tmp_path)
    second.stop()
    assert second.address == first.address


def test_a_remembered_port_that_is_taken_gives_way_to_another(tmp_path: Path, taken_port: int) -> None:
    folder = tmp_path / "the broker"
    folder.mkdir()
    (folder / "port").write_text(f"{taken_port}\n")
    broker, _ = prepared(tmp_path)
    broker.stop()
    assert broker.address.port != taken_port


def test_a_wanted_port_that_is_taken_is_a_clear_error(tmp_path: Path, taken_port: int) -> None:
    own = psutil.Process().name()
    with pytest.raises(BrokerError, match=rf"port {taken_port} of 127.0.0.1 is taken by {own}, process {os.getpid()}"):
        ManagedBroker(tmp_path, ("127.0.0.1", taken_port)).prepare()


def test_a_host_that_is_not_ours_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(BrokerError, match=r"192\.0\.2\.1"):
        ManagedBroker(tmp_path, ("192.0.2.1", 1883)).prepare()
    with pytest.raises(BrokerError, match=r"192\.0\.2\.1"):
        ManagedBroker(tmp_path, ("192.0.2.1", None)).prepare()
    with pytest.raises(BrokerError, match=r"a\.\.b"):
        ManagedBroker(tmp_path, ("a..b", None)).prepare()


def test_a_folder_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BrokerError, match=r"cannot be kept in .*/file/broker"):
        ManagedBroker(tmp_path / "file" / "broker").prepare()


def test_a_missing_mosquitto_is_a_clear_error() -> None:
    with pytest.raises(BrokerError, match="mosquitto is not installed: apt-get install mosquitto"):
        find_programs(lambda _name: None)


def test_what_mosquitto_refuses_is_told_in_its_own_words(tmp_path: Path) -> None:
    broker, _ = prepared(tmp_path)
    broker.folder.config.write_text(f"listener {broker.address.port} 127.0.0.1\nno_such_setting true\n")
    with pytest.raises(BrokerError, match=r"does not start \(exit status \d+\).*no_such_setting"):
        broker.start()


def test_a_folder_in_use_is_refused_to_a_second_server(broker: ManagedBroker) -> None:
    with pytest.raises(BrokerError, match="another branch server"):
        ManagedBroker(broker.folder.path).prepare()
    assert sign_in(broker.address, TV_SIGN_IN) == "Success"


def test_a_foreign_process_in_a_stale_pid_file_is_left_alone(tmp_path: Path) -> None:
    foreign = subprocess.Popen(["sleep", "60"])
    try:
        folder = tmp_path / "the broker"
        folder.mkdir()
        (folder / "pid").write_text(f"{foreign.pid}\n")
        broker, _ = prepared(tmp_path)
        broker.stop()
        assert foreign.poll() is None
    finally:
        foreign.kill()
        foreign.wait()


def test_a_leftover_broker_of_ours_is_ended(tmp_path: Path) -> None:
    broker, _ = prepared(tmp_path)
    broker.stop()
    leftover = subprocess.Popen([find_programs().mosquitto, "-c", broker.folder.config], stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: accepts(broker.address), "the leftover accepts connections")
        broker.folder.pid.write_text(f"{leftover.pid}\n")
        second, _ = prepared(tmp_path)
        second.stop()
        assert leftover.wait(30) == 0
        assert second.address == broker.address
    finally:
        leftover.kill()
        leftover.wait()


PARENT = """
import sys, time
from pathlib import Path
from branch_server.adapters.mqtt.broker import ManagedBroker
broker = ManagedBroker(Path(sys.argv[1]))
broker.start()
print(broker.pid, flush=True)
time.sleep(60)
"""


def test_it_dies_with_a_killed_parent(tmp_path: Path) -> None:
    broker, _ = prepared(tmp_path)
    broker.stop()
    command = [sys.executable, "-c", PARENT, str(broker.folder.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert accepts(broker.address)
        parent.kill()
    wait_until(lambda: not accepts(broker.address), "the broker is gone")
    wait_until(lambda: is_gone(pid), "its process is gone")


def test_a_message_for_an_absent_session_survives_an_orderly_restart(tmp_path: Path) -> None:
    first, server = prepared(tmp_path)
    first.start()
    absent = Session(first.address, TV_SIGN_IN)
    absent.subscribe(BOARD)
    absent.close()
    writer = Session(first.address, server)
    writer.publish(BOARD, b"for later")
    writer.close()
    first.stop()
    second, _ = prepared(tmp_path)
    second.start()
    back = Session(second.address, TV_SIGN_IN)
    try:
        wait_until(lambda: back.received == [b"for later"], "the message arrives")
    finally:
        back.close()
        second.stop()


def test_the_document_on_disk_stays_readable_after_a_run(broker: ManagedBroker) -> None:
    broker.stop()
    assert {client["username"] for client in json.loads(broker.folder.accounts.read_bytes())["clients"]} == {
        "foleni_server",
        "foleni_web",
        "tv-1",
    }


def test_a_pid_file_that_cannot_be_kept_is_told_once_and_the_broker_runs_and_stops(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broker, _ = prepared(tmp_path)
    (broker.folder.pid / "in the way").mkdir(parents=True)
    broker.start()
    os.kill(running_pid(broker), signal.SIGKILL)
    wait_until(lambda: "the broker ended" in caplog.text and broker.pid and accepts(broker.address), "a new broker runs")
    broker.stop()
    told = [record for record in caplog.records if "/pid cannot be kept" in record.message]
    assert [record.levelno for record in told if record.levelno >= logging.WARNING] == [logging.WARNING]
    assert not [path for path in broker.folder.path.iterdir() if path.suffix == ".partial"]
    assert "Traceback" not in caplog.text


def test_a_pid_file_is_written_as_soon_as_it_can_be(tmp_path: Path) -> None:
    broker, _ = prepared(tmp_path)
    broker.folder.pid.mkdir()
    (broker.folder.pid / "in the way").touch()
    broker.start()
    try:
        (broker.folder.pid / "in the way").unlink()
        broker.folder.pid.rmdir()
        wait_until(broker.folder.pid.is_file, "it is written")
        assert int(broker.folder.pid.read_text()) == broker.pid
    finally:
        broker.stop()


def test_a_watch_that_dies_says_so(tmp_path: Path) -> None:
    told: list[str] = []
    accounts = prepared(tmp_path)[0]
    accounts.stop()
    is_over = threading.Event()

    def beat() -> None:
        if is_over.is_set():
            raise RuntimeError("no more")

    broker = ManagedBroker(accounts.folder.path, beat=beat, failed=told.append)
    broker.start()
    is_over.set()
    wait_until(lambda: told, "it is told")
    broker.stop()
    assert told == ["the watch over the broker failed: no more"]


def test_a_hanging_broker_is_stopped_within_its_share_of_the_end(tmp_path: Path) -> None:
    broker, _ = prepared(tmp_path)
    broker.start()
    pid = running_pid(broker)
    os.kill(pid, signal.SIGSTOP)
    begun = time.monotonic()
    broker.stop()
    assert time.monotonic() - begun < 1.5, "all of a program's end takes two seconds"
    wait_until(lambda: is_gone(pid), "its process is gone")
