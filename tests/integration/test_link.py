"""The link against a real Mosquitto, and against brokers that misbehave."""

import logging
import subprocess
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from foleni.link.link import Options, State
from foleni.link.packets import Incoming
from foleni.link.wire import Will
from foleni.settings import MqttUrl
from tests.support.broker import Broker
from tests.support.peer import Peer, payloads
from tests.support.waiting import until


def test_a_message_arrives_as_it_was_sent(broker: Broker) -> None:
    with Peer(broker.url, "b", "t/#") as b, Peer(broker.url, "a") as a:
        b.up()
        a.up()
        assert a.link.publish("t/é", b"", qos=0)
        assert a.link.publish("t/kept", bytes(range(256)) * 1000, retain=True, expiry_s=60)
        until(lambda: len(b.messages) == 2)
        assert b.messages[0] == Incoming("t/é", b"", qos=0)
        assert b.messages[1] == Incoming("t/kept", bytes(range(256)) * 1000, expiry_s=60, qos=1)
        with Peer(broker.url, "c", "t/kept") as c:
            until(lambda: c.messages)
            assert c.messages[0].retain
            assert c.ups == [False]


def test_one_does_not_hear_oneself_with_no_local(broker: Broker) -> None:
    with Peer(broker.url, "a", "t", no_local=True) as a, Peer(broker.url, "b", "t") as b:
        a.up().link.publish("t", b"a")
        b.up().link.publish("t", b"b")
        until(lambda: b"b" in payloads(a) and b"b" in payloads(b))
        assert payloads(a) == [b"b"]


def test_nothing_can_be_published_while_the_link_is_not_up_and_nothing_goes_out_later(broker: Broker) -> None:
    with Peer(broker.url, "b", "t") as b:
        b.up()
        a = Peer(broker.url, "a")
        assert not a.link.publish("t", b"before")
        with a:
            a.up()
            broker.kill()
            until(lambda: a.downs)
            assert not a.link.publish("t", b"between")
            broker.start()
            until(lambda: len(a.ups) == 2 and len(b.ups) == 2)
            assert a.link.publish("t", b"after")
            until(lambda: b.messages)
        assert not a.link.publish("t", b"too late")
        assert payloads(b) == [b"after"]


def test_the_session_keeps_messages_for_a_client_that_is_away(broker: Broker) -> None:
    with Peer(broker.url, "b", "t") as b:
        b.up()
    with Peer(broker.url, "a") as a:
        a.up()
        for number in range(100):
            a.link.publish("t", b"%d" % number)
        a.link.publish("t", b"stale", expiry_s=1)
        until(lambda: a.link.in_flight == 0)
        expired_at = time.monotonic() + 2.1  # the broker counts in whole seconds
        until(lambda: time.monotonic() > expired_at)
        order: list[object] = []
        again = Peer(broker.url, "b", "t", on_message=order.append)
        with again:
            until(lambda: len(order) == 100)
            assert again.ups == [True]
        assert [incoming.payload for incoming in order if isinstance(incoming, Incoming)] == [
            b"%d" % number for number in range(100)
        ]


def test_no_message_is_handed_over_before_the_link_is_up(broker: Broker) -> None:
    with Peer(broker.url, "b", "t") as b:
        b.up()
    with Peer(broker.url, "a") as a:
        a.up().link.publish("t", b"1")
        until(lambda: a.link.in_flight == 0)
    published: list[bool] = []
    answering = Peer(broker.url, "b", "t", on_message=lambda _: published.append(answering.link.publish("r", b"")))
    with answering:
        until(lambda: published)
    assert published == [True]


def test_traffic_goes_on_after_the_broker_was_killed(broker: Broker) -> None:
    stop = threading.Event()
    sent: set[bytes] = set()
    with Peer(broker.url, "b", "t") as b, Peer(broker.url, "a") as a:
        b.up()
        a.up()

        def talk() -> None:
            number = 0
            while not stop.wait(0.0005):
                number += 1
                if a.link.publish("t", b"%d" % number):
                    sent.add(b"%d" % number)

        talker = threading.Thread(target=talk)
        talker.start()
        for turn in range(3):
            until(lambda: len(b.messages) > 50)
            broker.kill()
            until(lambda turn=turn: a.downs > turn and b.downs > turn)  # type: ignore[misc]
            broker.start()
            until(lambda turn=turn: len(a.ups) == len(b.ups) == turn + 2)  # type: ignore[misc]
            b.messages.clear()
        until(lambda: len(b.messages) > 50)
        stop.set()
        talker.join()
        assert set(payloads(b)) <= sent
        assert a.link.state is State.UP


