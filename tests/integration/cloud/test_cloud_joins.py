"""Joining from afar, and what a customer does with a ticket, whether or not the branch is there."""

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest
import requests
from sqlalchemy import select

from cloud.store.tables import commands, notifications, tickets
from foleni.times import DAY_US, to_wire
from tests.support.away import last_heard_an_hour_ago, long_gone
from tests.support.cloud import CloudProcess, Person
from tests.support.fake_branch import FakeBranch
from tests.support.waiting import until

Json = dict[str, Any]
_names = count(1)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudProcess]:
    with CloudProcess(tmp_path_factory.mktemp("cloud-joins")) as running:
        yield running


@pytest.fixture
def branch(cloud: CloudProcess) -> FakeBranch:
    """A branch that has opened, and is away now."""
    name = f"joins-{next(_names)}"
    made = FakeBranch(cloud, cloud.branch(name), name)
    made.opens("cash", "cards")
    made.tell_all()
    last_heard_an_hour_ago(made)
    return made


@pytest.fixture
def ada(cloud: CloudProcess) -> Person:
    return cloud.person(f"+25078801{next(_names):04d}")


def ask(branch: FakeBranch, who: Person, key: str | None = None, **wish: Any) -> requests.Response:
    return branch.cloud.post(f"/api/v1/queues/{branch.branch}/join", {"service": "cash", **wish}, who, key)


def joined_with(branch: FakeBranch, who: Person, **wish: Any) -> Json:
    """The ticket of somebody who joins while the branch is there."""
    answer = meanwhile(branch, lambda: ask(branch, who, **wish))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def meanwhile(branch: FakeBranch, doing: Callable[[], requests.Response]) -> requests.Response:
    """The answer to a request, during which the branch does what it is asked."""
    branch.is_there()
    with ThreadPoolExecutor(1) as pool:
        answer: Future[requests.Response] = pool.submit(doing)
        branch.serve(answer.done)
        return answer.result()


def status(branch: FakeBranch, token: str) -> Json:
    return dict(branch.cloud.get(f"/api/v1/tickets/{token}/status").json())


def kinds(branch: FakeBranch, ticket: str | None) -> list[str]:
    """The messages about a ticket."""
    wanted = select(notifications.c.kind).where(notifications.c.ticket == ticket).order_by(notifications.c.created_at)
    return list(branch.cloud.run(lambda c: c.scalars(wanted).all()))


def test_a_branch_that_is_there_gives_its_own_number(branch: FakeBranch, ada: Person) -> None:
    ticket = joined_with(branch, ada)
    assert (ticket["number"], ticket["status"], ticket["provisional"], ticket["live"]) == ("A001", "waiting", False, True)
    assert (ticket["ahead"], ticket["position"], ticket["wait_p50_s"]) == (0, 1, 60)
    assert status(branch, ticket["token"])["number"] == "A001"
    assert kinds(branch, ticket["id"]) == ["joined"]


def test_the_same_wish_is_the_same_ticket(branch: FakeBranch, ada: Person) -> None:
    key = str(uuid.uuid4())
    first, second = ask(branch, ada, key).json(), ask(branch, ada, key.upper()).json()
    assert (first["id"], first["number"], first["token"]) == (second["id"], second["number"], second["token"])
    assert len(branch.poll()) == 1
    bob = branch.cloud.person(f"+25078802{next(_names):04d}")
    assert ask(branch, bob, key).status_code == 422


def test_one_phone_has_one_place_at_a_branch(branch: FakeBranch, ada: Person) -> None:
    ticket = ask(branch, ada).json()
    again = ask(branch, ada, service="cards")
    assert again.status_code == 409
    error = again.json()["error"]
    assert (error["code"], error["ticket"], error["token"]) == ("already_queued", ticket["id"], ticket["token"])
    with ThreadPoolExecutor(4) as pool:
        bob = branch.cloud.person(f"+25078803{next(_names):04d}")
        answers = list(pool.map(lambda _: ask(branch, bob).status_code, range(4)))
    assert sorted(answers) == [200, 409, 409, 409]


