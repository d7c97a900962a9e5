"""What all tests may use."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.broker import Broker


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """A running Mosquitto that lets everybody in."""
    broker = Broker(tmp_path).start()
    yield broker
    broker.kill()