def test_a_flood_from_four_threads_is_complete_whole_and_in_order(broker: Broker) -> None:
    threads, each = 4, 5000
    with Peer(broker.url, "b", "flood/#") as b, Peer(broker.url, "a") as a:
        b.up()
        a.up()

        def flood(name: int) -> None:
            for number in range(each):
                text = b"%d:%d:" % (name, number)
                assert a.link.publish(f"flood/{name}", text + bytes((number % 256,)) * (number % 400))

        writers = [threading.Thread(target=flood, args=(name,)) for name in range(threads)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        until(lambda: len(b.messages) >= threads * each, 60)
        until(lambda: a.link.in_flight == 0)
        assert a.downs == b.downs == 0
    seen: Counter[int] = Counter()
    for incoming in b.messages:
        name, number, filler = incoming.payload.split(b":", 2)
        assert incoming.topic == f"flood/{int(name)}"
        assert int(number) == seen[int(name)]
        assert filler == bytes((int(number) % 256,)) * (int(number) % 400)
        seen[int(name)] += 1
    assert seen == dict.fromkeys(range(threads), each)


def test_no_more_is_in_flight_than_the_broker_allows(tmp_path: Path) -> None:
    strict = Broker(tmp_path, "allow_anonymous true\nmax_inflight_messages 5\n").start()
    try:
        with Peer(strict.url, "b", "t") as b, Peer(strict.url, "a") as a:
            b.up()
            a.up()
            for number in range(3000):
                assert a.link.publish("t", b"%d" % number)
            until(lambda: len(b.messages) == 3000)
            assert payloads(b) == [b"%d" % number for number in range(3000)]
            assert a.downs == b.downs == 0
    finally:
        strict.kill()


def test_a_handler_that_raises_is_logged_and_the_link_goes_on(broker: Broker, caplog: pytest.LogCaptureFixture) -> None:
    seen: list[bytes] = []

    def clumsy(incoming: Incoming) -> None:
        seen.append(incoming.payload)
        raise RuntimeError("clumsy")

    with Peer(broker.url, "b", "t", on_message=clumsy) as b, Peer(broker.url, "a") as a:
        b.up()
        a.up()
        for payload in (b"1", b"2", b"3"):
            a.link.publish("t", payload)
        until(lambda: len(seen) == 3)
        assert b.downs == 0
    assert "clumsy" in caplog.text


def test_a_wrong_password_is_told_once_and_tried_on(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "foleni.link")
    accounts = tmp_path / "accounts"
    subprocess.run(["mosquitto_passwd", "-c", "-b", str(accounts), "kiosk", "right"], check=True)
    guarded = Broker(tmp_path, f"allow_anonymous false\npassword_file {accounts}\n").start()
    try:
        with Peer(MqttUrl("127.0.0.1", guarded.port, "kiosk", "wrong"), "k") as k:
            until(lambda: sum("refused" in record.message for record in caplog.records) >= 3)
            assert k.ups == []
        refusals = [record.levelno for record in caplog.records if "refused: Not authorized" in record.message]
        assert refusals[0] == logging.WARNING
        assert set(refusals[1:]) == {logging.DEBUG}
        with Peer(MqttUrl("127.0.0.1", guarded.port, "kiosk", "right"), "k") as k:
            k.up()
    finally:
        guarded.kill()


def test_a_publish_that_the_broker_refuses_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rights = tmp_path / "rights"
    rights.write_text("topic readwrite mine\n")
    guarded = Broker(tmp_path, f"allow_anonymous true\nacl_file {rights}\n").start()
    try:
        with Peer(guarded.url, "a", "mine") as a:
            a.up()
            for topic in ("mine", "yours", "yours"):
                a.link.publish(topic, b"")
            until(lambda: len(a.refused) == 2 and a.messages)
            assert a.refused == [("yours", 0x87)] * 2
            until(lambda: a.link.in_flight == 0)
    finally:
        guarded.kill()
    assert caplog.text.count("refused a publish to yours") == 1


def test_the_will_is_published_for_a_client_that_vanishes_and_on_request_after_a_goodbye(broker: Broker) -> None:
    will = Will("status", b"offline")
    with Peer(broker.url, "watcher", "status") as watcher:
        watcher.up()
        with Peer(broker.url, "quiet", options=Options(will)) as quiet:
            quiet.up().link.publish("status", b"quiet is leaving")
        until(lambda: payloads(watcher) == [b"quiet is leaving"])
        with Peer(broker.url, "loud", options=Options(will, will_on_stop=True)) as loud:
            loud.up()
        until(lambda: payloads(watcher)[1:] == [b"offline"])


def test_what_was_published_last_arrives_before_the_goodbye(broker: Broker) -> None:
    with Peer(broker.url, "b", "t") as b:
        b.up()
        with Peer(broker.url, "a", "t") as a:
            a.up()
            for number in range(2000):
                a.link.publish("t", b"%d" % number)
        until(lambda: len(b.messages) == 2000)
