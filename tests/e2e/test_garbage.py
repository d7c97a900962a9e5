"""Whatever comes over the LAN, the server stays up, answers in the contract's words, and goes on."""

import json
import random
import uuid
from collections.abc import Callable, Iterator
from functools import partial

import psutil
import pytest

from tests.e2e.hall import CODES, COMMANDS, Hall, open_hall
from tests.support.broker import Broker
from tests.support.client import Client, Json
from tests.support.waiting import until

SEED = 20261120
RANDOM_BYTES = 1_000_000
ALMOST_RIGHT = 10_000
PRESSES = 5_000
MOST_BYTES = 16 * 1024
MOST_GROWTH_BYTES = 300 * 1024 * 1024
PATIENCE_S = 60.0
DEVICES = ("kiosk-1", "kiosk-3", "pad-1", "tv-1", "desk", "stranger")
TOPICS = (
    *(f"devices/{device}/{leaf}" for device in DEVICES for leaf in ("commands", "status", "replies", "config")),
    "server", "services", "board", "counters/c1", "counters/nowhere", "events/ticket_called", "events/nonsense", "nonsense",
    "devices", "devices/", "devices//commands", "devices/KIOSK/commands", "devices/kiosk-1/commands/more", "counters/",
    "devices/" + "x" * 500 + "/commands", "devices/é✓/commands", "devices/kiosk-1/ commands", "/", "counters/../board",
)  # fmt: skip
JUNK: tuple[object, ...] = (
    None, True, False, 0, -1, 1.5, 10**400, -(2**63), 1e308, "", " ", "x", "X" * 300, "é✓\u202e", "\x00", "cash", "c1", "A001",
    "2026-13-45T99:99:99Z", "2026-11-20T10:00:00", "9999-12-31T23:59:59+23:59", "+250788123456", [], {}, [[]], {"": {}},
    [None] * 50, {"id": "cash"}, {"slot": 5}, {"en": 5}, ["cash"] * 40,
)  # fmt: skip

Mutation = Callable[[Json, random.Random], Json]
Spoiling = Callable[[bytes, random.Random], bytes]


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    directory = tmp_path_factory.mktemp("garbage")
    broker = Broker(directory).start()
    with open_hall(directory, f"mqtt://127.0.0.1:{broker.port}", broker.port) as hall:
        yield hall
    broker.kill()


@pytest.fixture
def listener(hall: Hall) -> Iterator[Client]:
    """Hears every reply, to whomever."""
    with Client(hall.port, "hall", "listener", subscriptions=["devices/+/replies"]) as listener:
        yield listener


def without_a_field(command: Json, chance: random.Random) -> Json:
    left_out = chance.choice([name for name in command if name != "id"])
    return {name: value for name, value in command.items() if name != left_out}


def with_a_wrong_value(command: Json, chance: random.Random) -> Json:
    return command | {chance.choice([name for name in command if name != "id"]): chance.choice(JUNK)}


def with_more_fields(command: Json, chance: random.Random) -> Json:
    names = ["seen", "actor", "at", "priority", "phone", "name", "number", "joined_at", "appointment", "reason", "x" * 200]
    return command | {name: chance.choice(JUNK) for name in chance.sample(names, 3)}


def with_a_wrong_value_inside(command: Json, chance: random.Random) -> Json:
    inner = {name: value for name, value in command.items() if isinstance(value, dict)}
    if not inner:
        return with_more_fields(command, chance)
    name, value = chance.choice(list(inner.items()))
    return command | {name: value | {chance.choice([*value, "extra"]): chance.choice(JUNK)}}


def with_a_huge_string(command: Json, chance: random.Random) -> Json:
    return command | {chance.choice(["actor", "text", "service", "counter", "name"]): "y" * chance.randint(1000, 12_000)}


def of_another_type(command: Json, chance: random.Random) -> Json:
    return command | {"type": chance.choice([other["type"] for other in COMMANDS])}


