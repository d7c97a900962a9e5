"""Journals for the engine's tests."""

import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from branch_server.adapters.db.connections import FILE_NAME
from branch_server.adapters.db.journal import SqlJournal
from branch_server.engine.journal import Journal, MemoryJournal

Opening = Callable[[], Journal]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an empty database, so that not every test migrates one."""
    folder = tmp_path_factory.mktemp("migrated")
    SqlJournal(folder).close()
    return folder


@pytest.fixture(params=["memory", "sqlite"])
def new_journal(request: pytest.FixtureRequest, migrated: Path, tmp_path: Path) -> Iterator[Opening]:
    """Opens an empty journal of its own at each call."""
    opened: list[Journal] = []
    folders = count()

    def open_one() -> Journal:
        while opened:
            opened.pop().close()
        if request.param == "memory":
            return MemoryJournal()
        folder = tmp_path / str(next(folders))
        folder.mkdir()
        shutil.copy(migrated / FILE_NAME, folder)
        opened.append(SqlJournal(folder))
        return opened[-1]

    yield open_one
    for journal in opened:
        journal.close()