def test_a_branch_that_is_away_takes_the_number_in_later(branch: FakeBranch, ada: Person) -> None:
    long_gone(branch)
    ticket = ask(branch, ada).json()
    assert (ticket["number"], ticket["provisional"], ticket["live"]) == ("AR01", True, False)
    assert ticket["heard_at"] is not None
    assert kinds(branch, ticket["id"]) == ["joined"]
    command = branch.poll()[0]
    assert (command["id"], command["number"], "joined_at" in command) == (ticket["id"], "AR01", True)
    branch.do(command)
    after = status(branch, ticket["token"])
    assert (after["number"], after["status"], after["provisional"]) == ("AR01", "waiting", False)
    assert branch.poll(after=0) == []
    assert kinds(branch, ticket["id"]) == ["joined"], "told once"


def test_numbers_of_the_own_series_are_never_given_twice(branch: FakeBranch) -> None:
    people = [branch.cloud.person(f"+25078804{next(_names):04d}") for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        numbers = list(pool.map(lambda one: ask(branch, one).json()["number"], people))
    assert sorted(numbers) == [f"AR0{number}" for number in range(1, 7)]


def test_a_branch_that_answers_too_late_learns_what_the_customer_holds(branch: FakeBranch, ada: Person) -> None:
    branch.is_there()
    with ThreadPoolExecutor(1) as pool:
        joining = pool.submit(ask, branch, ada)
        asked = branch.asked()
        answer = joining.result().json()
    assert (answer["number"], answer["provisional"]) == ("AR01", True)
    assert "number" not in asked
    own = branch.joined("cash", asked["id"], channel="app")
    branch.tell_all()
    branch.reply(asked["id"], branch.result_of(own))
    assert status(branch, answer["token"])["number"] == "AR01", "what was told stays"
    second = branch.poll()[0]
    assert (second["id"], second["number"]) == (asked["id"], "AR01")
    branch.event("ticket_renumbered", ticket=own, number="AR01", service="cash", was="A001", rank_at=None)
    branch.tell_all()
    branch.reply(second["id"], {**branch.result_of(own), "number": "AR01"})
    after = status(branch, answer["token"])
    assert (after["number"], after["provisional"], after["status"]) == ("AR01", False, "waiting")
    assert branch.poll(after=0) == []


@pytest.mark.parametrize("event_first", [True, False])
def test_reply_and_event_may_come_in_any_order(branch: FakeBranch, ada: Person, *, event_first: bool) -> None:
    branch.is_there()
    with ThreadPoolExecutor(1) as pool:
        joining = pool.submit(ask, branch, ada)
        asked = branch.asked()
        own = branch.joined("cash", asked["id"], channel="app")
        if event_first:
            branch.tell_all()
        branch.reply(asked["id"], branch.result_of(own))
        ticket = joining.result().json()
    branch.tell_all()
    assert (ticket["number"], ticket["provisional"]) == ("A001", False)
    row = branch.cloud.run(lambda c: c.execute(select(tickets).where(tickets.c.branch == branch.branch)).one())
    assert (row.id, row.ticket, row.number, row.status) == (asked["id"], own, "A001", "waiting")


def test_a_refusal_of_the_branch_is_passed_on(branch: FakeBranch, ada: Person) -> None:
    branch.is_there()
    with ThreadPoolExecutor(1) as pool:
        joining = pool.submit(ask, branch, ada)
        asked = branch.asked()
        branch.refuse(asked["id"], "service_full", "Cash has given its 80 tickets of today.")
        answer = joining.result()
    assert answer.status_code == 409
    assert answer.json() == {"error": {"code": "service_full", "message": "Cash has given its 80 tickets of today."}}
    assert branch.cloud.get("/api/v1/me/tickets", ada).json()["active"] == []


def test_a_number_that_the_branch_refuses_later_is_taken_back(branch: FakeBranch, ada: Person) -> None:
    ticket = ask(branch, ada).json()
    branch.refuse(branch.poll()[0]["id"], "service_closed")
    after = status(branch, ticket["token"])
    assert (after["status"], after["refusal"], after["number"]) == ("refused", "service_closed", "AR01")
    until(lambda: "refused" in kinds(branch, ticket["id"]))


@pytest.mark.parametrize(
    ("event", "code"), [("service_paused", "service_paused"), ("service_closed", "service_closed"), ("full", "service_full")]
)
def test_what_is_known_to_be_impossible_is_refused_at_once(branch: FakeBranch, ada: Person, event: str, code: str) -> None:
    if event == "full":
        told = {"id": "cash", "prefix": "A", "name": {"en": "Cash"}, "service_time_s": 60, "daily_limit": 1, "state": "open"}
        branch.event("service_saved", service=told)
        branch.joined("cash")
    else:
        branch.event(event, service="cash", reopens_at=None, reason="Lunch")
    branch.tell_all()
    answer = ask(branch, ada)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, code)
    assert branch.poll() == []


