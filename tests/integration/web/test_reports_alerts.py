"""The branch says by itself when it needs a person."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from foleni.times import MINUTE_US, to_wire
from tests.support.client import Client
from tests.support.waiting import until
from tests.support.web import POLITE_S, Visitor, WebBranch

RULES = "[branch.alerts]\nwait_min = 20\nfor_min = 5\n\n"


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebBranch]:
    branch = WebBranch(tmp_path_factory.mktemp("alerts"))
    branch.setup.write_text(
        branch.setup.read_text(encoding="utf-8").replace("[[priority]]", f"{RULES}[[priority]]", 1), "utf-8"
    )
    with branch:
        yield branch


@pytest.fixture(scope="module")
def ada(branch: WebBranch) -> Visitor:
    return branch.person("ada")


def client(branch: WebBranch, device: str) -> Client:
    account = branch.account(device)
    return Client(branch.port, account.branch, device, account.password)


def alerts(visitor: Visitor) -> dict[str, dict[str, Any]]:
    return {one["alert"]: one for one in visitor.get("/api/v1/reports/live").json()["alerts"]}


def say(kiosk: Client, printer: str) -> None:
    status = {"online": True, "kind": "kiosk", "printer": {"state": printer}}
    kiosk.publish("devices/kiosk-1/status", json.dumps(status), retain=True)


def test_a_kiosk_without_paper_is_an_alert_until_it_has_some(branch: WebBranch, ada: Visitor) -> None:
    with client(branch, "kiosk-1") as kiosk:
        say(kiosk, "paper_out")
        assert kiosk.event("alert_raised")["message"] == "kiosk-1 has no paper."
        until(lambda: "paper:kiosk-1" in alerts(ada), every_s=POLITE_S)
        told = alerts(ada)["paper:kiosk-1"]
        assert told["message"] == "kiosk-1 has no paper."
        assert told["text"]["fr"] == "kiosk-1 n\u2019a plus de papier."
        say(kiosk, "ok")
        assert kiosk.event("alert_cleared")["alert"] == "paper:kiosk-1"
        until(lambda: "paper:kiosk-1" not in alerts(ada), every_s=POLITE_S)


def test_a_long_wait_is_an_alert_and_stays_one_over_a_restart(branch: WebBranch) -> None:
    an_hour_ago = time.time_ns() // 1000 - 60 * MINUTE_US
    with client(branch, "kiosk-1") as kiosk:
        ticket = {"service": "cards", "channel": "kiosk", "number": "DX01", "joined_at": to_wire(an_hour_ago)}
        joined = kiosk.ask({"type": "join", **ticket})
        assert joined["ok"], joined
        kiosk.event("alert_raised", lambda event: event["alert"] == "wait:cards")
    branch.restart()
    assert alerts(branch.person("ada"))["wait:cards"]["text"]["en"] == "Cards: people have been waiting longer than 20 min."
