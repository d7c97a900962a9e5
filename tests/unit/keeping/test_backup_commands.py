"""The commands around backups leave nothing behind that the branch server cannot read."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from branch_server.keeping import commands

_NOBODY = 65534


@pytest.mark.parametrize("command", [commands.make_key, commands.back_up])
def test_root_writes_nothing_into_the_folder_of_another_user(
    command: Callable[[Sequence[str]], int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A key that only root can read would keep every nightly backup from being made."""
    if os.geteuid() != 0:
        pytest.skip("only root can own what is another's")
    os.chown(tmp_path, _NOBODY, _NOBODY)
    assert command(["--data", str(tmp_path)]) == 2
    assert f"{tmp_path} belongs to nobody: start this as runuser -u nobody -- " in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
