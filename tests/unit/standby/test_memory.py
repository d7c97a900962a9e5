"""What a device remembers of its branch's two servers."""

from pathlib import Path

from foleni.messages.state import ServerStatus
from foleni.settings import MqttUrl
from foleni.station.pair import TwoServers

_URL = MqttUrl("first", 1883)
_LATER = ServerStatus(online=True, term=5, other="second:1883")
_FORMER = ServerStatus(online=True, term=4)


def test_a_device_remembers_the_term_of_its_branch(tmp_path: Path) -> None:
    memory = tmp_path / "servers.json"
    assert TwoServers(_URL, memory, "main").hears(_LATER)
    assert not TwoServers(_URL, memory, "main").hears(_FORMER)
    assert not TwoServers(MqttUrl("elsewhere", 1883), memory, "main").hears(_FORMER)


def test_the_terms_of_another_branch_say_nothing(tmp_path: Path) -> None:
    memory = tmp_path / "servers.json"
    assert TwoServers(_URL, memory, "main").hears(_LATER)
    assert TwoServers(_URL, memory, "harbour").hears(ServerStatus(online=True))
