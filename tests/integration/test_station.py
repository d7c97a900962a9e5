"""A device's place on the LAN, through a real Mosquitto."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from foleni.ids import uuid7
from foleni.messages.base import Message
from foleni.messages.orders import KnownOrder
from foleni.messages.state import Board, CounterStatus, DeviceConfig, DeviceStatus, PrinterStatus
from foleni.settings import MqttUrl
from foleni.station.station import Ears, Reach, Station
from foleni.topics import Topics
from tests.support.broker import Broker
from tests.support.peer import Peer
from tests.support.waiting import until

TOPICS = Topics("main")
LIVE = b'{"online":true,"boot":"00000000-0000-7000-8000-000000000001","version":"1","since":"2026-11-20T08:00:00.000Z"}'
GONE = b'{"online":false,"boot":"00000000-0000-7000-8000-000000000001"}'
ANOTHER_LIFE = LIVE.replace(b"0001", b"0002")


class Heard:
    """A kiosk's station and what it heard."""

    def __init__(self, url: MqttUrl) -> None:
        self.news: list[tuple[str, Message]] = []
        self.configs: list[DeviceConfig] = []
        self.reaches: list[Reach] = []
        self.orders: list[KnownOrder] = []
        ears = Ears(
            lambda topic, message: self.news.append((topic, message)),
            self.configs.append,
            self.reaches.append,
            on_order=lambda order, _: self.orders.append(order),
        )
        followed: dict[str, type[Message]] = {TOPICS.board: Board, TOPICS.counter(Topics.ANY): CounterStatus}
        self.station = Station(url, TOPICS, "kiosk-1", "kiosk", followed, ears)

    @property
    def seqs(self) -> list[int]:
        return [message.seq for _, message in self.news if isinstance(message, Board)]


@contextmanager
def server_at(url: MqttUrl) -> Iterator[Peer]:
    with Peer(url, "server") as server:
        until(lambda: server.link.is_up)
        yield server


@contextmanager
def heard_from(url: MqttUrl) -> Iterator[Heard]:
    heard = Heard(url)
    heard.station.start()
    try:
        yield heard
    finally:
        heard.station.stop()


def board(seq: int) -> bytes:
    return b'{"seq":%d,"calls":[],"recent":[],"next":[],"notice":{}}' % seq


def statuses(peer: Peer) -> list[DeviceStatus]:
    return [DeviceStatus.model_validate_json(message.payload) for message in peer.messages if message.payload]


def test_a_device_says_that_it_is_there_and_the_broker_says_when_it_is_gone(broker: Broker) -> None:
    with Peer(broker.url, "watcher", TOPICS.status("kiosk-1")) as watcher:
        with heard_from(broker.url) as heard:
            until(lambda: statuses(watcher))
            heard.station.tell_printer(PrinterStatus(state="paper_low"))
            until(lambda: len(statuses(watcher)) == 2)
        until(lambda: not statuses(watcher)[-1].online)
        first, second, last = statuses(watcher)
    assert (first.online, first.kind, first.printer) == (True, "kiosk", None)
    assert second.printer == PrinterStatus(state="paper_low")
    assert second.since == first.since
    assert last.kind == "kiosk"


def test_how_far_the_voice_carries_is_told_at_each_change(broker: Broker) -> None:
    with server_at(broker.url) as server, heard_from(broker.url) as heard:
        server.link.publish(TOPICS.server, LIVE, retain=True)
        until(lambda: heard.reaches == [Reach.LIVE])
        server.link.publish(TOPICS.server, GONE, retain=True)
        until(lambda: heard.reaches == [Reach.LIVE, Reach.NO_SERVER])
        broker.kill()
        until(lambda: heard.station.reach is Reach.NO_LINK)
        broker.start()
        until(lambda: server.link.is_up)
        server.link.publish(TOPICS.server, ANOTHER_LIFE, retain=True)
        until(lambda: heard.station.reach is Reach.LIVE)


def test_older_news_is_not_told_until_the_server_lives_again(broker: Broker) -> None:
    with server_at(broker.url) as server, heard_from(broker.url) as heard:
        server.link.publish(TOPICS.server, LIVE, retain=True)
        until(lambda: heard.reaches)
        for seq in (5, 4, 5, 6):
            server.link.publish(TOPICS.board, board(seq), retain=True)
        until(lambda: heard.seqs == [5, 5, 6])
        server.link.publish(TOPICS.server, ANOTHER_LIFE, retain=True)
        server.link.publish(TOPICS.board, board(2), retain=True)
        until(lambda: heard.seqs == [5, 5, 6, 2])


def test_an_order_is_taken_once_and_one_that_is_kept_never(broker: Broker, caplog: pytest.LogCaptureFixture) -> None:
    def identify() -> bytes:
        return b'{"id":"%s","type":"identify"}' % uuid7().encode()

    with server_at(broker.url) as server:
        server.link.publish(TOPICS.orders("kiosk-1"), identify(), retain=True)
        until(lambda: server.link.in_flight == 0)
        with heard_from(broker.url) as heard:
            until(lambda: "a retained order" in caplog.text)
            assert heard.orders == []
            server.link.publish(TOPICS.orders("kiosk-1"), identify())
            until(lambda: len(heard.orders) == 1)


def test_each_counter_has_its_own_order(broker: Broker) -> None:
    def counter(seq: int) -> bytes:
        return b'{"seq":%d,"state":"open","label":"1","in_hand":null,"waiting":0}' % seq

    with server_at(broker.url) as server, heard_from(broker.url) as heard:
        until(lambda: heard.station.link.is_up)
        for name, seq in (("c1", 7), ("c2", 3), ("c1", 6), ("c2", 4)):
            server.link.publish(TOPICS.counter(name), counter(seq), retain=True)
        until(lambda: len(heard.news) == 3)
    told = [(topic.rpartition("/")[2], message.seq) for topic, message in heard.news if isinstance(message, CounterStatus)]
    assert told == [("c1", 7), ("c2", 3), ("c2", 4)]


def test_garbage_on_every_topic_is_passed_over(broker: Broker) -> None:
    config = DeviceConfig(device="kiosk-1", kind="kiosk", branch={"id": "main"})
    with server_at(broker.url) as server, heard_from(broker.url) as heard:
        until(lambda: heard.station.link.is_up)
        for topic in (TOPICS.server, TOPICS.board, TOPICS.config("kiosk-1"), TOPICS.counter("c1"), TOPICS.replies("kiosk-1")):
            for payload in (b"", b"\xff\x00", b"[]", b"{}", b'{"seq":"x"}', uuid7().encode(), b'{"seq":1e400}', b"[" * 5000):
                server.link.publish(topic, payload)
        server.link.publish(TOPICS.board, board(1))
        server.link.publish(TOPICS.config("kiosk-1"), config.to_wire())
        until(lambda: heard.configs and heard.seqs == [1])
        assert heard.configs == [config]
        assert heard.station.link.is_up
