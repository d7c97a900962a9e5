"""Changing what the branch is made of, over a console's account, while it runs."""

from collections.abc import Iterator
from functools import partial

import pytest

from tests.e2e.hall import BRANCH, Hall, open_hall
from tests.support.client import Client, Json
from tests.support.waiting import until

SERVICE: Json = {"id": "new", "prefix": "ZA", "name": {"en": "New"}}
COUNTER: Json = {"id": "c9", "label": "Nine", "services": ["cash"]}


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    with open_hall(tmp_path_factory.mktemp("setup")) as hall:
        yield hall


def save(kind: str, described: Json) -> Json:
    return {"type": f"save_{kind}", kind: described}


def remove(kind: str, name: str) -> Json:
    return {"type": f"remove_{kind}", kind: name}


def lists(part: str, name: str, config: Json) -> bool:
    return name in {each["id"] for each in config[part]}


def lacks(part: str, name: str, config: Json) -> bool:
    return not lists(part, name, config)


def desk_sees(hall: Hall, part: str, name: str) -> Json:
    config = hall.desk.state("devices/desk/config", partial(lists, part, name))
    found: Json = next(each for each in config[part] if each["id"] == name)
    return found


def desk_sees_no(hall: Hall, part: str, name: str) -> None:
    hall.desk.state("devices/desk/config", partial(lacks, part, name))


def test_a_saved_service_takes_joins_and_a_removed_one_is_unknown(hall: Hall) -> None:
    hall.done(save("service", SERVICE | {"service_time_s": 60, "daily_limit": 5, "max_priority_run": 2}))
    assert desk_sees(hall, "services", "new")["daily_limit"] == 5
    ticket = hall.join("new")
    assert ticket["number"] == "ZA001"
    hall.done(save("service", SERVICE | {"name": {"en": "Newer"}}))
    hall.tv.state("services", lambda now: {"en": "Newer"} in [service["name"] for service in now["services"]])
    assert hall.refused(remove("service", "new")) == "wrong_state"
    hall.done({"type": "cancel", "ticket": ticket["ticket"]})
    hall.done(remove("service", "new"))
    hall.tv.state("services", partial(lacks, "services", "new"))
    assert hall.refused({"type": "join", "service": "new", "channel": "kiosk"}) == "unknown_service"
    assert hall.refused(remove("service", "new")) == "unknown_service"


def test_a_service_that_a_counter_serves_is_not_removed(hall: Hall) -> None:
    service, _ = hall.place()
    assert hall.refused(remove("service", service)) == "wrong_state"


@pytest.mark.parametrize(
    "change",
    [
        {"prefix": "QB"},
        {"prefix": "za"},
        {"prefix": "ZZZ"},
        {"prefix": ""},
        {"id": "New"},
        {"id": "x" * 33},
        {"name": {}},
        {"name": 5},
        {"service_time_s": 0},
        {"daily_limit": 0},
        {"max_priority_run": -1},
        {"colour": "green"},
        {"state": "half-open"},
    ],
)
def test_a_service_that_cannot_be_is_refused(hall: Hall, change: Json) -> None:
    assert hall.refused(save("service", SERVICE | change)) == "invalid"


def test_a_prefix_and_an_issuers_letter_never_spell_another_prefix(hall: Hall) -> None:
    hall.done(save("service", SERVICE | {"id": "long", "prefix": "WX"}))
    assert hall.refused(save("service", SERVICE | {"id": "short", "prefix": "W"})) == "invalid"
    hall.done(save("service", SERVICE | {"id": "short", "prefix": "V"}))
    hall.done(save("service", SERVICE | {"id": "other", "prefix": "VZ"}))
    assert hall.refused(save("device", {"id": "kiosk-9", "kind": "kiosk", "issuer": "Z"})) == "invalid"
    assert hall.refused(save("service", SERVICE | {"id": "remote", "prefix": "VR"})) == "invalid"
    assert hall.refused(save("branch", {"id": BRANCH, "name": "Hall", "remote_issuer": "Z"})) == "invalid"
    for service in ("long", "short", "other"):
        hall.done(remove("service", service))


def test_two_issuers_never_have_the_same_letter(hall: Hall) -> None:
    assert hall.refused(save("device", {"id": "kiosk-9", "kind": "kiosk", "issuer": "X"})) == "invalid"
    assert hall.refused(save("device", {"id": "kiosk-9", "kind": "kiosk", "issuer": "R"})) == "invalid"


