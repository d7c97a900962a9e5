"""The TV, whole: real windows on a virtual screen, a real branch server, a real Mosquitto."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.e2e.hall import SETUP, Hall, open_hall
from tests.e2e.tv import Screen, Tv
from tests.support.branch import BranchProcess
from tests.support.broker import Broker
from tests.support.client import Client
from tests.support.waiting import until


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    with Screen() as screen:
        yield screen


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    with open_hall(tmp_path) as hall:
        yield hall


def tv_in(hall: Hall, screen: Screen, directory: Path, *arguments: str) -> Tv:
    account = hall.server.account("tv-1")
    return Tv(
        directory, screen, f"mqtt://{account.username}:{account.password}@127.0.0.1:{hall.port}", "hall", "tv-1", *arguments
    )


def test_a_press_is_seen_and_heard(hall: Hall, screen: Screen, tmp_path: Path) -> None:
    service, counter = hall.place()
    with tv_in(hall, screen, tmp_path) as tv:
        screen.shows("is_live", "not has_call")
        number = hall.join(service)["number"]
        hall.call(counter)
        screen.shows("is_live", "has_call")
        until(lambda: len(tv.spoken) == 3)
        hall.at(counter, "recall")
        until(lambda: len(tv.spoken) == 6)
        spelled, label = " ".join(number), " ".join(counter.upper())
        once = [f"chime {number}", f"en Ticket {spelled}, counter {label}", f"fr Ticket {spelled}, guichet {label}"]
        assert tv.spoken == once * 2
        hall.at(counter, "complete")
        screen.shows("is_live", "not has_call")
        assert tv.stop() == 0


def test_twelve_calls_at_once_are_all_there_and_all_spoken(hall: Hall, screen: Screen, tmp_path: Path) -> None:
    service = hall.service()
    counters = [hall.counter(service) for _ in range(12)]
    numbers = [hall.join(service)["number"] for _ in counters]
    with tv_in(hall, screen, tmp_path) as tv:
        screen.shows("is_live", "not has_call")
        for counter in counters:
            hall.desk.send({"type": "call_next", "counter": counter})
        until(lambda: len(tv.spoken) == 36, 60)
        assert sorted(line.removeprefix("chime ") for line in tv.spoken[::3]) == sorted(numbers)
        assert [line.split()[0] for line in tv.spoken] == ["chime", "en", "fr"] * 12
        screen.shows("is_live", "has_call")


def test_when_the_server_dies_the_picture_says_that_it_is_not_live(screen: Screen, tmp_path: Path, broker: Broker) -> None:
    with BranchProcess(tmp_path, SETUP, str(broker.url)) as server, Client(broker.port, "hall", "desk") as desk:
        desk.ask({"type": "open_counter", "counter": "c1"})
        desk.ask({"type": "join", "service": "cash", "channel": "kiosk"})
        desk.ask({"type": "call_next", "counter": "c1"})
        with Tv(tmp_path, screen, str(broker.url)) as tv:
            screen.shows("is_live", "has_call", "not is_in_trouble")
            server.kill()
            screen.shows("not is_live", "not has_call", "is_in_trouble", within_s=60)
            server.start()
            screen.shows("is_live", "has_call", "not is_in_trouble")
            assert tv.is_running


def test_when_the_broker_is_killed_the_picture_says_that_it_is_not_live(screen: Screen, tmp_path: Path, broker: Broker) -> None:
    with BranchProcess(tmp_path, SETUP, str(broker.url)), Tv(tmp_path, screen, str(broker.url)) as tv:
        for _ in range(3):
            screen.shows("is_live", "not is_in_trouble")
            broker.kill()
            screen.shows("not is_live", "is_in_trouble")
            broker.start()
        screen.shows("is_live", "not is_in_trouble", within_s=60)
        assert tv.is_running


def test_a_display_that_starts_before_everything_else_waits_and_says_so(screen: Screen, tmp_path: Path, broker: Broker) -> None:
    broker.stop()
    with Tv(tmp_path, screen, str(broker.url)) as tv:
        screen.shows("not is_live", "is_in_trouble")
        broker.start()
        with BranchProcess(tmp_path, SETUP, str(broker.url)):
            screen.shows("is_live", "not is_in_trouble", within_s=60)
        assert tv.is_running


GARBAGE: tuple[bytes, ...] = (
    b"", b"{", b"null", b"[]", b"\xff\xfe\x00", b'"board"', b"{}", b'{"seq":"x"}', b'{"seq":1e400}', b"[" * 50_000,
    b'{"a":' * 5_000,
    b'{"seq":-1,"calls":[],"recent":[],"next":[],"notice":{}}', b'{"seq":1,"calls":[{}],"recent":[],"next":[],"notice":{}}',
    b'{"seq":2,"day":"x","services":[{"id":"","prefix":"","name":{},"state":"","waiting":-5,"wait_p50_s":-1,"wait_p90_s":0}]}',
    b'{"device":"tv-1","kind":"display","branch":{"time_zone":7,"languages":{"en":1},"name":[1]}}',
    b'{"online":"perhaps"}', b'{"online":true,"boot":[]}', b"\x00" * 100_000,
)  # fmt: skip
CALLS = (
    '{"seq":9,"calls":[{"ticket":"t","number":"%s","counter":"c1","counter_label":"%s","service":"cash","called_at":"%s","call":1}],'
    '"recent":[],"next":[{"service":"gone","numbers":[]}],"notice":{"en":"%s"}}'
)


def test_garbage_on_every_topic_stops_nothing(screen: Screen, tmp_path: Path, broker: Broker) -> None:
    topics = ["board", "services", "server", "devices/tv-1/config", "devices/tv-1/replies"]
    with Tv(tmp_path, screen, str(broker.url)) as tv, Client(broker.port, "hall", "vandal", subscriptions=[]) as vandal:
        until(lambda: "connected" in tv.stderr)
        for payload in GARBAGE:
            for topic in topics:
                vandal.publish(topic, payload, retain=True).wait_for_publish(30)
        vandal.publish("server", '{"online":true,"boot":"01890000-0000-7000-8000-000000000000"}', retain=True)
        vandal.publish("services", '{"seq":9,"day":"2026-11-20","services":[]}', retain=True)
        for number, label, notice in (("\\u0000\\n", "", "\\u202e"), ("W" * 400, "M" * 400, "x " * 240), ("A042", "3", "")):
            vandal.publish("board", '{"seq":9,"calls":[],"recent":[],"next":[],"notice":{}}', retain=True)
            screen.shows("is_live", "not has_call")
            vandal.publish("board", CALLS % (number, label, "yesterday", notice), retain=True)
            screen.shows("is_live", "has_call")
        assert "Traceback" not in tv.stderr
        assert tv.stop() == 0


def test_photos_are_shown_and_broken_ones_left_out(hall: Hall, screen: Screen, tmp_path: Path) -> None:
    media = tmp_path / "media"
    media.mkdir()
    Image.new("RGB", (900, 500), "#C00FEE").save(media / "wide.png")
    (media / "broken.jpg").write_bytes(b"\xff\xd8\xff" + b"no picture" * 100)
    (media / "notes.txt").write_text("none")
    with tv_in(hall, screen, tmp_path, "--media", str(media)) as tv:
        until(lambda: screen.shot().count("#C00FEE") > 20_000)
        screen.shows("is_live")
        until(lambda: "broken.jpg" in tv.stderr)


def test_a_display_that_cannot_be_heard_says_so_in_its_status(hall: Hall, screen: Screen, tmp_path: Path) -> None:
    (tmp_path / "no-folder").write_text("")
    service, counter = hall.place()
    hall.join(service)
    with tv_in(hall, screen, tmp_path, "--sound", f"file:{tmp_path}/no-folder/heard"):
        screen.shows("is_live")
        hall.call(counter)
        hall.desk.state("devices/tv-1/status", lambda status: status.get("sound") == "none")
        screen.shows("has_call")


def test_it_ends_in_good_order_while_it_speaks(hall: Hall, screen: Screen, tmp_path: Path) -> None:
    service, counter = hall.place()
    hall.join(service)
    with tv_in(hall, screen, tmp_path, "--sound", "alsa") as tv:
        screen.shows("is_live")
        hall.call(counter)
        screen.shows("has_call")
        assert tv.stop() == 0
        hall.desk.state("devices/tv-1/status", lambda status: status["online"] is False)


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--size", "huge"], "--size"),
        (["--sound", "trumpet"], "--sound"),
        (["--branch", "No Slug"], "--branch"),
        (["--volume", "11"], "--volume"),
    ],
)
def test_a_wrong_setting_ends_it_with_one_line_that_names_it(flags: list[str], words: str) -> None:
    command = [sys.executable, "-m", "display", "--mqtt", "mqtt://127.0.0.1:1", "--branch", "b", "--device", "d", *flags]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert words in done.stderr


def test_without_a_screen_it_says_what_to_do() -> None:
    command = [sys.executable, "-m", "display", "--mqtt", "mqtt://127.0.0.1:1", "--branch", "b", "--device", "d"]
    environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"} | {"SDL_VIDEODRIVER": "x11"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=environment)
    assert done.returncode == 1
    assert "no screen can be opened" in done.stderr
    assert "ready" not in done.stderr