def as_it_is(command: Json, _chance: random.Random) -> Json:
    return command


def with_another_id(command: Json, chance: random.Random) -> Json:
    name = str(command["id"])
    ids: list[object] = [
        name.upper(), f"{{{name}}}", f"urn:uuid:{name}", name.replace("-", ""), name[:-1], name + "0", "f" * 64, "f" * 65, "",
        "not an id", 7, None, [name], {"id": name}, " " + name, "\u0661" * 32,
    ]  # fmt: skip
    return command | {"id": chance.choice(ids)}


def cut(text: bytes, chance: random.Random) -> bytes:
    return text[: chance.randrange(len(text))]


def flipped(text: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(text))
    return text[:place] + bytes([chance.randrange(256)]) + text[place + 1 :]


def no_utf8(text: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(text))
    return text[:place] + chance.choice([b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf8\x88\x80\x80"]) + text[place:]


def with_odd_json(text: bytes, chance: random.Random) -> bytes:
    odd = [
        b"NaN", b"-Infinity", b"1e999999", b"9" * 5000, b"-0", b'"\\ud800"', b'"\\udc00\\ud800"', b'"\\u0000"', b"[" * 4000,
        b"[" * 150 + b"]" * 150, b'{"a":' * 3000, b"tru", b"'x'",
    ]  # fmt: skip
    return text[:-1] + b',"counter":' + chance.choice(odd) + b"}"


def with_a_key_twice(text: bytes, chance: random.Random) -> bytes:
    return text[:-1] + chance.choice([b',"id":7}', b',"type":"join"}', b',"service":"mess"}', b',"id":"\\ud83d"}'])


def no_object(text: bytes, chance: random.Random) -> bytes:
    return chance.choice([
        b"", b"null", b"7", b'"text"', b"[]", b"{}", b"[" + text + b"]", text + text, b"\xef\xbb\xbf" + text, text + b"\x00",
        text.decode().encode("utf-16"), b"x" * 40_000, text[:-1] + b',"text":"' + b"z" * 20_000 + b'"}',
    ])  # fmt: skip


MUTATIONS: tuple[Mutation, ...] = (
    without_a_field, with_a_wrong_value, with_more_fields, with_a_wrong_value_inside, with_a_huge_string, of_another_type,
    as_it_is,
)  # fmt: skip
SPOILINGS: tuple[Spoiling, ...] = (cut, flipped, no_utf8, with_odd_json, with_a_key_twice, no_object)


def mutants(chance: random.Random, number: int) -> Iterator[tuple[str | None, bytes]]:
    """Almost right commands; the first part is the id where one must be answered, since the JSON and the id are right."""
    for _ in range(number):
        command = {"id": str(uuid.UUID(int=chance.getrandbits(128), version=4))} | chance.choice(COMMANDS)
        kind = chance.random()
        if kind < 0.65:
            yield command["id"], json.dumps(chance.choice(MUTATIONS)(command, chance)).encode()
        elif kind < 0.75:
            yield None, json.dumps(with_another_id(command, chance)).encode()
        else:
            yield None, chance.choice(SPOILINGS)(json.dumps(command).encode(), chance)


def check_all_is_well(hall: Hall, pid: int, resident_before: int) -> None:
    """The same process still takes joins, has not grown out of bounds, and has stumbled over nothing."""
    service = hall.service()
    joined = hall.kiosk.ask({"type": "join", "service": service, "channel": "kiosk"}, PATIENCE_S)
    assert joined["result"]["number"].endswith("001")
    assert hall.server.pid == pid
    assert hall.server.is_running
    assert psutil.Process(pid).memory_info().rss - resident_before < MOST_GROWTH_BYTES
    log = hall.server.stderr
    assert "Traceback" not in log
    assert [line for line in log.splitlines() if " ERROR " in line or " CRITICAL " in line] == []


def contains(key: str, value: Json) -> bool:
    return key in value


def check_refusals(listener: Client) -> None:
    replies = [message.json for message in listener.messages if message.payload.startswith(b'{"command"')]
    refusals = [reply["error"] for reply in replies if not reply["ok"]]
    assert {refusal["code"] for refusal in refusals} <= CODES
    assert all(isinstance(refusal["message"], str) and refusal["message"] for refusal in refusals)


def test_a_million_random_bytes_on_every_topic_disturb_nothing(hall: Hall, listener: Client) -> None:
    pid, chance, sent = hall.server.pid, random.Random(SEED), 0
    resident = psutil.Process(pid).memory_info().rss
    thrower = hall.session("thrower")
    while sent < RANDOM_BYTES:
        payload = chance.randbytes(chance.choice([0, 1, 2, 10, 100, chance.randrange(2000), chance.randrange(20_000)]))
        thrower.publish(chance.choice(TOPICS), payload, retain=chance.random() < 0.2, qos=chance.choice([0, 1]))
        sent += len(payload)
    thrower.publish("devices/thrower/status", b"{}").wait_for_publish(PATIENCE_S)
    for topic in TOPICS:
        thrower.publish(topic, b"", retain=True)
    check_all_is_well(hall, pid, resident)
    check_refusals(listener)
    late = hall.client("tv-1")
    for topic, key in (("server", "boot"), ("services", "day"), ("board", "calls"), ("counters/c1", "in_hand")):
        late.state(topic, partial(contains, key))


def unanswered(listener: Client, expected: dict[str, bytes]) -> list[bytes]:
    answered = {message.json["command"] for message in listener.messages.copy()}
    return [payload for name, payload in expected.items() if name not in answered]


def test_ten_thousand_almost_right_commands_are_answered_in_the_contracts_words(hall: Hall, listener: Client) -> None:
    pid, chance = hall.server.pid, random.Random(SEED)
    resident = psutil.Process(pid).memory_info().rss
    expected = {}
    for name, payload in mutants(chance, ALMOST_RIGHT):
        hall.kiosk.publish(f"devices/{chance.choice(DEVICES)}/commands", payload)
        if name is not None and len(payload) <= MOST_BYTES:
            expected[name] = payload
    check_all_is_well(hall, pid, resident)
    until(lambda: not unanswered(listener, expected), PATIENCE_S)
    check_refusals(listener)


def test_a_flood_of_presses_calls_everybody_once(hall: Hall) -> None:
    pid, resident = hall.server.pid, psutil.Process(hall.server.pid).memory_info().rss
    tv = hall.client("tv-1")
    service, counter = hall.place()
    tickets = [hall.join(service)["ticket"] for _ in range(20)]
    presses = [hall.desk.send({"type": "call_next", "counter": counter}, expiry_s=600) for _ in range(PRESSES)]
    for press in presses:
        hall.desk.reply(press, PATIENCE_S)
    assert hall.at(counter, "open_counter") == {"counter": counter, "in_hand": None, "waiting": 0}
    hall.done({"type": "announce", "text": (over := str(uuid.uuid4()))})
    tv.event("announced", lambda event: event["text"] == {"en": over})
    calls = [message.json["ticket"] for message in tv.seen("events/ticket_called")]
    assert [ticket for ticket in calls if ticket in tickets] == tickets
    check_all_is_well(hall, pid, resident)


def test_a_flood_of_one_id_makes_one_ticket_and_one_answer(hall: Hall) -> None:
    pid, resident = hall.server.pid, psutil.Process(hall.server.pid).memory_info().rss
    service, counter = hall.place()
    command = {"id": str(uuid.uuid4()), "type": "join", "service": service, "channel": "kiosk"}
    for _ in range(PRESSES):
        hall.kiosk.send(command)
    until(lambda: len(hall.kiosk.replies(command["id"])) == PRESSES, PATIENCE_S)
    answers = hall.kiosk.replies(command["id"])
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["ok"]
    assert hall.at(counter, "call_next")["waiting"] == 0
    check_all_is_well(hall, pid, resident)
