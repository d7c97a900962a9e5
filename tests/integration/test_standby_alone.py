"""A network that falls apart: the standby takes over by itself where most devices come to it, and the other one steps down."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from branch_server.domain import events as e
from foleni.ids import uuid7
from foleni.messages.commands import Channel, Join
from foleni.messages.replies import Reply
from foleni.settings import MqttUrl
from foleni.station.station import Reach, Station
from foleni.topics import Topics
from tests.support.cable import Cable
from tests.support.chaos import BRANCH, KIOSK_PASSWORD, KIOSKS
from tests.support.chaos_ledger import Ledger
from tests.support.pair import Pair
from tests.support.waiting import until

FIRST, SECOND = "127.0.0.2", "127.0.0.3"
"""Where the two are seen from beyond their cables."""
_LONG_S = 90.0

pytestmark = pytest.mark.timeout(300)


class Net:
    """A pair, a kiosk beside the first server, and two behind the cable that will be cut."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.pair = pair = Pair(folder, ["--takeover-after", "15", "--pair-wait-ms", "2000"], FIRST)
        self.cables = [
            stack.enter_context(Cable(FIRST, pair.first.pair_port, SECOND)),
            stack.enter_context(Cable(SECOND, pair.second.pair_port, FIRST)),
        ]
        stack.enter_context(pair)
        self.cables.append(stack.enter_context(Cable(FIRST, pair.first.kept_port)))
        stack.enter_context(Cable(SECOND, pair.second.kept_port))
        self.near = stack.enter_context(_Started(_station(KIOSKS[0], "127.0.0.1", pair.first.kept_port, folder)))
        self.far = [stack.enter_context(_Started(_station(kiosk, FIRST, pair.first.kept_port, folder))) for kiosk in KIOSKS[1:]]

    @property
    def kiosks(self) -> Sequence[Station]:
        return [self.near, *self.far]


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Net]:
    with ExitStack() as stack:
        yield Net(tmp_path_factory.mktemp("net"), stack)


def test_a_split_network_has_one_server_and_no_number_twice(net: Net) -> None:
    first, second = net.pair.first, net.pair.second
    until(lambda: set(first.standing["devices"]) == set(KIOSKS) == set(second.standing["devices"]), _LONG_S)
    numbers = [_join(kiosk) for kiosk in net.kiosks]
    for cable in net.cables:
        cable.cut()
    alone = _join(net.near)
    until(lambda: second.serves, _LONG_S)
    assert first.standing["role"] == "waiting"
    assert not first.serves
    until(lambda: all(kiosk.reach is Reach.LIVE and kiosk.link.url.host == SECOND for kiosk in net.kiosks), _LONG_S)
    numbers += [_join(kiosk) for kiosk in net.kiosks]
    assert None not in numbers
    assert len({*numbers, alone}) == len(numbers) + 1
    assert [event.by for event in _terms(second.data)] == ["the standby itself"]


@pytest.mark.thorough
def test_the_former_server_follows_when_the_network_is_whole_again(net: Net) -> None:
    first, second = net.pair.first, net.pair.second
    for cable in net.cables:
        cable.mend()
    net.pair.wait_until_attached(second, first)
    assert first.standing["role"] == "standby"
    assert first.standing["term"] == second.standing["term"] == 1
    Ledger(second.data).check()
    until(lambda: [r.id for r in Ledger(first.data).events] == [r.id for r in Ledger(second.data).events], every_s=0.2)


@pytest.mark.thorough
def test_a_device_remembers_the_term_and_both_servers_when_it_is_restarted(net: Net, tmp_path: Path) -> None:
    memory = tmp_path / "servers.json"
    again = Station(
        _url(KIOSKS[0], "127.0.0.1", net.pair.first.kept_port), Topics(BRANCH), KIOSKS[0], "kiosk", {}, None, memory
    )
    net.near.stop()
    with _Started(again):
        until(lambda: again.reach is Reach.LIVE, _LONG_S)
        assert again.link.url.host == SECOND
    later = Station(
        _url(KIOSKS[0], "127.0.0.1", net.pair.first.kept_port), Topics(BRANCH), KIOSKS[0], "kiosk", {}, None, memory
    )
    later.stop()
    assert later.link.url.host == SECOND


class _Started:
    def __init__(self, station: Station) -> None:
        self._station = station

    def __enter__(self) -> Station:
        self._station.start()
        return self._station

    def __exit__(self, *_: object) -> None:
        self._station.stop()


def _station(kiosk: str, host: str, port: int, folder: Path) -> Station:
    return Station(_url(kiosk, host, port), Topics(BRANCH), kiosk, "kiosk", {}, None, folder / f"{kiosk}.json")


def _url(kiosk: str, host: str, port: int) -> MqttUrl:
    return MqttUrl(host, port, kiosk, KIOSK_PASSWORD)


def _join(kiosk: Station) -> str | None:
    """The number of a new ticket; None where nobody gives one now."""
    done = threading.Event()
    answers: list[object] = []

    def answered(answer: object) -> None:
        answers.append(answer)
        done.set()

    kiosk.asker.ask(Join(id=uuid7(), actor=kiosk.device, service="cash", channel=Channel.KIOSK), answered, 30.0)
    assert done.wait(_LONG_S)
    reply = answers[0]
    return str(reply.result["number"]) if isinstance(reply, Reply) and reply.ok and reply.result is not None else None


def _terms(data: Path) -> list[e.TermBegan]:
    return [recorded.event for recorded in Ledger(data).events if isinstance(recorded.event, e.TermBegan)]
