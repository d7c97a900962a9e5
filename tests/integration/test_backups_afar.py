"""Backups on a server, through rclone: an SSH server as every company has one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from branch_server.keeping.errors import Fault
from tests.support.backups import Keeper, backups_in, everything_below
from tests.support.branch import BranchProcess
from tests.support.sftp import SftpServer
from tests.support.synced import SETUP, log_of


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A branch's folder, as it lies there between two runs."""
    with BranchProcess(tmp_path_factory.mktemp("afar"), SETUP) as branch:
        branch.stop()
        return branch.data


@pytest.fixture
def keeper(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Keeper:
    return Keeper(data, tmp_path, capsys)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SftpServer]:
    with SftpServer(tmp_path_factory.mktemp("sshd")) as running:
        yield running


def restored(keeper: Keeper, table: str, data: Path) -> int:
    config = keeper.key.with_name("restore.toml")
    config.write_text(table)
    return keeper.restore("office", data, "--config", str(config)).status


def test_it_is_there_whole_and_comes_back(server: SftpServer, keeper: Keeper, tmp_path: Path) -> None:
    came = keeper.back_up(settings=server.table())
    assert came.status == 0, came.said
    assert len(backups_in(server.files)) == 1
    half = server.files / f".{backups_in(server.files)[0].name}.partial"
    half.write_bytes(b"half")
    assert keeper.back_up(settings=server.table()).status == 0
    assert not half.exists()
    assert restored(keeper, server.table(), tmp_path / "new") == 0
    assert log_of(tmp_path / "new")[:-1] == log_of(keeper.data)


@pytest.mark.parametrize("wrong", ["host_key", "user_key"])
def test_a_server_that_shows_another_key_gets_nothing_nor_does_one_that_does_not_know_us(
    server: SftpServer, keeper: Keeper, wrong: str
) -> None:
    before = everything_below(server.files)
    came = keeper.back_up(settings=server.table(**{wrong: "strange_key"}))
    assert came.status == 1
    assert keeper.status()["targets"][0]["fault"] == Fault.REFUSED, came.said
    assert everything_below(server.files) == before


def test_a_server_that_may_not_write_there_says_so(server: SftpServer, keeper: Keeper) -> None:
    came = keeper.back_up(settings=server.table(files="/proc/nowhere"))
    assert came.status == 1
    assert came.said.strip()


def test_a_server_that_is_away_keeps_no_other_place_from_its_backup(keeper: Keeper, tmp_path: Path) -> None:
    (tmp_path / "sshd").mkdir()
    (tmp_path / "disk").mkdir()
    away = SftpServer(tmp_path / "sshd")
    disk = f'[[backup]]\nname = "disk"\nto = "{tmp_path / "disk"}"\nsame_disk = true\n'
    assert keeper.back_up(settings=away.table() + disk).status == 1
    status = keeper.status()
    assert [place["fault"] for place in status["targets"]] == [Fault.UNREACHABLE, None], status
    assert len(backups_in(tmp_path / "disk")) == 1