def test_what_does_not_exist_is_not_found(branch: FakeBranch, ada: Person) -> None:
    assert ask(branch, ada, service="nothing").json()["error"]["code"] == "unknown_service"
    assert (
        branch.cloud.post("/api/v1/queues/nowhere/join", {"service": "cash"}, ada).json()["error"]["code"] == "unknown_branch"
    )
    assert branch.cloud.post(f"/api/v1/queues/{branch.branch}/join", {"service": "cash"}).status_code == 401


def test_without_a_letter_of_ours_a_branch_that_is_away_cannot_be_joined(branch: FakeBranch, ada: Person) -> None:
    branch.event("branch_saved", branch={"id": branch.branch, "name": {"en": "Main Street"}, "remote_issuer": None})
    branch.tell_all()
    long_gone(branch)
    answer = ask(branch, ada)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable")
    assert branch.poll() == [], "the branch never hears of it"
    assert branch.cloud.get("/api/v1/me/tickets", ada).json()["active"] == []


def test_an_appointment_keeps_a_place_until_its_customer_is_there(branch: FakeBranch, ada: Person) -> None:
    slot = to_wire(branch.now_us() + 3 * DAY_US)
    ticket = ask(branch, ada, appointment=slot).json()
    assert (ticket["appointment"], ticket["channel"], ticket["ahead"]) == (slot, "appointment", None)
    assert branch.poll()[0]["appointment"] == slot
    for wrong in (branch.now_us() - DAY_US, branch.now_us() + 200 * DAY_US):
        assert ask(branch, ada, appointment=to_wire(wrong)).status_code == 422


def test_giving_up_before_the_branch_has_heard_of_it(branch: FakeBranch, ada: Person) -> None:
    ticket = ask(branch, ada).json()
    gone = branch.cloud.post(f"/api/v1/tickets/{ticket['token']}/cancel")
    assert (gone.status_code, gone.json()["status"]) == (200, "cancelled")
    assert branch.poll() == []
    assert branch.cloud.post(f"/api/v1/tickets/{ticket['token']}/cancel").json()["status"] == "cancelled"
    assert ask(branch, ada).status_code == 200


def test_giving_up_while_the_branch_may_know_it(branch: FakeBranch, ada: Person) -> None:
    ticket = ask(branch, ada).json()
    join = branch.poll()[0]
    later = branch.cloud.post(f"/api/v1/tickets/{ticket['token']}/cancel")
    assert (later.status_code, later.json()["cancel_wanted"]) == (202, True)
    branch.do(join)
    cancel = branch.poll()[0]
    own = branch.log[-1]["data"]["ticket"]
    assert (cancel["type"], cancel["ticket"]) == ("cancel", own)
    branch.about("ticket_cancelled", own)
    branch.tell_all()
    assert status(branch, ticket["token"])["status"] == "cancelled"


