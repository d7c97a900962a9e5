"""The branch server dies at exact places between a command and the telling of its events; the broker lives on."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.broker import Broker
from tests.support.chaos import ChaosBranch, Party, code_of, join, press
from tests.support.chaos_ledger import Ledger
from tests.support.client import Json
from tests.support.waiting import until

_NOT_YET_DURABLE = ("before-commit:3", "in-commit:3")
_DURABLE = ("after-commit:3", "after-answer:2")


@pytest.fixture
def branch(broker: Broker, tmp_path: Path) -> Iterator[ChaosBranch]:
    """Not started yet."""
    branch = ChaosBranch(tmp_path, mqtt=f"mqtt://127.0.0.1:{broker.port}")
    yield branch
    branch.kill()


@pytest.fixture
def desk(branch: ChaosBranch) -> Iterator[Party]:
    """A console that hears everything from the first event on."""
    desk = branch.party("desk-1")
    yield desk
    desk.disconnect()


@pytest.mark.parametrize("place", [*_NOT_YET_DURABLE, *_DURABLE])
def test_a_join_cut_off_at_any_place_is_done_once_and_told_once_it_is_asked_again(
    branch: ChaosBranch, desk: Party, place: str
) -> None:
    branch.die_at(place).start()
    first, second = join(), join()
    assert _number(desk.insist(first)) == "A001"
    desk.send(second)
    branch.wait_for_death()
    assert (second["id"] in Ledger(branch.data).check().answers) == (place in _DURABLE)
    if place.startswith("after-answer"):
        until(lambda: desk.replies(second["id"]))

    branch.die_at(None).start()
    assert _number(desk.insist(second)) == "A002"
    assert _number(desk.insist(first)) == "A001"
    ledger = Ledger(branch.data).check()
    ledger.check_answered(desk.payloads())
    until(lambda: desk.told() == ledger.public())


@pytest.mark.parametrize("place", ["before-event:5", "before-event:7"])
def test_events_that_were_not_told_come_out_after_the_restart_in_order_and_none_is_missing(
    branch: ChaosBranch, desk: Party, place: str
) -> None:
    branch.die_at(place).start()
    for _ in range(4):
        desk.insist(join())
    until(lambda: len(desk.told()) == 4)
    closing = {**join(), "type": "close_day"}
    desk.send(closing)
    branch.wait_for_death()

    branch.die_at(None).start()
    ledger = Ledger(branch.data).check()
    assert [kind for _, kind in ledger.public()] == ["ticket_joined"] * 4 + ["ticket_expired"] * 4 + ["day_closed"]
    until(lambda: desk.told() == ledger.public())
    assert desk.insist(closing) == json.loads(ledger.answers[closing["id"]])


@pytest.mark.parametrize("expiry_s", [100, None])
def test_a_press_repeated_while_the_server_was_away_gets_the_answer_that_it_had(
    branch: ChaosBranch, desk: Party, expiry_s: int | None
) -> None:
    branch.start()
    for command in (join(), join(), press("open_counter")):
        desk.insist(command)
    call = press("call_next")
    had = desk.insist(call)
    assert had is not None
    branch.kill()
    desk.publish("devices/desk-1/commands", json.dumps(call), expiry_s=expiry_s).wait_for_publish(30)
    branch.start()
    assert desk.reply(call["id"], after=1) == had


def test_a_press_that_nobody_could_act_on_is_void_after_the_restart(branch: ChaosBranch, desk: Party) -> None:
    branch.start()
    for command in (join(), press("open_counter")):
        desk.insist(command)
    branch.kill()
    call = press("call_next")
    desk.publish("devices/desk-1/commands", json.dumps(call)).wait_for_publish(30)
    branch.start()
    assert code_of(desk.reply(call["id"])) == "unavailable"
    assert call["id"] not in Ledger(branch.data).check().answers


def _number(reply: Json | None) -> str:
    assert reply is not None
    assert reply["ok"], reply
    number: str = reply["result"]["number"]
    return number
