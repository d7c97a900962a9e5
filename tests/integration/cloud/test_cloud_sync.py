"""The sync contract at the cloud's end, over real HTTP, with a branch that speaks nothing else."""

import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest
import requests
from sqlalchemy import select

from cloud.store.tables import branch_tokens, commands, events, pulses, tickets
from cloud.sync import mailbox
from foleni.times import Instant
from tests.support.cloud import CloudProcess, add_token, revoke_tokens
from tests.support.fake_branch import FakeBranch
from tests.support.postgres import postgres
from tests.support.waiting import until

_names = count(1)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def cloud(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudProcess]:
    database = postgres().database() if request.param == "postgresql" else None
    with CloudProcess(tmp_path_factory.mktemp("cloud-sync"), database=database) as running:
        yield running


@pytest.fixture
def branch(cloud: CloudProcess) -> FakeBranch:
    """A new branch, on its first day."""
    name = f"branch-{next(_names)}"
    made = FakeBranch(cloud, cloud.branch(name), name)
    made.opens("cash", "cards")
    return made


def put(cloud: CloudProcess, branch: FakeBranch, expires_s: float | None = None, **fields: Any) -> dict[str, Any]:
    """Puts a command into the branch's mailbox, past everything that would ring."""
    command = {"id": str(uuid.uuid4()), "type": "announce", "text": {"en": "Hello"}, **fields}
    cloud.run(lambda c: mailbox.put(c, branch.branch, command, "test", Instant(branch.now_us()), expires_s))
    return command


def code_of(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, str(answer.json()["error"]["code"])


def test_events_are_kept_and_acknowledged(cloud: CloudProcess, branch: FakeBranch) -> None:
    assert branch.acked() == 0
    ticket = branch.joined("cash")
    branch.called(ticket)
    assert branch.tell_all() == len(branch.log)
    assert branch.tell().json()["acked"] == len(branch.log), "again is harmless"
    row = cloud.run(lambda c: c.execute(select(tickets).where(tickets.c.ticket == ticket)).one())
    assert (row.number, row.status, row.counter, row.id) == ("A001", "called", "c1", ticket)
    shown = cloud.get(f"/api/v1/branches/{branch.branch}").json()
    assert (shown["name"], shown["services"], shown["waiting"]) == ({"en": "Main Street"}, 2, 0)


def test_a_gap_is_answered_with_how_far_the_cloud_is(branch: FakeBranch) -> None:
    branch.tell(1, 3)
    assert branch.tell(5).json()["acked"] == 3
    assert branch.tell(4).json()["acked"] == len(branch.log)


def test_a_log_that_was_turned_back_is_forked(cloud: CloudProcess, branch: FakeBranch) -> None:
    branch.tell_all()
    acked = len(branch.log)
    branch.log[-1] = {**branch.log[-1], "id": str(uuid.uuid4())}
    branch.joined("cash")
    answer = branch.tell(acked)
    assert code_of(answer) == (409, "forked")
    assert answer.json()["acked"] == acked
    assert cloud.run(lambda c: c.scalar(select(pulses.c.fault).where(pulses.c.branch == branch.branch))) == "forked"


def test_the_log_of_another_branch_is_forked(cloud: CloudProcess, branch: FakeBranch) -> None:
    branch.joined("cash")
    branch.tell_all()
    other = FakeBranch(cloud, cloud.branch(f"{branch.branch}-copy"), f"{branch.branch}-copy")
    other.log = branch.log
    assert code_of(other.tell()) == (409, "forked")
    assert other.acked() == 0


def test_kept_events_come_back_as_they_were(branch: FakeBranch) -> None:
    branch.event("announced", text={"en": 'Tea, "café" \u2028 \x01'}, odd=[1.0, None, {"z": 1, "a": 2}])
    branch.tell_all()
    pages = [branch.get("events", after=after, limit=4).json()["events"] for after in range(0, len(branch.log), 4)]
    assert [event for page in pages for event in page] == branch.log
    assert branch.get("events", after=len(branch.log)).json() == {"events": []}


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"{", b'{"first":0,"events":[]}', b'{"first":1,"events":[{}]}', b'{"first":1,"events":{"a":1}}',
        b"\xff\xfe",
        b'{"first":1,"events":[{"seq":7,"id":"a","type":"x","at":"2026-11-21T09:00Z"}]}',
        b'{"first":1,"events":[{"seq":1,"id":"a","type":"x","at":"2026-11-21T09:00Z","data":{"n":1e999}}]}',
        b'{"first":1,"events":[{"seq":1,"id":"a","type":"x","at":"2026-11-21T09:00Z","data":{"n":"\\ud800"}}]}',
        b'{"first":1,"events":[{"seq":1,"id":"a","type":"x","at":"yesterday","data":{}}]}', b'{"first":1' + b"[" * 5000,
    ],
)  # fmt: skip
def test_garbage_is_refused_and_changes_nothing(branch: FakeBranch, body: bytes) -> None:
    branch.tell_all()
    assert code_of(branch.post("events", body)) == (422, "invalid")
    assert code_of(branch.post("replies", body)) == (422, "invalid")
    assert branch.acked() == len(branch.log)


