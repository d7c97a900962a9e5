"""The outbox: one contract for both kinds, and a process killed in the middle of its work."""

import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from foleni.ids import uuid7
from foleni.link.outbox import MemoryOutbox, Outbox, OutboxError, SqliteOutbox
from foleni.messages.commands import Cancel, Channel, Join


@pytest.fixture(params=["memory", "sqlite"])
def outbox(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Outbox]:
    box: Outbox = MemoryOutbox() if request.param == "memory" else SqliteOutbox(tmp_path / "outbox.db")
    yield box
    box.close()


def join(number: str = "K001") -> Join:
    return Join(id=uuid7(), service="cash", channel=Channel.KIOSK, number=number)


def test_commands_come_back_as_they_went_in_and_in_order(outbox: Outbox) -> None:
    commands = [join("K009"), Cancel(id=uuid7(), ticket=uuid7()), join("K001")]
    for command in commands:
        outbox.put(command)
    assert outbox.pending() == commands


def test_what_is_done_is_gone_and_doing_it_twice_is_harmless(outbox: Outbox) -> None:
    first, second = join(), join()
    outbox.put(first)
    outbox.put(second)
    outbox.done(first.id)
    outbox.done(first.id)
    outbox.done("unknown")
    assert outbox.pending() == [second]


def test_the_same_id_is_kept_once_and_in_its_place(outbox: Outbox) -> None:
    first, second = join(), join()
    for command in (first, second, first):
        outbox.put(command)
    assert outbox.pending() == [first, second]


def test_many_threads_may_put_at_once(outbox: Outbox) -> None:
    def put_ten() -> None:
        for _ in range(10):
            outbox.put(join())

    threads = [threading.Thread(target=put_ten) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({command.id for command in outbox.pending()}) == 40


def test_what_was_put_survives_a_kill(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from foleni.link.outbox import SqliteOutbox\n"
        "from foleni.messages.commands import Join; from foleni.ids import uuid7\n"
        "box = SqliteOutbox(Path(sys.argv[1]))\n"
        "while True:\n"
        "    command = Join(id=uuid7(), service='cash', channel='kiosk'); box.put(command); print(command.id, flush=True)"
    )
    path = tmp_path / "outbox.db"
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = [process.stdout.readline().strip() for _ in range(50)]
        process.send_signal(signal.SIGKILL)
        told += process.stdout.read().split()
    with SqliteOutbox(path) as box:
        kept = [command.id for command in box.pending()]
    assert kept[: len(told)] == told
    assert len(kept) <= len(told) + 1


def test_a_file_that_is_no_outbox_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    path.write_bytes(b"this is no database" * 100)
    for wrong in (path, tmp_path / "nowhere" / "outbox.db"):
        with pytest.raises(OutboxError):
            SqliteOutbox(wrong)


def test_a_command_that_this_version_cannot_read_stays_and_stops_nobody(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    command = join()
    with SqliteOutbox(path) as box:
        connection = sqlite3.connect(path)
        with connection:
            connection.execute("INSERT INTO outbox (id, command) VALUES ('x', ?)", (b'{"type":"from the future"}',))
        connection.close()
        box.put(command)
        assert box.pending() == [command]
