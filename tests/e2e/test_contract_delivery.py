"""What becomes of commands, replies and retained topics when the server or a device is away. The broker stays up."""

import json
import time
import uuid
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.e2e.hall import BRANCH, Hall, open_hall
from tests.support.broker import Broker
from tests.support.client import Client, Json
from tests.support.waiting import until


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    directory = tmp_path_factory.mktemp("delivery")
    broker = Broker(directory).start()
    with open_hall(directory, f"mqtt://127.0.0.1:{broker.port}", broker.port) as hall:
        yield hall
    broker.kill()


def join_of(service: str) -> Json:
    return {"id": str(uuid.uuid4()), "type": "join", "service": service, "channel": "kiosk"}


def stranger(hall: Hall) -> Client:
    """Somebody without rights of the branch, at a broker that keeps none."""
    return hall.session("stranger")


def test_the_last_will_says_that_a_killed_server_is_gone_and_a_new_boot_that_it_is_back(hall: Hall) -> None:
    boot = hall.tv.state("server", lambda server: server["online"])["boot"]
    hall.server.kill()
    gone = hall.tv.state("server", lambda server: not server["online"])
    assert gone["online"] is False
    assert hall.client("tv-1").state("server", lambda server: not server["online"])
    hall.server.start()
    assert hall.tv.state("server", lambda server: server["online"])["boot"] != boot


def test_a_server_that_ends_in_good_order_says_so(hall: Hall) -> None:
    hall.tv.state("server", lambda server: server["online"])
    assert hall.server.stop() == 0
    hall.tv.state("server", lambda server: not server["online"])
    hall.server.start()
    hall.tv.state("server", lambda server: server["online"])


def test_what_was_answered_is_there_after_a_kill_and_the_same_id_gets_the_same_answer(hall: Hall) -> None:
    service, counter = hall.place()
    asked = [join_of(service), join_of(service), join_of("nowhere"), {"id": str(uuid.uuid4()), "type": "call_next"}]
    asked[3]["counter"] = counter
    answers = [hall.desk.ask(command) for command in asked]
    hall.server.kill()
    hall.server.start()
    assert [hall.desk.ask(command) for command in asked] == answers
    state = hall.tv.state(f"counters/{counter}", lambda state: state["waiting"] == 1 and state["in_hand"])
    assert state["in_hand"]["number"] == answers[0]["result"]["number"]
    assert hall.join(service)["number"][-3:] == "003"


def test_joins_asked_while_the_server_is_down_are_answered_when_it_is_back(hall: Hall) -> None:
    service, counter = hall.place()
    hall.server.stop()
    command = join_of(service)
    hall.kiosk.send(command)
    hall.kiosk.send(command)
    hall.server.start()
    first, second = (hall.kiosk.reply(command["id"], after=place) for place in (0, 1))
    assert first == second
    assert first["ok"]
    assert hall.at(counter, "call_next")["waiting"] == 0


def test_a_press_without_expiry_that_nobody_could_act_on_is_void(hall: Hall) -> None:
    service, counter = hall.place()
    hall.join(service)
    hall.server.stop()
    press = {"id": str(uuid.uuid4()), "type": "call_next", "counter": counter}
    hall.desk.publish("devices/desk/commands", json.dumps(press)).wait_for_publish(30)
    hall.server.start()
    assert hall.desk.reply(press["id"])["error"]["code"] == "unavailable"
    assert hall.tv.state(f"counters/{counter}")["in_hand"] is None
    assert hall.at(counter, "call_next")["in_hand"]


def test_a_press_without_expiry_that_comes_after_ready_is_acted_on(hall: Hall) -> None:
    counter = hall.counter("cash")
    hall.server.restart()
    press = {"id": str(uuid.uuid4()), "type": "open_counter", "counter": counter}
    hall.desk.publish("devices/desk/commands", json.dumps(press))
    assert hall.desk.reply(press["id"])["ok"]


def test_a_press_whose_expiry_ran_out_at_the_broker_is_void(hall: Hall) -> None:
    service, counter = hall.place()
    hall.join(service)
    hall.server.kill()
    press = {"id": str(uuid.uuid4()), "type": "call_next", "counter": counter}
    hall.desk.send(press, expiry_s=1)
    expired_at = time.monotonic() + 2.1  # the broker counts whole seconds
    until(lambda: time.monotonic() > expired_at)
    hall.server.start()
    assert hall.at(counter, "call_next")["waiting"] == 0
    assert hall.desk.replies(press["id"]) == []


