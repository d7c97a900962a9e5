"""Two servers of one branch, with brokers of their own, under load: whichever goes, nothing answered is lost or doubled.

`FOLENI_TAKEOVERS` tells how often one of them is killed.
"""

import json
import os
import random
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest
import requests

from branch_server.domain import events as e
from branch_server.standby.door import MOST_WRONG, Door, ShutError
from branch_server.standby.page import StandbyPage
from foleni.settings import HostPort
from tests.support.chaos import join
from tests.support.chaos_ledger import Ledger
from tests.support.pair import Pair, Server
from tests.support.pair_load import PairLoad
from tests.support.waiting import until

TAKEOVERS = int(os.environ.get("FOLENI_TAKEOVERS", "3"))
_ASKED_AGAIN = 100

pytestmark = pytest.mark.timeout(240 + 30 * TAKEOVERS)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with Pair(tmp_path_factory.mktemp("pair")) as started:
        yield started


def test_what_was_answered_outlives_the_server_that_answered(pair: Pair) -> None:
    chance = random.Random(44)
    serving, following = pair.first, pair.second
    with PairLoad(serving, seed=3) as load:
        for _ in range(TAKEOVERS):
            load.wait_for(chance.randint(5, 25))
            threading.Event().wait(chance.uniform(0, 0.05))
            serving.kill()
            following.press("take_over", "ada")
            pair.wait_until_serving(following)
            load.move_to(following)
            load.wait_for(5)
            serving.start()
            pair.wait_until_attached(following, serving)
            serving, following = following, serving
        load.finish()
        load.ask_again(_ASKED_AGAIN)
        ledger = Ledger(serving.data).check()
        ledger.check_answered(load.payloads())
    assert [event.term for event in _terms(ledger)] == list(range(1, TAKEOVERS + 1))
    assert all(event.by == "ada" for event in _terms(ledger))
    _check_same(pair)


def test_a_handover_in_good_order_leaves_no_number_out(pair: Pair) -> None:
    serving, following = _serving_first(pair)
    with PairLoad(serving, seed=4) as load:
        load.wait_for(20)
        serving.press("hand_over", "bob")
        pair.wait_until_serving(following)
        load.move_to(following)
        load.wait_for(10)
        load.finish()
        ledger = Ledger(following.data).check()
        ledger.check_answered(load.payloads())
    assert (_terms(ledger)[-1].by, _terms(ledger)[-1].skipped) == ("bob", 0)
    pair.wait_until_attached(following, serving)
    _check_same(pair)


def test_an_administrator_lets_the_standby_take_over_at_its_own_page(pair: Pair) -> None:
    serving, following = _serving_first(pair)
    page = StandbyPage(HostPort("127.0.0.1", 0), following.data, Door(following.data), None)
    page.start()
    try:
        shown = requests.get(page.address, headers={"Accept-Language": "fr-RW,fr;q=0.9"}, timeout=30)
        assert 'lang="fr"' in shown.text
        assert "Tout est ici." in shown.text
        for staff, pin in (("ada", "000000"), ("bob", "517204"), ("nobody", "482913")):
            refused = requests.post(f"{page.address}/take-over", {"staff": staff, "pin": pin, "off": "yes"}, timeout=30)
            assert refused.status_code == 403
        assert not following.serves
        done = requests.post(f"{page.address}/take-over", {"staff": "ada", "pin": "482913"}, timeout=30)
        assert done.status_code == 200
        pair.wait_until_serving(following)
    finally:
        page.stop()
    began = _terms(Ledger(following.data))[-1]
    assert (began.by, began.skipped) == ("ada", 0)
    pair.wait_until_attached(following, serving)


def test_the_page_is_shut_after_five_wrong_tries(pair: Pair) -> None:
    door = Door(_serving_first(pair)[1].data)
    for _ in range(MOST_WRONG):
        assert not door.opens("ada", "111111")
    with pytest.raises(ShutError):
        door.opens("ada", "482913")


def test_accounts_and_sign_ins_are_at_the_standby(pair: Pair) -> None:
    serving, following = _serving_first(pair)
    assert Ledger(following.data).secrets == Ledger(serving.data).secrets
    with serving.party("desk-1") as console:
        saved = console.insist({**join(), "type": "save_device", "device": {"id": "late", "kind": "kiosk"}})
    assert saved is not None
    assert saved["ok"]
    until(lambda: _password_at(following, "late") == _password_at(serving, "late") is not None)
    with following.party("kiosk-1") as kiosk:
        told = kiosk.state("server", lambda server: server.get("role") == "standby")
    assert told["online"] is False
    assert told["term"] == following.standing["term"]


def test_a_server_that_served_alone_puts_aside_what_nobody_else_has(pair: Pair) -> None:
    serving, following = _serving_first(pair)
    following.kill()
    until(lambda: not serving.now.get("attached"))
    with serving.party("kiosk-1") as kiosk:
        alone = [kiosk.insist(join()) for _ in range(3)]
    serving.kill()
    following.start()
    following.press("take_over", "ada")
    pair.wait_until_serving(following)
    with following.party("kiosk-1") as kiosk:
        after = kiosk.insist(join())
    serving.start()
    pair.wait_until_attached(following, serving)
    (folder,) = [path for path in (serving.data / "standby").glob("aside-*") if (path / "branch.db").exists()][-1:]
    listed = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    numbers = {reply["result"]["number"] for reply in alone if reply is not None}
    assert numbers <= {event["data"].get("number") for event in listed}
    assert after is not None
    assert after["result"]["number"] not in numbers
    until(lambda: any(isinstance(recorded.event, e.AlertRaised) and recorded.event.alert == "standby:aside"
                      for recorded in Ledger(following.data).events))  # fmt: skip
    _check_same(pair)


def test_a_server_that_is_restarted_asks_the_other_before_it_serves(pair: Pair) -> None:
    serving, following = _serving_first(pair)
    term = serving.standing["term"]
    serving.restart()
    pair.wait_until_serving(serving)
    assert serving.standing["term"] == term
    pair.wait_until_attached(serving, following)
    assert ": ready: standby" in serving.last_words


def _password_at(server: Server, device: str) -> str | None:
    """The password of a device that has an account at the server's broker."""
    with suppress(OSError, ValueError):
        word = server.account(device).password
        clients = json.loads((server.data / "mosquitto" / "accounts.json").read_bytes())["clients"]
        return word if device in {client["username"] for client in clients} else None
    return None


def _serving_first(pair: Pair) -> tuple[Server, Server]:
    return (pair.first, pair.second) if pair.first.serves else (pair.second, pair.first)


def _terms(ledger: Ledger) -> list[e.TermBegan]:
    return [recorded.event for recorded in ledger.events if isinstance(recorded.event, e.TermBegan)]


def _check_same(pair: Pair) -> None:
    """Both have the same events, answers, tickets and secrets, once nothing happens any more."""
    until(lambda: _content(pair.first) == _content(pair.second), every_s=0.2)
    Ledger(pair.second.data).check()


def _content(server: Server) -> tuple[object, ...]:
    ledger = Ledger(server.data)
    return [recorded.id for recorded in ledger.events], ledger.answers, ledger.tickets, ledger.secrets
