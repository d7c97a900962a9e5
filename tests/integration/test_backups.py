"""Backups of a branch at work: made, read back, kept, and refused where they are no good."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from branch_server.keeping.errors import ArchiveError, Fault, KeyFaultError
from branch_server.keeping.opening import open_file, read_identities
from branch_server.keeping.status import ask_for_one, is_wanted
from tests.support.backups import Keeper, backups_in, everything_below
from tests.support.branch import BranchProcess
from tests.support.chaos_disks import kinds_of_full_disk, small_disk
from tests.support.client import Client
from tests.support.synced import BRANCH, SETUP, desk_of
from tests.support.waiting import until

_ROOT = Path(__file__).resolve().parents[2]
_FILLER_BYTES = 4 * 1024 * 1024


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BranchProcess]:
    with BranchProcess(tmp_path_factory.mktemp("kept"), SETUP) as running:
        with desk_of(running) as desk:
            for _ in range(20):
                join(desk)
        yield running


@pytest.fixture(scope="module")
def _keeper(branch: BranchProcess, tmp_path_factory: pytest.TempPathFactory) -> Keeper:
    return Keeper(branch.data, tmp_path_factory.mktemp("keys"))


@pytest.fixture
def keeper(_keeper: Keeper, capsys: pytest.CaptureFixture[str]) -> Keeper:
    return _keeper.heard_by(capsys)


@pytest.fixture(scope="module")
def good(_keeper: Keeper, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One backup."""
    place = tmp_path_factory.mktemp("good")
    assert _keeper.back_up(place).status == 0
    return backups_in(place)[0]


def join(desk: Client) -> str:
    """The number of a new ticket."""
    return str(desk.ask({"type": "join", "service": "cash", "channel": "staff"})["result"]["number"])


def open_here(keeper: Keeper, backup: Path, folder: Path) -> int:
    """Opens it as a restore does; the last event in it."""
    folder.mkdir()
    return open_file(backup, read_identities(keeper.key), folder)[1].state.seq


def test_every_answered_ticket_is_in_a_backup_that_is_made_while_others_join(
    branch: BranchProcess, keeper: Keeper, tmp_path: Path
) -> None:
    answered: list[str] = []
    done = threading.Event()

    def keep_joining() -> None:
        with desk_of(branch) as desk:
            while not done.is_set():
                answered.append(join(desk))

    load = threading.Thread(target=keep_joining)
    load.start()
    try:
        until(lambda: len(answered) > 5)
        before = list(answered)
        assert keeper.back_up(tmp_path).status == 0
        during = len(answered)
        until(lambda: len(answered) > during + 5)
    finally:
        done.set()
        load.join()
    open_here(keeper, backups_in(tmp_path)[0], tmp_path / "opened")
    with closing(sqlite3.connect(tmp_path / "opened" / "branch.db")) as connection:
        kept = {row[0] for row in connection.execute("SELECT number FROM tickets")}
    assert set(before) <= kept


def test_a_backup_is_proved_read_back_and_written_down(keeper: Keeper, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    came = keeper.back_up(first, second)
    assert came.status == 0, came.said
    assert backups_in(first)[0].read_bytes() == backups_in(second)[0].read_bytes()
    status = keeper.status()
    assert status["ok"]
    assert [place["fault"] for place in status["targets"]] == [None, None]
    assert status["targets"][0]["name"] == backups_in(first)[0].name
    assert not list((keeper.data / "backup").glob(".making*"))
    verified = keeper.verify(first)
    assert verified.status == 0, verified.said
    assert f"good: branch {BRANCH}, event {status['seq']}" in verified.said


def test_nothing_readable_leaves_the_box(branch: BranchProcess, good: Path) -> None:
    content = good.read_bytes()
    assert content.startswith(b"age-encryption.org/v1\n")
    for secret in (BRANCH.encode(), b"ticket_joined", branch.account("kiosk-1").password.encode(), b"SQLite"):
        assert secret not in content
    assert good.stat().st_mode & 0o077 == 0


def test_another_key_opens_nothing(keeper: Keeper, good: Path, tmp_path: Path) -> None:
    other = Keeper(tmp_path, tmp_path)
    with pytest.raises(ArchiveError, match="not locked with this key"):
        open_file(good, read_identities(other.key), tmp_path)
    came = keeper.restore(good, tmp_path / "data", "--identity", str(other.key))
    assert came.status == 1
    assert "another paper" in came.said
    assert everything_below(tmp_path / "data") == []


@pytest.mark.parametrize("typed", ["", "AGE-SECRET-KEY-1QQQQ", "hello", "AGE-SECRET-KEY-"])
def test_what_is_no_key_is_said_to_be_none_and_not_repeated(tmp_path: Path, typed: str) -> None:
    (tmp_path / "key").write_text(typed)
    with pytest.raises(KeyFaultError) as refused:
        read_identities(tmp_path / "key")
    assert "QQQQ" not in str(refused.value)


def test_a_key_as_somebody_types_it_from_paper_is_understood(keeper: Keeper, good: Path, tmp_path: Path) -> None:
    secret = keeper.key.read_text().lower()
    lines = "\r\n".join(f"  {secret[n : n + 10]} {secret[n + 10 : n + 20]}" for n in range(0, len(secret), 20))
    (tmp_path / "typed").write_text(f"\ufeff# of the branch\r\n{lines}\r\n", encoding="utf-8")
    (tmp_path / "opened").mkdir()
    assert open_file(good, read_identities(tmp_path / "typed"), tmp_path / "opened")[0].branch == BRANCH


def test_cut_off_anywhere_or_changed_anywhere_it_is_refused(keeper: Keeper, good: Path, tmp_path: Path) -> None:
    whole, identities = good.read_bytes(), read_identities(keeper.key)
    places = [*range(0, len(whole), 4096), len(whole) - 1]
    broken = [whole[:place] for place in places]
    broken += [whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :] for place in places]
    broken.append(whole + b"more")
    for number, content in enumerate(broken):
        path, folder = tmp_path / f"{number}.age", tmp_path / str(number)
        path.write_bytes(content)
        folder.mkdir()
        with pytest.raises(ArchiveError):
            open_file(path, identities, folder)
        assert everything_below(folder) == []