def test_a_saved_counter_calls_and_a_removed_ones_topic_is_cleared(hall: Hall) -> None:
    hall.done(save("counter", COUNTER))
    assert desk_sees(hall, "counters", "c9")["label"] == "Nine"
    assert hall.tv.state("counters/c9")["state"] == "closed"
    hall.at("c9", "open_counter")
    assert hall.refused(remove("counter", "c9")) == "wrong_state"
    hall.at("c9", "close_counter")
    hall.done(remove("counter", "c9"))
    until(lambda: hall.tv.seen("counters/c9")[-1].payload == b"")
    assert hall.refused({"type": "open_counter", "counter": "c9"}) == "unknown_counter"
    assert hall.refused(remove("counter", "c9")) == "unknown_counter"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"label": "One"}, "invalid"),
        ({"label": ""}, "invalid"),
        ({"services": []}, "invalid"),
        ({"services": ["cash", "cash"]}, "invalid"),
        ({"services": ["nowhere"]}, "unknown_service"),
        ({"routing": "random"}, "invalid"),
        ({"routing": "weighted", "weights": {"mess": 1}}, "invalid"),
        ({"routing": "weighted", "weights": {"cash": 0}}, "invalid"),
        ({"colour": "green"}, "invalid"),
    ],
)
def test_a_counter_that_cannot_be_is_refused(hall: Hall, change: Json, code: str) -> None:
    assert hall.refused(save("counter", COUNTER | change)) == code


def test_a_saved_device_gets_an_account_at_once_and_a_removed_one_is_cut_off(hall: Hall) -> None:
    hall.done(save("device", {"id": "kiosk-8", "kind": "kiosk", "issuer": "T"}))
    file = hall.server.data / "devices" / "kiosk-8.toml"
    until(file.exists)
    assert file.stat().st_mode & 0o077 == 0
    account = hall.server.account("kiosk-8")
    assert (account.branch, account.device, account.kind) == (BRANCH, "kiosk-8", "kiosk")
    until(lambda: can_sign_in(hall, "kiosk-8", account.password))
    with Client(hall.port, BRANCH, "kiosk-8", account.password) as kiosk:
        assert hall.join("cash", kiosk)
        assert kiosk.state("devices/kiosk-8/config")["issuer"] == "T"
    hall.done(remove("device", "kiosk-8"))
    until(lambda: not can_sign_in(hall, "kiosk-8", account.password))
    until(lambda: not file.exists())
    assert hall.refused(remove("device", "kiosk-8")) == "invalid"


def can_sign_in(hall: Hall, device: str, password: str | None) -> bool:
    try:
        Client(hall.port, BRANCH, device, password, comes_back=False).connect().disconnect()
    except ConnectionError:
        return False
    return True


def test_nobody_signs_in_without_an_account(hall: Hall) -> None:
    assert not can_sign_in(hall, "kiosk-1", None)
    assert not can_sign_in(hall, "kiosk-1", "wrong")
    assert not can_sign_in(hall, "stranger", "stranger")


def test_the_broker_keeps_a_device_from_the_topics_of_others(hall: Hall) -> None:
    for topic in ("board", "server", "services", "counters/c1", "devices/kiosk-2/commands", "devices/kiosk-1/replies"):
        assert hall.kiosk.publish_checked(topic, b"{}", retain=True).is_failure, topic
    assert not hall.kiosk.publish_checked("devices/kiosk-1/status", b'{"online":true}', retain=True).is_failure
    account = hall.server.account("kiosk-2")
    with Client(hall.port, BRANCH, "kiosk-2", account.password, subscriptions=["devices/kiosk-1/replies", "board"]) as curious:
        hall.join("cash", hall.kiosk)
        curious.state("board")
        assert curious.seen("devices/kiosk-1/replies") == []