def test_a_reply_waits_for_a_device_that_was_away(hall: Hall) -> None:
    kiosk = hall.client("kiosk-2", session_s=3600, client_id="kiosk-2")
    hall.server.stop()
    command = join_of("cash")
    kiosk.publish("devices/kiosk-2/commands", json.dumps(command)).wait_for_publish(30)
    kiosk.drop()
    watcher = hall.client("kiosk-2")
    hall.server.start()
    answer = watcher.reply(command["id"])
    back = hall.client("kiosk-2", session_s=3600, client_id="kiosk-2")
    assert back.session_was_present
    assert back.reply(command["id"]) == answer


def test_a_retained_command_is_not_acted_on(hall: Hall) -> None:
    service, counter = hall.place()
    commands = "devices/kiosk-1/commands"
    stranger(hall).publish(commands, json.dumps(join_of(service)), retain=True)
    stranger(hall).publish(commands, b"", retain=True).wait_for_publish(30)
    hall.join("cash")
    assert hall.at(counter, "open_counter")["waiting"] == 0


def test_a_retained_command_from_before_the_server_is_not_acted_on(tmp_path: Path, broker: Broker) -> None:
    command = join_of("cash")
    with Client(broker.port, BRANCH, "kiosk-1") as kiosk:
        kiosk.send(command, retain=True)
        with open_hall(tmp_path, f"mqtt://127.0.0.1:{broker.port}", broker.port) as hall:
            assert hall.join("cash", kiosk)["number"] == "QA001"
            assert kiosk.replies(command["id"]) == []


@pytest.mark.parametrize("retain", [True, False])
@pytest.mark.parametrize("payload", [b"", b"\xff\x00 rubbish", b'{"seq":999999999,"calls":"none"}', b'{"online":false}'])
def test_what_others_write_on_state_topics_is_set_right_again(hall: Hall, payload: bytes, retain: bool) -> None:
    topics = ["server", "services", "board", "counters/c1", "counters/c2", "devices/kiosk-1/config"]
    told = hall.desk.ask({"type": "announce", "text": str(uuid.uuid4())})["seq"]
    hall.tv.state("board", lambda board: board["seq"] >= told)
    right = {topic: newcomer_reads(hall, topic) for topic in topics}
    for topic in topics:
        stranger(hall).publish(topic, payload, retain=retain).wait_for_publish(30)
    until(lambda: {topic: newcomer_reads(hall, topic) for topic in topics} == right)


def newcomer_reads(hall: Hall, topic: str) -> Json | None:
    """The retained value of a topic, but for its event number; None where there is none, or none that can be read."""
    with Client(hall.port, BRANCH, "newcomer", subscriptions=[topic, "devices/newcomer/status"]) as newcomer:
        newcomer.publish("devices/newcomer/status", b"{}")
        until(lambda: newcomer.seen("devices/newcomer/status"))
        seen = newcomer.seen(topic)
    try:
        return {name: each for name, each in seen[0].json.items() if name != "seq"} if seen else None
    except ValueError:
        return None


def test_rubbish_on_the_topic_of_a_counter_that_nobody_has_is_cleared(hall: Hall) -> None:
    for topic in ("counters/ghost", "devices/ghost/config"):
        stranger(hall).publish(topic, b'{"state":"open"}', retain=True).wait_for_publish(30)
    for topic in ("counters/ghost", "devices/ghost/config"):
        until(partial(is_clear, hall, topic))


def is_clear(hall: Hall, topic: str) -> bool:
    return newcomer_reads(hall, topic) is None


def test_rubbish_from_before_is_gone_when_the_server_is_ready(hall: Hall) -> None:
    hall.server.stop()
    ours = ("services", "board", "counters/c1", "devices/kiosk-1/config")
    theirs = ("counters/ghost", "devices/ghost/config")
    for topic in (*ours, *theirs, "server"):
        stranger(hall).publish(topic, b'{"seq":999999999,"old":true}', retain=True).wait_for_publish(30)
    hall.server.start()
    for topic in (*ours, "server"):
        hall.kiosk.state(topic, lambda value: "old" not in value)
    for topic in theirs:
        until(partial(is_clear, hall, topic))


def test_payloads_that_are_no_commands_are_refused_by_their_id_or_noted(hall: Hall) -> None:
    name = str(uuid.uuid4())
    hall.kiosk.publish("devices/kiosk-1/commands", json.dumps({"id": name, "type": "dance"}))
    assert hall.kiosk.reply(name)["error"]["code"] == "invalid"
    hall.kiosk.publish("devices/kiosk-1/commands", b"not JSON at all")
    until(lambda: "kiosk-1 sent what is no command" in hall.server.last_words)
    assert hall.join("cash", hall.kiosk)