def test_a_newer_backup_that_is_damaged_is_passed_over(keeper: Keeper, good: Path, tmp_path: Path) -> None:
    (tmp_path / good.name).write_bytes(good.read_bytes())
    newer = good.name.replace(good.name.split("-")[-1], "20991231T000000Z.tar.gz.age")
    (tmp_path / newer).write_bytes(good.read_bytes()[:-100])
    came = keeper.verify(tmp_path)
    assert came.status == 0
    assert f"{newer}: it is damaged or cut off" in came.said


def test_old_ones_go_and_what_is_not_the_branchs_own_stays(keeper: Keeper, good: Path, tmp_path: Path) -> None:
    stem, end = good.name.rsplit("-", 1)[0], ".tar.gz.age"
    own = [f"{stem}-2026{month:02}{day:02}T020000Z{end}" for month in (1, 2) for day in range(1, 29)]
    foreign = [own[0].replace(BRANCH, "other"), "holiday.jpg", ".hidden", f"{own[0]}.old", own[0].replace(end, ".txt")]
    for name in [*own, *foreign]:
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / f".{own[0]}.partial").write_bytes(b"half")
    assert keeper.back_up(tmp_path).status == 0
    left = set(everything_below(tmp_path))
    assert set(foreign) < left
    assert f".{own[0]}.partial" not in left
    assert own[-1] in left, "one of the last days"
    assert own[27] in left, "a month's last"
    assert own[0] not in left


@pytest.mark.variants(1)
@pytest.mark.parametrize("kind", kinds_of_full_disk())
def test_a_full_disk_is_named_keeps_nothing_half_and_no_other_place_from_its_backup(
    keeper: Keeper, tmp_path: Path, kind: str
) -> None:
    """Mounted: the place is full. Limited: whatever the process writes is too long, so that nothing can be made."""
    other = tmp_path / "other"
    other.mkdir()
    with small_disk(tmp_path, kind) as disk:
        disk.data.mkdir(parents=True)
        disk.fill()
        arguments = ["backup", "--data", str(keeper.data), "--same-disk", f"--to={disk.data}", f"--to={other}"]
        command = [*disk.prefix, sys.executable, "-m", "branch_server", *arguments]
        ended = subprocess.run(command, cwd=_ROOT, capture_output=True, check=False)
        assert ended.returncode == 1, ended.stderr
        status = keeper.status()
        assert not status["ok"]
        if kind == "mounted":
            assert [place["fault"] for place in status["targets"]] == [Fault.FULL, None]
        else:
            assert status["fault"] == Fault.SOURCE
        assert everything_below(disk.data) == []
        assert len(backups_in(other)) == (1 if kind == "mounted" else 0)
        assert not (keeper.data / "backup" / ".making").exists()


def test_a_place_that_is_not_mounted_or_not_there_is_no_place(keeper: Keeper, tmp_path: Path) -> None:
    came = keeper.back_up(settings=f'data = "{keeper.data}"\n[[backup]]\nto = "{tmp_path}"\nname = "second-disk"\n')
    assert came.status == 1
    assert "second-disk: " in came.said
    assert "is its disk mounted?" in came.said
    assert keeper.back_up(tmp_path / "nowhere").status == 1
    assert keeper.back_up(settings='[[backup]]\nto = "usb:NO-SUCH-STICK"\n').status == 1
    assert keeper.status()["targets"][0]["fault"] == Fault.NOT_THERE
    assert backups_in(tmp_path) == []


