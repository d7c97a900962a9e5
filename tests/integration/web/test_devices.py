"""Devices over HTTP: how they are, orders to a real kiosk, and their setup."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import create_engine, text

from foleni.link.link import Link, State
from foleni.link.wire import Subscription
from foleni.messages.joining import PREFIX
from foleni.messages.state import DeviceConfig
from foleni.settings import MqttUrl
from foleni.station.station import Ears, Reach, Station
from foleni.topics import Topics
from kiosk.pages import Attract, ChooseService, Key, Sign
from tests.support.peer import Peer
from tests.support.waiting import until
from tests.support.web import Visitor
from tests.support.web_devices import DeviceHall, device_hall

TOPICS = Topics("main-street")
TV = {"kind": "display", "name": {"en": "Stairs"}}


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeviceHall]:
    with device_hall(tmp_path_factory.mktemp("devices")) as hall:
        yield hall


@pytest.fixture(scope="module")
def ada(hall: DeviceHall) -> Visitor:
    return hall.branch.person("ada")


@contextmanager
def closing_link(link: Link) -> Iterator[Link]:
    link.start()
    try:
        yield link
    finally:
        link.stop()


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_a_device_is_shown_as_it_says_that_it_is(hall: DeviceHall, ada: Visitor) -> None:
    kiosk, tv = hall.device(ada, "kiosk-1"), hall.device(ada, "tv-1")
    assert (kiosk["kind"], kiosk["online"], kiosk["printer"], kiosk["seen_at"]) == ("kiosk", True, "ok", None)
    assert kiosk["since"] is not None
    assert kiosk["software"]
    assert (tv["online"], tv["heard"], tv["since"]) == (False, False, None)
    assert hall.device(ada, "pad-1")["counter_label"] == "1"
    hall.printer.cover(is_open=True)
    try:
        hall.when(ada, "kiosk-1", printer="cover_open")
    finally:
        hall.printer.cover(is_open=False)
    hall.when(ada, "kiosk-1", printer="ok")


def test_a_test_ticket_comes_out_of_the_printer_in_the_form_that_is_being_tried(hall: DeviceHall, ada: Visitor) -> None:
    had = len(hall.papers())
    template = {"id": "draft", "texts": {"welcome": {"fr": "Bienvenue chez nous"}}, "note": "Room 4"}
    answer = ada.post("/api/v1/devices/kiosk-1/orders", {"type": "print", "language": "fr", "template": template})
    assert (answer.status_code, answer.json()["code"]) == (200, "printed")
    words = " ".join(hall.printed(had))
    assert "Ceci n'est pas un ticket" in words
    assert "Bienvenue chez nous" in words
    assert "Room 4" in words


def test_what_was_not_printed_is_said(hall: DeviceHall, ada: Visitor) -> None:
    had = len(hall.papers())
    hall.printer.cover(is_open=True)
    try:
        hall.when(ada, "kiosk-1", printer="cover_open")
        assert refused(ada.post("/api/v1/devices/kiosk-1/orders", {"type": "print"})) == (409, "not_printed")
    finally:
        hall.printer.cover(is_open=False)
    hall.when(ada, "kiosk-1", printer="ok")
    assert len(hall.papers()) == had


def test_a_kiosk_shows_which_one_it_is(hall: DeviceHall, ada: Visitor) -> None:
    answer = ada.post("/api/v1/devices/kiosk-1/orders", {"type": "identify"})
    assert (answer.status_code, answer.json()["code"]) == (200, "done")
    assert hall.kiosk.sees(Sign).name == "kiosk-1"
    hall.tap(Key.DONE, Attract)


def test_a_kiosk_restarts_when_its_customer_is_gone(hall: DeviceHall, ada: Visitor) -> None:
    hall.tap(Key.BEGIN, ChooseService)
    answer = ada.post("/api/v1/devices/kiosk-1/orders", {"type": "restart"})
    assert (answer.status_code, answer.json()["code"]) == (200, "later")
    assert not hall.kiosk.restarts
    hall.tap(Key.BACK, Attract)
    until(lambda: hall.kiosk.restarts)


def test_a_device_that_is_away_is_told_nothing_and_that_is_said(ada: Visitor) -> None:
    for order in ("identify", "restart", "print"):
        assert refused(ada.post("/api/v1/devices/tv-1/orders", {"type": order})) == (409, "not_there")
    assert refused(ada.post("/api/v1/devices/nobody/orders", {"type": "identify"})) == (404, "not_found")


NONSENSE = [
    None,
    {},
    {"type": "dance"},
    {"type": "print", "template": {"id": "x", "width_px": 3}},
    {"type": "print", "language": "no language"},
]


@pytest.mark.parametrize("body", NONSENSE)
def test_an_order_that_makes_no_sense_is_refused(ada: Visitor, body: Any) -> None:
    assert refused(ada.post("/api/v1/devices/kiosk-1/orders", body)) == (422, "invalid")


@pytest.mark.parametrize("who", ["max", "eve"])
def test_only_administrators_give_orders_and_change_devices(hall: DeviceHall, who: str) -> None:
    person = hall.branch.person(who)
    assert refused(person.post("/api/v1/devices/kiosk-1/orders", {"type": "restart"})) == (403, "not_allowed")
    assert refused(person.post("/api/v1/devices/x", {"value": TV}, method="PUT")) == (403, "not_allowed")
    assert refused(person.post("/api/v1/devices/tv-1", method="DELETE")) == (403, "not_allowed")
    assert refused(person.post("/api/v1/templates/ticket", {"value": {}}, method="PUT")) == (403, "not_allowed")
    assert refused(person.get("/api/v1/templates/preview.png", language="en")) == (403, "not_allowed")
    sees = person.get("/api/v1/devices").status_code
    assert sees == (200 if who == "max" else 403)
    assert hall.branch.person().get("/api/v1/devices").status_code == 401


def test_a_device_is_added_has_its_account_at_once_and_is_thrown_out_when_it_is_cut_off(hall: DeviceHall, ada: Visitor) -> None:
    answer = ada.post("/api/v1/devices/tv-2", {"value": TV, "version": ""}, method="PUT")
    assert answer.status_code == 200, answer.text
    until((hall.branch.data / "devices" / "tv-2.toml").exists)
    reaches: list[Reach] = []
    configs: list[DeviceConfig] = []
    url = MqttUrl.parse(hall.branch.account("tv-2").mqtt)
    ears = Ears(on_config=configs.append, on_reach=reaches.append)
    tv = Station(url, Topics("main-street"), "tv-2", "display", {}, ears)
    tv.start()
    try:
        hall.when(ada, "tv-2", online=True)
        until(lambda: configs)
        assert configs[-1].name == {"en": "Stairs"}
        known = hall.device(ada, "tv-2")
        tv_settings = {"languages": ["ar", "en"], "sound": "chime", "recent": 2, "footer": {"en": "Free water."}}
        answer = ada.post(
            "/api/v1/devices/tv-2", {"value": {**known["value"], "tv": tv_settings}, "version": known["version"]}, method="PUT"
        )
        assert answer.status_code == 200, answer.text
        until(lambda: (configs[-1].tv or {}).get("sound") == "chime")
        assert refused(ada.post("/api/v1/devices/tv-2", {"value": TV, "version": known["version"]}, method="PUT")) == (
            409,
            "stale",
        )
        fresh = hall.device(ada, "tv-2")["version"]
        assert ada.post(f"/api/v1/devices/tv-2?version={fresh}", method="DELETE").status_code == 200
        until(lambda: reaches[-1] is Reach.NO_LINK)
        assert hall.device(ada, "tv-2") == {}
    finally:
        tv.stop()
    until(lambda: not (hall.branch.data / "devices" / "tv-2.toml").exists())


@pytest.mark.parametrize(
    ("device", "wrong", "field"),
    [
        ("Bad Id", {"kind": "display"}, "id"),
        ("x", {"kind": "fax"}, "kind"),
        ("x", {"kind": "kiosk", "issuer": "xx"}, "issuer"),
        ("x", {"kind": "display", "tv": {"recent": 99}}, "tv.recent"),
        ("x", {"kind": "display", "colour": "red"}, "colour"),
    ],
)
def test_what_is_wrong_with_a_device_is_said_at_its_field(ada: Visitor, device: str, wrong: dict[str, Any], field: str) -> None:
    answer = ada.post(f"/api/v1/devices/{device}", {"value": wrong, "version": ""}, method="PUT")
    assert refused(answer) == (422, "invalid")
    assert [fault["field"] for fault in answer.json()["fields"]] == [field]


@pytest.mark.parametrize(
    "wrong", [{"kind": "counter"}, {"kind": "counter", "counter": "c99"}, {"kind": "kiosk", "issuer": "X"}]
)
def test_what_only_the_rest_of_the_setup_shows_is_refused_too(ada: Visitor, wrong: dict[str, Any]) -> None:
    answer = ada.post("/api/v1/devices/x", {"value": wrong, "version": ""}, method="PUT")
    assert 400 <= answer.status_code < 500
    assert answer.json()["error"]["message"]


@pytest.mark.parametrize(("language", "width"), [("en", 576), ("ar", 384), ("hi", 576), ("sw", 384)])
def test_a_template_is_seen_as_the_printer_will_print_it(ada: Visitor, language: str, width: int) -> None:
    answer = ada.get("/api/v1/templates/preview.png", language=language, width=width)
    longer = ada.get("/api/v1/templates/preview.png", language=language, width=width, footer="Closed\non Sunday", note="7")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
    plain, more = Image.open(io.BytesIO(answer.content)), Image.open(io.BytesIO(longer.content))
    assert plain.width == width
    assert more.height >= plain.height + 3 * 24


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"language": "en", "width": "500"},
        {"language": "x" * 9},
        {"language": "en", "note": "n" * 501},
        {"language": "en", "x": "1"},
    ],
)
def test_a_picture_that_makes_no_sense_is_refused(ada: Visitor, wrong: dict[str, str]) -> None:
    assert refused(ada.get("/api/v1/templates/preview.png", **wrong)) == (422, "invalid")


def test_the_kiosk_prints_in_the_form_that_was_saved(hall: DeviceHall, ada: Visitor) -> None:
    value = {"width_px": 384, "footer": {"en": "Thank you for waiting"}}
    assert ada.post("/api/v1/templates/ticket", {"value": value, "version": ""}, method="PUT").status_code == 200
    config = TOPICS.config("kiosk-1")
    with Peer(MqttUrl.parse(hall.branch.account("kiosk-1").mqtt), "watcher", config) as watcher:
        until(lambda: any(b"Thank you" in message.payload for message in watcher.messages))
    had = len(hall.papers())
    assert ada.post("/api/v1/devices/kiosk-1/orders", {"type": "print"}).json()["ok"]
    assert "Thank you for waiting" in "\n".join(hall.printed(had))
    assert refused(ada.post("/api/v1/templates/ticket", {"value": value, "version": ""}, method="PUT")) == (422, "invalid")


def test_an_account_without_the_right_to_its_orders_is_connected_all_the_same(hall: DeviceHall) -> None:
    url, foreign = MqttUrl.parse(hall.branch.account("pad-1").mqtt), TOPICS.orders("kiosk-1")
    own = Subscription(TOPICS.replies("pad-1"))
    with closing_link(Link(url, "pad-1", [own, Subscription(foreign, optional=True)])) as link:
        until(lambda: link.is_up)
    with closing_link(Link(url, "pad-1", [own, Subscription(foreign)])) as link:
        until(lambda: link.state is State.WAITING)
        assert not link.is_up


def test_every_order_is_in_the_audit_log(hall: DeviceHall, ada: Visitor) -> None:
    ada.post("/api/v1/devices/kiosk-1/orders", {"type": "print"})
    ada.post("/api/v1/devices/tv-1/orders", {"type": "restart"})
    newest = "SELECT who, action, subject, outcome FROM audit WHERE action LIKE 'order_%' ORDER BY n DESC LIMIT 2"
    with create_engine(f"sqlite:///{hall.branch.data}/web.db").connect() as web:
        lines = [tuple(row) for row in web.execute(text(newest))][::-1]
    assert lines == [("ada", "order_print", "kiosk-1", "ok"), ("ada", "order_restart", "tv-1", "not_there")]


def test_no_box_joins_where_the_branch_has_no_certificate(hall: DeviceHall, ada: Visitor) -> None:
    assert hall.branch.person().get(f"{PREFIX}/branch").status_code == 404
    assert ada.get("/api/v1/joining").status_code == 404
    assert ada.get("/admin/devices/join").status_code == 200
