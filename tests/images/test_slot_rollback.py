"""A system that cannot be read is given up after three tries, and the other one starts."""

from pathlib import Path

import pytest

from tests.images.support.machine import Machine
from tests.images.support.office import WEB, Office


@pytest.mark.timeout(1800)
def test_a_damaged_slot_is_given_up_after_three_tries(tmp_path: Path) -> None:
    server = Machine("server", tmp_path / "server", forwards=(WEB,))
    assert server.boot_entries() == ["foleni-a+3.conf", "foleni-b.conf"]
    server.damage_slot("a")
    server.on()
    try:
        server.until_said("Foleni cannot read its system on this disk")
        server.picture("slot-damaged")
        server.until_said("(b): ", 1200)
        Office(server).until_open()
        assert server.boot_entries() == ["foleni-a+0-3.conf", "foleni-b.conf"]
        assert server.said.count("Foleni cannot read its system") == 3
    finally:
        server.cut_power()
