"""What all tests may use."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.broker import Broker
from tests.support.web import chromium


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """A running Mosquitto that lets everybody in."""
    broker = Broker(tmp_path).start()
    yield broker
    broker.kill()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. Not for longer than one file: while it runs, its event loop is the main thread's."""
    with chromium() as running:
        yield running
