"""The link with brokers that hang, lie or cut, and over TLS."""

import os
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from foleni.link.link import Link, Options, State
from foleni.link.packets import Incoming, encode_puback, encode_publish
from foleni.link.wire import Wire
from foleni.settings import MqttUrl
from tests.support.broker import Broker
from tests.support.peer import QUICK, Peer, payloads
from tests.support.waiting import until


@contextmanager
def odd_broker(answer: Callable[[socket.socket], object]) -> Iterator[MqttUrl]:
    """A TCP server that treats each connection with `answer`."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[socket.socket] = []

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                held.append(connection)
                try:
                    answer(connection)
                except OSError:
                    continue

        thread = threading.Thread(target=serve)
        thread.start()
        yield MqttUrl("127.0.0.1", server.getsockname()[1])
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
        for connection in held:
            connection.close()


def test_a_broker_that_never_answers_is_left_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[Any] = []
    with odd_broker(seen.append) as url, Peer(url, "a", options=QUICK) as a:
        until(lambda: len(seen) >= 3)
        assert a.ups == []
        assert a.beats
    assert "does not answer" in caplog.text


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x00" * 64, b"\xff" * 64, b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x20\x02\x00", b"\x20\x03\x00\x00\x05",
        b"\x20\x03\x00\x00\x00\x30\x01\x00", b"\x20\x03\x00\x00\x00\x32\x04\x00\x01\xff\x00",
        b"\x20\x03\x00\x00\x00\x40\x01\x00", b"\x20\x03\x00\x00\x00\x90\x01\x00",
        b"\x20\x03\x00\x00\x00\x30\x05\x00\x01t\xff\x01",
        b"\x20\x03\x00\x00\x00\xe0\x00",
    ],
)  # fmt: skip
def test_garbage_from_the_broker_ends_the_connection_and_not_the_link(garbage: bytes) -> None:
    seen: list[Any] = []

    def answer(connection: socket.socket) -> None:
        seen.append(connection)
        connection.sendall(garbage)

    with odd_broker(answer) as url, Peer(url, "a", "t", options=QUICK) as a:
        until(lambda: len(seen) >= 3)
        assert a.messages == []
        assert a.link.state is not State.STOPPED


@pytest.mark.parametrize("step", [1, 2, 3, 7, 100, 1 << 17])
def test_packets_may_be_cut_anywhere(step: int) -> None:
    sent = [Incoming("t", b"x" * size, qos=qos) for size in (0, 1, 120, 130, 20_000 if step > 1 else 300) for qos in (0, 1)]
    packets = [encode_publish(each.topic, each.payload, number, qos=each.qos) for number, each in enumerate(sent)]
    stream = b"\x20\x03\x00\x00\x00" + b"\xd0\x00".join(packets) + b"".join(packets)
    received: list[Incoming] = []
    ours, theirs = socket.socketpair()
    with ours, theirs:
        wire = Wire(ours, "a", lambda: None, received.append)
        wire.greet(MqttUrl("127.0.0.1", 1), 15, 60, None)
        theirs.recv(4096)
        for at in range(0, len(stream), step):
            theirs.sendall(stream[at : at + step])
            wire.read()
        while wire.has_backlog:
            wire.read()
        assert wire.end is None
        assert received == sent * 2
        assert theirs.recv(4096) == b"".join(encode_puback(number) for number, each in enumerate(sent) if each.qos) * 2
        wire.close()


def test_stop_does_not_wait_for_a_broker_that_is_not_there() -> None:
    peer = Peer(MqttUrl("192.0.2.1", 1883), "a")
    with peer:
        until(lambda: peer.beats)
    assert peer.ups == []
    Peer(MqttUrl("127.0.0.1", 1), "never started").link.stop()


def test_a_stalled_broker_is_noticed_by_its_silence(broker: Broker) -> None:
    with Peer(broker.url, "a", options=Options(keepalive_s=1, connect_timeout_s=0.3)) as a:
        a.up()
        os.kill(broker.pid, signal.SIGSTOP)
        try:
            until(lambda: a.downs)
            ups = len(a.ups)
        finally:
            os.kill(broker.pid, signal.SIGCONT)
        until(lambda: len(a.ups) > ups)


def certificates(directory: Path) -> None:
    """A certificate for 127.0.0.1 that is its own authority."""
    request = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1"
    names = ["-addext", "subjectAltName=IP:127.0.0.1"]
    out = ["-keyout", str(directory / "key.pem"), "-out", str(directory / "ca.pem")]
    subprocess.run([*request.split(), *names, *out], check=True, capture_output=True)


def test_tls_carries_a_flood_both_ways_and_refuses_a_stranger(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    certificates(tmp_path)
    listener = f"certfile {tmp_path}/ca.pem\nkeyfile {tmp_path}/key.pem\n"
    broker = Broker(tmp_path, listener=listener).start()
    try:
        url = MqttUrl("127.0.0.1", broker.port, tls=True, ca=tmp_path / "ca.pem")
        with Peer(url, "a", "t") as a:
            a.up()
            writers = [
                threading.Thread(target=lambda: [a.link.publish("t", b"x" * 3000) for _ in range(1000)]) for _ in range(3)
            ]
            for writer in writers:
                writer.start()
            for writer in writers:
                writer.join()
            until(lambda: len(a.messages) == 3000, 60)
            assert set(payloads(a)) == {b"x" * 3000}
            assert a.downs == 0
        with Peer(MqttUrl("127.0.0.1", broker.port, tls=True), "stranger") as stranger:
            until(lambda: "certificate verify failed" in caplog.text)
            assert stranger.ups == []
    finally:
        broker.kill()


def test_two_with_one_name_displace_each_other_without_a_storm(broker: Broker) -> None:
    with Peer(broker.url, "twin") as one, Peer(broker.url, "twin") as other:
        until(lambda: one.downs and other.downs)
    assert one.link.state is other.link.state is State.STOPPED


def test_a_topic_with_wildcards_is_refused_here() -> None:
    link = Link(MqttUrl("127.0.0.1", 1), "a")
    for topic in ("", "a/+", "#"):
        with pytest.raises(ValueError, match="cannot publish"):
            link.publish(topic, b"")
    link.stop()