def test_giving_up_at_a_branch_that_is_there(branch: FakeBranch, ada: Person) -> None:
    ticket = joined_with(branch, ada)
    gone = meanwhile(branch, lambda: branch.cloud.post(f"/api/v1/tickets/{ticket['token']}/cancel"))
    assert (gone.status_code, gone.json()["status"]) == (200, "cancelled")


def test_giving_up_too_late_is_refused_by_the_branch(branch: FakeBranch, ada: Person) -> None:
    ticket = joined_with(branch, ada)
    branch.is_there()
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(branch.cloud.post, f"/api/v1/tickets/{ticket['token']}/cancel")
        asked = branch.asked()
        branch.refuse(asked["id"], "wrong_state", "This ticket is called.")
        answer = asking.result()
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "wrong_state")
    assert status(branch, ticket["token"])["cancel_wanted"] is False


def test_saying_that_one_is_there_and_rating(branch: FakeBranch, ada: Person) -> None:
    ticket = joined_with(branch, ada)
    here = meanwhile(branch, lambda: branch.cloud.post(f"/api/v1/tickets/{ticket['token']}/check-in"))
    assert here.status_code == 200
    assert here.json()["checked_in_at"] is not None
    early = branch.cloud.post(f"/api/v1/tickets/{ticket['token']}/rate", {"stars": 5})
    assert (early.status_code, early.json()["error"]["code"]) == (409, "wrong_state")
    own = branch.log[-1]["data"]["ticket"]
    branch.called(own)
    branch.about("ticket_completed", own, counter="c1")
    branch.tell_all()
    rated = meanwhile(
        branch, lambda: branch.cloud.post(f"/api/v1/tickets/{ticket['token']}/rate", {"stars": 4, "text": "Good"})
    )
    assert (rated.status_code, rated.json()["stars"]) == (200, 4)
    asked = branch.cloud.run(lambda c: c.scalars(select(commands.c.payload).where(commands.c.type == "rate")).all())
    assert [json.loads(one)["text"] for one in asked] == ["Good"]


def test_messages_follow_what_happens(branch: FakeBranch, ada: Person) -> None:
    others = [branch.joined("cash") for _ in range(5)]
    branch.tell_all()
    ticket = joined_with(branch, ada)
    own = branch.log[-1]["data"]["ticket"]
    assert status(branch, ticket["token"])["ahead"] == 5
    for other in others[:2]:
        branch.called(other)
        branch.about("ticket_completed", other, counter="c1")
    branch.tell_all()
    until(lambda: kinds(branch, ticket["id"]) == ["joined", "near"])
    branch.called(own)
    branch.tell_all()
    branch.about("ticket_skipped", own, counter="c1", rank_at=branch.now_us(), skips=1)
    branch.tell_all()
    branch.event("service_closed", service="cash", reopens_at=None, reason=None)
    branch.tell_all()
    assert sorted(kinds(branch, ticket["id"])) == ["called", "closing", "joined", "near", "skipped"]
    branch.tell()
    assert len(kinds(branch, ticket["id"])) == 5, "events that come again are not told again"


def test_nobody_is_written_what_is_long_over(branch: FakeBranch, ada: Person) -> None:
    joined_with(branch, ada)
    own = branch.log[-1]["data"]["ticket"]
    branch.clock_ahead_s = -7200
    branch.called(own)
    branch.clock_ahead_s = 0
    branch.tell_all()
    ours = branch.cloud.run(lambda c: c.scalar(select(tickets.c.id).where(tickets.c.ticket == own)))
    assert kinds(branch, ours) == ["joined"]


