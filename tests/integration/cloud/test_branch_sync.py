"""A real branch server and a cloud that keeps the contract: what goes up, what comes down, and what is refused."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from foleni.times import SECOND_US, from_wire, to_wire
from tests.support.branch import BranchProcess
from tests.support.client import Client, Json
from tests.support.odd_cloud import OddCloud, Request
from tests.support.synced import as_logged, desk_of, join, last_of, log_of, synced_branch
from tests.support.waiting import PATIENCE_S, until


@dataclass(frozen=True)
class Pair:
    """A branch, its cloud, and a console of the branch."""

    branch: BranchProcess
    cloud: OddCloud
    desk: Client

    def ask(self, command: Json) -> Json:
        """From afar; the branch's reply."""
        self.cloud.ask(command)
        return self.cloud.reply_to(command)

    def is_level(self) -> bool:
        """Whether the cloud has the whole log."""
        return len(self.cloud.events) == last_of(self.branch.data)

    def event(self, kind: str, command: Json) -> Json:
        """The event of a type that a command caused, as the cloud has it."""

        def found() -> Json | None:
            return next((e for e in self.cloud.events if (e["type"], e["command"]) == (kind, command["id"])), None)

        until(found, PATIENCE_S)
        return found() or {}


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("synced")
    with OddCloud() as cloud:
        cloud.ahead_s = 600.0
        with synced_branch(folder, cloud.url, cloud.token) as branch, desk_of(branch) as desk:
            yield Pair(branch, cloud, desk)


@pytest.fixture(autouse=True)
def _honest(pair: Pair) -> Iterator[None]:
    yield
    pair.cloud.odd = None


def test_the_log_goes_up_whole_and_letter_by_letter(pair: Pair) -> None:
    assert pair.desk.ask({"type": "join", "service": "cash", "channel": "staff", "name": "Ngũgĩ “the” Ⅷ"})["ok"]
    until(pair.is_level, PATIENCE_S)
    assert [as_logged(event) for event in pair.cloud.events] == log_of(pair.branch.data)


def test_waits_go_up_with_the_last_event(pair: Pair) -> None:
    pair.desk.ask({"type": "join", "service": "cards", "channel": "staff"})
    until(
        lambda: any(told["id"] == "cards" and told["waiting"] for body in pair.cloud.bodies for told in body["waits"]),
        PATIENCE_S,
    )
    told = next(row for row in reversed(pair.cloud.bodies) if row["waits"])["waits"]
    shown = pair.desk.state("services")["services"]
    assert {row["id"] for row in told} == {row["id"] for row in shown}
    assert all(isinstance(row[field], int) for row in told for field in ("waiting", "wait_p50_s", "wait_p90_s"))


def test_a_join_from_afar_gets_the_branch_s_number_and_again_the_same(pair: Pair) -> None:
    command = join(phone="+250788000042", actor="app")
    reply = pair.ask(command)
    assert reply["ok"]
    assert reply["result"]["number"].startswith("A0")
    event = pair.event("ticket_joined", command)
    assert (event["data"]["device"], event["actor"], event["data"]["channel"]) == ("cloud", "cloud:app", "app")
    pair.cloud.replies.clear()
    pair.cloud.ask(command)
    assert pair.cloud.reply_to(command) == reply
    assert pair.ask(join(phone="+250788000042"))["error"]["code"] == "already_queued"


def test_nobody_out_there_speaks_in_the_name_of_the_branch_s_people(pair: Pair) -> None:
    command = {"id": str(uuid.uuid4()), "type": "announce", "text": "Back at noon", "actor": "ada"}
    assert pair.ask(command)["ok"]
    assert pair.event("announced", command)["actor"] == "cloud:ada"


@pytest.mark.parametrize(
    "kind", ["close_day", "save_branch", "remove_staff", "raise_alert", "complete", "no_show", "transfer", "x"]
)
def test_what_is_the_branch_s_own_is_not_done_from_afar(pair: Pair, kind: str) -> None:
    reply = pair.ask({"id": str(uuid.uuid4()), "type": kind, "counter": "c1", "ticket": str(uuid.uuid4()), "staff": "ada"})
    assert reply["error"]["code"] == "not_allowed"


def test_garbage_is_answered_where_it_has_an_id_and_holds_nothing_up(pair: Pair) -> None:
    deep: Json = {}
    for _ in range(300):
        deep = {"x": deep}
    bad: list[Json] = [
        {"id": "no-uuid", "type": "join"}, {"id": str(uuid.uuid4())}, {"id": str(uuid.uuid4()), "type": 7}, join(phone="07"),
        join(name="x" * 20_000), join(expires_at="soon"), join(expires_at=5), {**join(deep=deep), "service": None},
        join(name="\ud800"),
    ]  # fmt: skip
    good = join()
    pair.cloud.ask({"type": "join"}, {"id": 5}, *bad, good)
    assert pair.cloud.reply_to(good)["ok"]
    assert {pair.cloud.reply_to(one)["error"]["code"] for one in bad} == {"invalid"}