@pytest.mark.parametrize(
    ("device", "code"),
    [
        ({"id": "pad-9", "kind": "counter"}, "invalid"),
        ({"id": "pad-9", "kind": "counter", "counter": "nowhere"}, "unknown_counter"),
        ({"id": "tv-9", "kind": "display", "issuer": "S"}, "invalid"),
        ({"id": "tv-9", "kind": "toaster"}, "invalid"),
        ({"id": "TV", "kind": "display"}, "invalid"),
        ({"id": "tv-9", "kind": "display", "password": "secret-secret"}, "invalid"),
    ],
)
def test_a_device_that_cannot_be_is_refused(hall: Hall, device: Json, code: str) -> None:
    assert hall.refused(save("device", device)) == code


def test_priority_classes_are_made_used_and_removed(hall: Hall) -> None:
    hall.done(save("priority", {"id": "veteran", "name": "Veteran", "credit_min": 20}))
    assert desk_sees(hall, "priorities", "veteran")["credit_min"] == 20
    assert hall.join("cash", priority="veteran")
    hall.done(remove("priority", "veteran"))
    desk_sees_no(hall, "priorities", "veteran")
    assert hall.refused({"type": "join", "service": "cash", "channel": "kiosk", "priority": "veteran"}) == "invalid"
    assert hall.refused(remove("priority", "veteran")) == "invalid"
    assert hall.refused(remove("priority", "vip")) == "invalid"
    assert hall.refused(save("priority", {"id": "normal", "name": "Normal", "credit_min": 5})) == "invalid"
    assert hall.refused(save("priority", {"id": "rude", "name": "Rude", "credit_min": -5})) == "invalid"


def test_staff_are_made_sign_in_and_are_removed(hall: Hall) -> None:
    hall.done(save("staff", {"id": "bob", "name": "Bob", "role": "manager", "services": ["cash"]}))
    _, counter = hall.place()
    hall.at(counter, "open_counter", staff="bob")
    assert hall.tv.event("counter_opened", lambda event: event["staff"] == "bob")["counter"] == counter
    assert hall.refused(remove("staff", "bob")) == "wrong_state"
    hall.at(counter, "close_counter")
    hall.done(remove("staff", "bob"))
    assert hall.refused({"type": "open_counter", "counter": counter, "staff": "bob"}) == "invalid"
    assert hall.refused(remove("staff", "bob")) == "invalid"
    assert hall.refused(save("staff", {"id": "eve", "name": "Eve", "services": ["nowhere"]})) == "unknown_service"
    assert hall.refused(save("staff", {"id": "eve", "name": "Eve", "role": "king"})) == "invalid"
    assert hall.refused(save("staff", {"id": "eve", "name": "Eve", "pin": "1234"})) == "invalid"


def test_templates_are_made_and_removed(hall: Hall) -> None:
    hall.done(save("template", {"id": "small", "width_px": 384, "footer": {"en": "Thank you"}}))
    assert desk_sees(hall, "templates", "small")["width_px"] == 384
    hall.kiosk.state("devices/kiosk-1/config", partial(lists, "templates", "small"))
    hall.done(remove("template", "small"))
    desk_sees_no(hall, "templates", "small")
    assert hall.refused(remove("template", "small")) == "invalid"
    assert hall.refused(save("template", {"id": "wide", "width_px": 9999})) == "invalid"


def test_the_branch_changes_its_words_but_never_its_id(hall: Hall) -> None:
    before = hall.desk.state("devices/desk/config")["branch"]
    hall.done(save("branch", before | {"languages": ["fr", "en"]}))
    hall.kiosk.state("devices/kiosk-1/config", lambda config: config["branch"]["languages"] == ["fr", "en"])
    hall.done(save("branch", before))
    wrong: list[Json] = [{"id": "other"}, {"time_zone": "Mars/Olympus"}, {"languages": []}, {"business_day_starts": "25:00"}]
    for change in wrong:
        assert hall.refused(save("branch", before | change)) == "invalid"


@pytest.mark.parametrize("kind", ["branch", "priority", "service", "counter", "device", "staff", "template"])
def test_a_description_that_is_missing_or_no_object_is_invalid(hall: Hall, kind: str) -> None:
    descriptions: list[Json] = [{}, {kind: None}, {kind: "text"}, {kind: [1]}, {kind: {}}]
    for wrong in descriptions:
        assert hall.refused({"type": f"save_{kind}"} | wrong) == "invalid"
    if kind != "branch":
        assert hall.refused({"type": f"remove_{kind}"}) == "invalid"
    assert hall.refused({"type": "remove_branch", "branch": BRANCH}) == "invalid"