def test_a_settings_file_of_the_branch_server_serves_both_and_is_kept(keeper: Keeper, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("secret")
    settings = f"""
        mqtt = "managed"
        http = "127.0.0.1:0"
        cloud = "https://queue.example.org"
        cloud_token_file = "{tmp_path / "token"}"
        [[backup]]
        to = "{tmp_path}"
        same_disk = true
    """
    came = keeper.back_up(settings=settings)
    assert came.status == 0, came.said
    open_here(keeper, backups_in(tmp_path)[0], tmp_path / "opened")
    assert (tmp_path / "opened" / "settings" / "branch.toml").read_text() == settings
    assert (tmp_path / "opened" / "settings" / "token").read_text() == "secret"


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ('[[backup]]\nto = "nowhere"\n', "must be /a/folder"),
        ('[[backup]]\nto = "sftp://me:word@host/x"\n', "must hold no password"),
        ('[[backup]]\nto = "/a"\nkeep = 3\n', "keep"),
        ('[[backup]]\nto = "/a"\n[[backup]]\nto = "/a"\n', "the same name"),
        ('mqqt = "managed"\n', "mqqt"),
    ],
)
def test_a_wrong_setting_is_named(keeper: Keeper, capsys: pytest.CaptureFixture[str], settings: str, fault: str) -> None:
    with pytest.raises(SystemExit) as ended:
        keeper.back_up(settings=settings)
    assert ended.value.code == 2
    assert fault in capsys.readouterr().err


def test_without_a_key_nothing_is_made(branch: BranchProcess, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recipients = branch.data / "backup" / "recipients"
    aside = recipients.rename(tmp_path / "recipients")
    try:
        keeper = Keeper.__new__(Keeper)
        keeper.data, keeper.key, keeper._capsys = branch.data, tmp_path / "key", capsys
        came = keeper.back_up(tmp_path)
        assert came.status == 1
        assert "there is no key yet" in came.said
        assert keeper.status()["fault"] == Fault.NO_KEY
    finally:
        aside.rename(recipients)


def test_a_journal_that_is_damaged_is_never_a_backup(keeper: Keeper, good: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    open_here(keeper, good, tmp_path / "opened")
    spoilt = Keeper(data, tmp_path)
    spoilt._capsys = keeper._capsys
    with closing(sqlite3.connect(tmp_path / "opened" / "branch.db", isolation_level=None)) as connection:
        connection.execute("DELETE FROM events WHERE seq = (SELECT max(seq) - 3 FROM events)")
    (tmp_path / "opened" / "branch.db").rename(data / "branch.db")
    place = tmp_path / "place"
    place.mkdir()
    came = spoilt.back_up(place)
    assert came.status == 1
    assert "gap" in came.said
    assert spoilt.status()["fault"] == Fault.SOURCE
    assert everything_below(place) == []


def test_what_was_asked_for_in_the_console_is_done_once(keeper: Keeper, tmp_path: Path) -> None:
    ask_for_one(keeper.data, "ada")
    ask_for_one(keeper.data, "ada")
    assert is_wanted(keeper.data)
    assert keeper.back_up(tmp_path).status == 0
    assert not is_wanted(keeper.data)


def test_killed_at_any_moment_it_leaves_only_good_ones_and_the_next_one_tidies_up(
    branch: BranchProcess, keeper: Keeper, tmp_path: Path
) -> None:
    filler = branch.data / "filler"
    filler.write_bytes(os.urandom(_FILLER_BYTES))
    making = branch.data / "backup" / ".making"
    place = tmp_path / "place"
    place.mkdir()
    signs = [(making, "packed"), (place, ".*.partial")]
    try:
        for folder, sign in signs:
            arguments = ["-m", "branch_server", "backup", "--data", str(branch.data), f"--to={place}", "--same-disk"]
            with subprocess.Popen([sys.executable, *arguments], cwd=_ROOT, stderr=subprocess.DEVNULL) as running:
                until(partial(_has_come, running, folder, sign))
                running.send_signal(signal.SIGKILL)
        for number, backup in enumerate(backups_in(place)):
            assert open_here(keeper, backup, tmp_path / str(number))
        assert keeper.back_up(place).status == 0
    finally:
        filler.unlink()
    assert not making.exists()
    assert all(not name.startswith(".") for name in everything_below(place))
    assert open_here(keeper, backups_in(place)[-1], tmp_path / "last")


def _has_come(running: "subprocess.Popen[bytes]", folder: Path, sign: str) -> bool:
    """Whether a process has come so far, or is over already."""
    return any(folder.glob(sign)) or running.poll() is not None


@pytest.mark.parametrize("room_bytes", [8 * 1024, 64 * 1024])
def test_a_lock_that_finds_no_room_is_a_refusal(tmp_path: Path, room_bytes: int) -> None:
    """The child may write no file that is longer; it must end with our own words."""
    program = (
        "import sys; from pathlib import Path; from branch_server.keeping.age import new_key, recipient_of;"
        "from branch_server.keeping.archive import lock; from branch_server.keeping.errors import ArchiveError\n"
        "try: lock(Path(sys.argv[1]), Path(sys.argv[2]), [recipient_of(new_key()[1])])\n"
        "except (ArchiveError, OSError) as error: sys.exit(f'refused: {error}')"
    )
    (tmp_path / "packed").write_bytes(os.urandom(256 * 1024))
    command = ["prlimit", f"--fsize={room_bytes}", sys.executable, "-c", program, str(tmp_path / "packed"), str(tmp_path / "x")]
    ended = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith("refused: ")