def test_only_a_link_or_its_owner_opens_a_ticket(branch: FakeBranch, ada: Person) -> None:
    ticket = ask(branch, ada).json()
    bob = branch.cloud.person(f"+25078805{next(_names):04d}")
    cloud, by_id = branch.cloud, f"/api/v1/tickets/{ticket['id']}/status"
    assert cloud.get(by_id, ada).json()["number"] == "AR01"
    refused = [cloud.get(by_id), cloud.get(by_id, bob), cloud.get(f"/api/v1/tickets/{uuid.uuid4()}/status", bob)]
    assert [(one.status_code, one.json()) for one in refused] == [(404, refused[0].json())] * 3
    assert cloud.post(f"/api/v1/tickets/{ticket['id']}/cancel", who=bob).status_code == 404
    assert [one["id"] for one in cloud.get("/api/v1/me/tickets", ada).json()["active"]] == [ticket["id"]]
    assert cloud.get("/api/v1/me/tickets", bob).json() == {"active": [], "history": []}


def test_a_stream_tells_each_change_until_the_ticket_is_over(branch: FakeBranch, ada: Person) -> None:
    first = branch.joined("cash")
    branch.tell_all()
    ticket = joined_with(branch, ada)
    own = branch.log[-1]["data"]["ticket"]
    seen: list[Json] = []
    ended = threading.Event()

    def watch() -> None:
        with requests.get(f"{branch.cloud.url}/api/v1/tickets/{ticket['token']}/stream", stream=True, timeout=60) as answer:
            lines = answer.iter_lines(chunk_size=1)
            seen.extend(json.loads(line[6:]) for line in lines if line.startswith(b'data: {"id"'))
        ended.set()

    threading.Thread(target=watch, daemon=True).start()
    until(lambda: seen and seen[-1]["ahead"] == 1)
    branch.called(first)
    branch.tell_all()
    until(lambda: seen[-1]["ahead"] == 0)
    branch.called(own)
    branch.tell_all()
    until(lambda: seen[-1]["status"] == "called")
    assert (seen[-1]["counter"], seen[-1]["counter_label"], seen[-1]["calls"]) == ("c1", "1", 1)
    branch.about("ticket_completed", own, counter="c1")
    branch.tell_all()
    assert ended.wait(30)
    assert seen[-1]["status"] == "completed"


def test_a_cloud_killed_between_join_and_answer_loses_nothing(branch: FakeBranch, ada: Person) -> None:
    branch.is_there()
    key, cloud = str(uuid.uuid4()), branch.cloud
    with ThreadPoolExecutor(1) as pool:
        joining = pool.submit(ask, branch, ada, key)
        asked = branch.asked()
        cloud.kill()
        assert isinstance(joining.exception(), requests.ConnectionError)
    cloud.start()
    own = branch.joined("cash", asked["id"], channel="app", phone=ada.phone)
    branch.tell_all()
    branch.reply(asked["id"], branch.result_of(own))
    again = ask(branch, ada, key).json()
    assert again["id"] == key
    assert again["number"] in {"A001", "AR01"}
    rows = cloud.run(lambda c: c.execute(select(tickets).where(tickets.c.branch == branch.branch)).all())
    assert [(row.id, row.ticket) for row in rows] == [(key, own)]


def test_a_ticket_that_was_left_without_a_number_gets_one(branch: FakeBranch, ada: Person) -> None:
    branch.is_there()
    key, cloud = str(uuid.uuid4()), branch.cloud
    with ThreadPoolExecutor(1) as pool:
        joining = pool.submit(ask, branch, ada, key)
        until(
            lambda: cloud.run(lambda c: c.scalar(select(tickets.c.status).where(tickets.c.id == key))) == "asked", every_s=0.05
        )
        cloud.kill()
        assert joining.exception() is not None
    cloud.start()
    until(lambda: cloud.run(lambda c: c.scalar(select(tickets.c.number).where(tickets.c.id == key))) == "AR01", every_s=0.2)
    assert branch.poll(after=0)[0]["number"] == "AR01"
    assert kinds(branch, key) == ["joined"]