def test_a_press_that_came_too_late_is_void_by_the_cloud_s_clock(pair: Pair) -> None:
    """The cloud's clock is ten minutes ahead of the branch's."""
    now = pair.cloud.now_us()
    late, early = join(expires_at=to_wire(now - SECOND_US)), join(expires_at=to_wire(now + 60 * SECOND_US))
    assert pair.ask(late)["error"]["code"] == "unavailable"
    assert pair.ask(early)["ok"]


def test_a_number_of_the_cloud_s_series_comes_in_at_its_place_although_clocks_differ(pair: Pair) -> None:
    before = pair.desk.ask({"type": "join", "service": "cards", "channel": "staff"})["result"]
    asked_at = pair.cloud.now_us()
    until(lambda: pair.cloud.now_us() > asked_at + SECOND_US)
    after = pair.desk.ask({"type": "join", "service": "cards", "channel": "staff"})["result"]
    command = join("cards", number="DR01", joined_at=to_wire(asked_at))
    reply = pair.ask(command)
    assert reply["result"]["number"] == "DR01"
    assert from_wire(before["joined_at"]) <= from_wire(reply["result"]["joined_at"]) <= from_wire(after["joined_at"])
    assert reply["result"]["position"] == before["position"] + 1


def test_a_number_that_the_cloud_gave_meanwhile_wins(pair: Pair) -> None:
    command = join("cards")
    assert pair.ask(command)["result"]["number"].startswith("D0")
    pair.cloud.replies.clear()
    assert pair.ask({**command, "number": "DR02", "joined_at": to_wire(pair.cloud.now_us())})["result"]["number"] == "DR02"
    assert pair.event("ticket_renumbered", command)["data"]["number"] == "DR02"


def test_a_reply_that_was_lost_on_its_way_is_sent_again(pair: Pair) -> None:
    lost: list[str] = []

    def lose(request: Request) -> bool:
        if request.name != "POST replies" or len(lost) == 2:
            return False
        lost.append(request.name)
        request.close_connection = True
        return True

    pair.cloud.odd = lose
    assert pair.ask(join())["ok"]
    assert len(lost) == 2


def test_a_reply_that_the_cloud_cannot_take_holds_no_other_up(pair: Pair) -> None:
    bad = join()

    def refuse(request: Request) -> bool:
        if request.name != "POST replies" or bad["id"] not in request.peeked:
            return False
        request.say(422, {"error": {"code": "invalid", "message": "no"}})
        return True

    pair.cloud.odd = refuse
    good = [join() for _ in range(5)]
    pair.cloud.ask(*good[:3], bad, *good[3:])
    assert all(pair.cloud.reply_to(one)["ok"] for one in good)
    assert bad["id"] not in pair.cloud.replies


def test_messages_that_are_too_large_are_sent_in_parts(pair: Pair) -> None:
    sizes: list[int] = []

    def small_only(request: Request) -> bool:
        if request.name != "POST events":
            return False
        count = request.peeked.count('"steady_us"')
        sizes.append(count)
        if count > 4:
            request.say(413, b"<html>too large</html>", Content_Type="text/html")
        return count > 4

    pair.cloud.odd = small_only
    for ask in [pair.desk.send({"type": "join", "service": "cash", "channel": "staff"}) for _ in range(40)]:
        pair.desk.reply(ask)
    until(pair.is_level, PATIENCE_S)
    assert max(sizes) > 4


def test_a_cloud_that_was_turned_back_gets_what_it_lost(pair: Pair) -> None:
    until(pair.is_level, PATIENCE_S)
    del pair.cloud.events[10:]
    pair.desk.ask({"type": "join", "service": "cash", "channel": "staff"})
    until(pair.is_level, PATIENCE_S)
    assert [as_logged(event) for event in pair.cloud.events] == log_of(pair.branch.data)


def test_a_branch_that_was_killed_sends_the_rest_and_is_asked_the_rest(pair: Pair) -> None:
    """Its broker gets a new port, so this test is the last."""
    pair.cloud.odd = lambda request: request.name != "GET commands"
    asked = [join() for _ in range(3)]
    pair.cloud.ask(*asked)
    pair.desk.ask({"type": "join", "service": "cash", "channel": "staff"})
    pair.branch.kill()
    pair.cloud.odd = None
    pair.branch.start()
    assert all(pair.cloud.reply_to(one)["ok"] for one in asked)
    until(pair.is_level, PATIENCE_S)
    assert [as_logged(event) for event in pair.cloud.events] == log_of(pair.branch.data)
