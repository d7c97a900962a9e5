"""The broker goes, hangs, comes back empty, or is not there yet: the branch server lives on and sets everything right."""

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from foleni.times import to_wire
from tests.support.broker import Broker
from tests.support.chaos import CONSOLES, KIOSKS, ChaosBranch, Party, join, press
from tests.support.chaos_ledger import Ledger, check_topics
from tests.support.client import Json
from tests.support.waiting import until

_FAILED_TRIES = 8
_HANGS_FOR_S = 3.0
_AFTER_S = 60.0
_QUICK_RESTARTS = 12
_READY = "foleni-branch: ready: "


@pytest.fixture
def branch(broker: Broker, tmp_path: Path) -> Iterator[ChaosBranch]:
    """On a given broker, which keeps nothing over a restart. Not started yet."""
    branch = ChaosBranch(tmp_path, mqtt=f"mqtt://127.0.0.1:{broker.port}")
    yield branch
    branch.kill()


def test_a_broker_that_comes_back_empty_is_told_everything_again(branch: ChaosBranch, broker: Broker) -> None:
    branch.start()
    with branch.party("desk-1") as desk:
        for command in (join(), join("mess"), press("open_counter"), press("call_next")):
            desk.insist(command)
        until(lambda: desk.told() == Ledger(branch.data).public(), every_s=0.05)
        broker.kill()
        _let_tries_fail(broker)
        broker.start()
        until(lambda: desk.is_connected, _AFTER_S)
    with branch.party("desk-2") as newcomer, branch.party("desk-3", subscriptions=["devices/+/config"]) as installer:
        check_topics(Ledger(branch.data).check(), newcomer)
        assert newcomer.state("server")["online"] is True
        for device in (*KIOSKS, *CONSOLES):
            assert installer.state(f"devices/{device}/config")["device"] == device
        assert _insist(newcomer, join())["result"]["number"] == "A002"


def test_what_happened_while_the_broker_was_away_is_told_when_it_is_back(branch: ChaosBranch, broker: Broker) -> None:
    branch.start()
    with branch.party("desk-1") as desk:
        _let_reopen(branch, desk, "mess")
        broker.kill()
        until(lambda: "service_opened" in _types(branch), _AFTER_S, 0.05)
        with _standing_still(branch.pid):
            broker.start()
            until(lambda: desk.is_connected, _AFTER_S)
        until(lambda: "service_opened" in [kind for _, kind in desk.told()], _AFTER_S)


def test_what_was_written_to_a_broker_that_hung_and_died_is_told_again(branch: ChaosBranch, broker: Broker) -> None:
    branch.start()
    with branch.party("desk-1") as desk:
        _let_reopen(branch, desk, "mess")
        with _standing_still(broker.pid):
            until(lambda: "service_opened" in _types(branch), _AFTER_S, 0.05)
            with suppress(AssertionError):
                until(lambda: Ledger(branch.data).cursor("mqtt") >= Ledger(branch.data).public()[-1][0], _HANGS_FOR_S)
            with _standing_still(branch.pid):
                broker.kill()
                broker.start()
                until(lambda: desk.is_connected, _AFTER_S)
        until(lambda: desk.told() == Ledger(branch.data).public(), every_s=0.05)


def test_a_broker_that_hangs_and_resumes_loses_nothing(branch: ChaosBranch, broker: Broker) -> None:
    branch.start()
    with branch.party("kiosk-1") as kiosk, branch.party("desk-1") as desk:
        commands = [join() for _ in range(20)]
        with _standing_still(broker.pid):
            for command in commands:
                kiosk.send(command)
        assert {_insist(kiosk, command)["ok"] for command in commands} == {True}
        check_topics(Ledger(branch.data).check(), desk)
        until(lambda: desk.told() == Ledger(branch.data).public(), every_s=0.05)
    assert len(Ledger(branch.data).check().tickets) == len(commands)


def test_a_server_whose_broker_hangs_still_ends_in_good_order(tmp_path: Path) -> None:
    with ChaosBranch(tmp_path) as branch:
        broker = branch.broker_pid
        assert broker is not None
        with _standing_still(broker):
            assert branch.stop() == 0, branch.last_words


def test_a_server_killed_beside_a_hanging_broker_starts_again_on_the_same_port(tmp_path: Path) -> None:
    with ChaosBranch(tmp_path) as branch:
        port = branch.port
        branch.signal_broker(signal.SIGSTOP)
        branch.kill()
        branch.start()
        assert branch.port == port
        with branch.party("kiosk-1") as kiosk:
            assert _insist(kiosk, join())["ok"]


def test_a_broker_that_restarts_many_times_quickly_ends_with_a_branch_that_works(branch: ChaosBranch, broker: Broker) -> None:
    branch.start()
    with branch.party("desk-1") as desk:
        for _ in range(_QUICK_RESTARTS):
            broker.kill()
            broker.start()
        assert _insist(desk, join())["result"]["number"] == "A001"
        check_topics(Ledger(branch.data).check(), desk)
    assert branch.is_running


def test_a_server_that_starts_before_its_broker_is_ready_when_that_is_there(branch: ChaosBranch, broker: Broker) -> None:
    broker.stop()
    branch.launch()
    _let_tries_fail(broker)
    assert _READY not in branch.last_words
    broker.start()
    until(lambda: _READY in branch.last_words, _AFTER_S)
    with branch.party("kiosk-1") as kiosk:
        assert _insist(kiosk, join())["ok"]


def test_a_server_that_waits_for_its_broker_ends_when_it_is_told_to_and_never_says_ready(
    branch: ChaosBranch, broker: Broker
) -> None:
    broker.stop()
    branch.launch()
    _let_tries_fail(broker)
    assert branch.stop() == 0, branch.last_words
    assert _READY not in branch.last_words


@contextmanager
def _standing_still(pid: int) -> Iterator[None]:
    """The process does nothing for as long as this lasts, unless it is killed."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def _insist(party: Party, command: Json) -> Json:
    reply = party.insist(command)
    assert reply is not None
    return reply


def _let_reopen(branch: ChaosBranch, desk: Party, service: str) -> None:
    """Something that will happen by time alone, soon."""
    now = Ledger(branch.data).events[-1].steady
    pause: dict[str, Any] = {**join(), "type": "pause_service", "service": service, "reopens_at": to_wire(now + 2_500_000)}
    assert _insist(desk, pause)["ok"]
    until(lambda: desk.told() == Ledger(branch.data).public(), every_s=0.05)


def _types(branch: ChaosBranch) -> list[str]:
    return [kind for _, kind in Ledger(branch.data).public()]


def _let_tries_fail(broker: Broker) -> None:
    """Stands in for the broker that is not there, and hangs up on everybody who comes, a number of times."""
    with socket.create_server(("127.0.0.1", broker.port)) as door:
        door.settimeout(_AFTER_S)
        for _ in range(_FAILED_TRIES):
            door.accept()[0].close()