def test_more_than_a_message_holds_is_refused(branch: FakeBranch) -> None:
    for _ in range(501):
        branch.event("announced", text={})
    assert code_of(branch.tell()) == (422, "invalid")
    big = FakeBranch(branch.cloud, branch.token, branch.branch)
    big.event("announced", text={"en": "x" * 5_000_000})
    assert code_of(big.tell()) == (413, "too_large")


def test_each_branch_has_its_own_token(cloud: CloudProcess, branch: FakeBranch) -> None:
    other = FakeBranch(cloud, branch.token, "somewhere-else")
    assert code_of(other.post("events", {"first": 1, "events": []})) == (403, "not_allowed")
    stranger = FakeBranch(cloud, "a-guess", branch.branch)
    assert code_of(stranger.post("events", {"first": 1, "events": []})) == (401, "not_signed_in")
    assert requests.get(f"{cloud.url}/api/v1/sync/{branch.branch}/commands", timeout=30).status_code == 401


def test_a_revoked_token_is_out_and_a_new_one_in(cloud: CloudProcess, branch: FakeBranch) -> None:
    branch.tell_all()
    cloud.run(lambda c: revoke_tokens(c, branch.branch))
    until(lambda: branch.post("events", {"first": 1, "events": []}).status_code == 401, every_s=0.1)
    assert code_of(branch.get("commands", wait=0)) == (401, "not_signed_in")
    branch.token = cloud.run(lambda c: add_token(c, branch.branch))
    assert branch.acked() == len(branch.log)
    used = cloud.run(
        lambda c: c.execute(select(branch_tokens.c.last_used_at).where(branch_tokens.c.branch == branch.branch)).all()
    )
    assert all(row.last_used_at is not None for row in used)


def test_a_poll_that_was_open_when_its_token_was_revoked_brings_nothing(cloud: CloudProcess, branch: FakeBranch) -> None:
    branch.tell_all()
    with ThreadPoolExecutor(1) as pool:
        poll = pool.submit(branch.get, "commands", after=0, wait=30)
        until(lambda: "foleni_cloud_open_requests 2.0" in cloud.get("/metrics").text, every_s=0.02)
        cloud.run(lambda c: revoke_tokens(c, branch.branch))
        stranger = FakeBranch(cloud, branch.token, branch.branch)
        until(lambda: stranger.post("events", {"first": 1, "events": []}).status_code == 401, every_s=0.1)
        cloud.post(f"/api/v1/queues/{branch.branch}/join", {"service": "cash"}, cloud.person(f"+25078{next(_names):07d}"))
        assert code_of(poll.result()) == (401, "not_signed_in")


def test_commands_come_until_they_are_answered(cloud: CloudProcess, branch: FakeBranch) -> None:
    first, second = put(cloud, branch), put(cloud, branch)
    assert [one["id"] for one in branch.poll()] == [first["id"], second["id"]]
    assert branch.poll() == [], "behind the cursor there is nothing"
    assert len(branch.poll(after=0)) == 2, "what has no answer comes again"
    branch.reply(first["id"], {})
    branch.reply(first["id"], {"again": True})
    branch.reply(str(uuid.uuid4()), {})
    assert [one["id"] for one in branch.poll(after=0)] == [second["id"]]
    kept = cloud.run(lambda c: c.scalar(select(commands.c.reply).where(commands.c.id == first["id"])))
    assert kept is not None
    assert "again" not in kept


def test_a_command_that_is_over_is_not_sent(cloud: CloudProcess, branch: FakeBranch) -> None:
    put(cloud, branch, expires_s=-1)
    late = put(cloud, branch, expires_s=3600)
    got = branch.poll()
    assert [one["id"] for one in got] == [late["id"]]
    assert "expires_at" in got[0]


def test_a_cursor_of_a_lost_mailbox_begins_anew(cloud: CloudProcess, branch: FakeBranch) -> None:
    wanted = put(cloud, branch)
    assert [one["id"] for one in branch.poll(after=4711)] == [wanted["id"]]


def test_a_poll_ends_at_once_when_there_is_something(cloud: CloudProcess, branch: FakeBranch) -> None:
    branch.tell_all()
    branch.is_there()
    got: list[Any] = []
    polling = threading.Thread(target=lambda: got.extend(branch.poll(wait=60)))
    polling.start()
    joining = threading.Thread(
        target=cloud.post,
        args=(f"/api/v1/queues/{branch.branch}/join", {"service": "cash"}, cloud.person(f"+25078{next(_names):07d}")),
    )
    joining.start()
    polling.join(30)
    assert [one["type"] for one in got] == ["join"]
    joining.join(30)


def test_events_of_a_name_or_a_number_with_odd_letters_are_kept(cloud: CloudProcess, branch: FakeBranch) -> None:
    branch.joined("cash", name="A\x00da", number="A\x00001")
    branch.log[-1]["actor"] = "k\x00iosk"
    assert branch.tell_all() == len(branch.log)
    kept = cloud.run(
        lambda c: c.scalar(select(events.c.data).where(events.c.branch == branch.branch, events.c.seq == len(branch.log)))
    )
    assert kept is not None
    assert "A\\u0000da" in kept
