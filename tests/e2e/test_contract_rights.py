"""What a device may ask depends on its kind, and the server itself refuses the rest: the broker here lets everybody in."""

from collections.abc import Iterator

import pytest

from tests.e2e.hall import COMMANDS, Hall, open_hall
from tests.support.broker import Broker
from tests.support.client import Json

KIOSK = {"join", "check_in", "rate", "cancel"}
COUNTER = {
    "call_next", "recall", "start", "complete", "skip", "no_show", "park", "open_counter", "close_counter", "break_counter",
    "call_ticket", "unpark", "undo",
}  # fmt: skip


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    directory = tmp_path_factory.mktemp("rights")
    broker = Broker(directory).start()
    with open_hall(directory, f"mqtt://127.0.0.1:{broker.port}", broker.port) as hall:
        yield hall
    broker.kill()


def is_refused(hall: Hall, device: str, command: Json) -> bool:
    reply = hall.session(device).ask(command)
    return not reply["ok"] and reply["error"]["code"] == "not_allowed"


def test_a_kiosk_may_join_check_in_rate_and_cancel(hall: Hall) -> None:
    allowed = {command["type"] for command in COMMANDS if not is_refused(hall, "kiosk-1", command)}
    assert allowed == KIOSK


def test_a_kiosk_cancels_its_own_tickets_only(hall: Hall) -> None:
    cancel = {"type": "cancel", "ticket": hall.join("cash", hall.kiosk)["ticket"]}
    assert hall.refused(cancel, hall.client("kiosk-2")) == "not_allowed"
    assert hall.done(cancel, hall.kiosk)


def test_a_counter_unit_presses_for_its_own_counter(hall: Hall) -> None:
    allowed = {command["type"] for command in COMMANDS if not is_refused(hall, "pad-1", command)}
    assert allowed == COUNTER
    elsewhere = [command | {"counter": "c2"} for command in COMMANDS if command["type"] in COUNTER]
    assert all(is_refused(hall, "pad-1", command) for command in elsewhere)


def test_a_counter_unit_transfers_what_is_in_its_own_hand(hall: Hall) -> None:
    waits = hall.join("cash")
    hall.at("c1", "open_counter")
    held = hall.at("c1", "call_ticket", hall.pad, ticket=waits["ticket"])["in_hand"]
    other = hall.join("cash")
    hall.at("c2", "open_counter")
    hall.at("c2", "call_ticket", ticket=other["ticket"])
    assert hall.refused({"type": "transfer", "ticket": other["ticket"], "to_service": "mess"}, hall.pad) == "not_allowed"
    assert hall.done({"type": "transfer", "ticket": held["ticket"], "to_service": "mess"}, hall.pad)
    hall.at("c2", "complete")


def test_a_display_may_ask_nothing(hall: Hall) -> None:
    assert all(is_refused(hall, "tv-1", command) for command in COMMANDS)


def test_a_device_that_nobody_knows_may_ask_nothing(hall: Hall) -> None:
    assert all(is_refused(hall, "stranger", command) for command in COMMANDS)


def test_a_console_may_ask_everything(hall: Hall) -> None:
    assert [command["type"] for command in COMMANDS if is_refused(hall, "desk", command)] == []
    hall.done({"type": "open_service", "service": "cash"})


@pytest.mark.parametrize("device", ["desk", "kiosk-1", "pad-1", "tv-1"])
def test_alerts_are_the_houses_own(hall: Hall, device: str) -> None:
    assert is_refused(hall, device, {"type": "raise_alert", "alert": "paper:kiosk-1", "message": "x"})
    assert is_refused(hall, device, {"type": "clear_alert", "alert": "paper:kiosk-1"})


def test_no_public_event_tells_who_acted(hall: Hall) -> None:
    """An actor may be a person's name."""
    joined = hall.join("cash", actor="Grace Hopper")
    told = hall.tv.event("ticket_joined", lambda event: event["ticket"] == joined["ticket"])
    assert "Grace Hopper" not in str(told)


def test_no_name_of_a_kiosk_opens_the_clouds_series(hall: Hall) -> None:
    for name in ("cloud", "remote", "branch-server"):
        hall.desk.ask({"type": "save_device", "device": {"id": name, "kind": "kiosk"}})
        printed = {"type": "join", "service": "cash", "channel": "kiosk", "number": "QAR01"}
        assert hall.refused(printed, hall.session(name)) in {"not_allowed", "invalid"}, name


def test_a_refused_command_changes_nothing(hall: Hall) -> None:
    service = hall.service()
    before = hall.desk.ask({"type": "announce", "text": "before"})["seq"]
    for command in ({"type": "close_service", "service": service}, {"type": "remove_service", "service": service}):
        assert is_refused(hall, "tv-1", command)
    assert hall.join(service)
    assert hall.desk.ask({"type": "announce", "text": "after"})["seq"] == before + 2
