"""What a backup takes from the data folder, and what it says where that cannot be read."""

import io
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from branch_server.keeping import content
from branch_server.keeping.archive import unpack
from branch_server.keeping.content import gather
from branch_server.keeping.copying import forget_passing
from branch_server.keeping.errors import ArchiveError
from branch_server.restoring import first


def test_a_spoilt_database_of_the_web_side_is_said_to_be_one(tmp_path: Path) -> None:
    """Not an error that nobody expects: the console could not say then why there is no backup."""
    copy = tmp_path / "web.db"
    with closing(sqlite3.connect(copy)) as database:
        database.execute("CREATE TABLE sessions (id TEXT)")
        database.executemany("INSERT INTO sessions VALUES (?)", [("x" * 500,)] * 100)
        database.commit()
    whole = bytearray(copy.read_bytes())
    whole[4096:] = b"\xff" * (len(whole) - 4096)
    copy.write_bytes(whole)
    with pytest.raises(ArchiveError, match=r"web\.db is no good"):
        forget_passing(copy)


def test_a_bundle_that_comes_in_at_this_moment_is_left_out(tmp_path: Path) -> None:
    updates, place = tmp_path / "data/updates", tmp_path / "copies"
    updates.mkdir(parents=True)
    place.mkdir()
    (updates / "plans.json").write_text("{}")
    (updates / "1b4e28ba.incoming").write_bytes(b"hsqs")
    (updates / f"{'0' * 64}.raucb").write_bytes(b"hsqs")
    assert gather(tmp_path / "data", [], place) == ["updates/plans.json"]


def test_small_files_count_where_the_disk_gets_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    needed: list[int] = []
    monkeypatch.setattr(content, "check_room", lambda _folder, size: needed.append(size))
    (tmp_path / "data").mkdir()
    (tmp_path / "copies").mkdir()
    (tmp_path / "data/logo.png").write_bytes(bytes(1000))
    gather(tmp_path / "data", [], tmp_path / "copies")
    assert needed == [3000], "copied, packed, and locked"


def test_a_file_that_goes_while_it_is_looked_at_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A device is cut off at this moment: that is no reason for a night without a backup."""
    data, place = tmp_path / "data", tmp_path / "copies"
    place.mkdir()
    (data / "devices").mkdir(parents=True)
    (data / "devices/door.toml").write_text("x")
    (data / "devices/tv.toml").write_text("x")

    def belongs(name: Path) -> bool:
        (data / "devices/door.toml").unlink(missing_ok=True)
        return name.name.endswith(".toml")

    monkeypatch.setattr(content, "_belongs", belongs)
    assert gather(data, [], place) == ["devices/tv.toml"]


@pytest.mark.parametrize("name", ["tls/a\n../b", "a\n..", "/etc/passwd", "../x"])
def test_an_archive_with_names_that_no_backup_has_is_refused(tmp_path: Path, name: str) -> None:
    """A restore notes what it has put in place, a name a line: a line break in one would name something else."""
    packed, folder = tmp_path / "packed", tmp_path / "made"
    folder.mkdir()
    with tarfile.open(packed, "w:gz", format=tarfile.PAX_FORMAT) as tar:
        member = tarfile.TarInfo("x")
        member.name = name
        member.size = 1
        tar.addfile(member, io.BytesIO(b"x"))
    with pytest.raises(ArchiveError):
        unpack(packed, folder)
    assert list(folder.iterdir()) == []


def test_a_first_start_from_a_place_that_cannot_be_one_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert not first.restored(tmp_path / "data", "sftp://foleni@backup.example.org/branch", ())
    assert "nothing was restored: sftp://foleni@backup.example.org/branch needs keys" in capsys.readouterr().err
