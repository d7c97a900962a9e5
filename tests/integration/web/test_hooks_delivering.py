"""Webhooks reach receivers that fail, hang, are away and come back: at least once, and nobody waits for another."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import update

from branch_server.domain.events import Event, NoteAdded, Recorded, ServiceOpened
from branch_server.web.api.hooks import book as books
from branch_server.web.api.hooks.book import Hook, HookBook
from branch_server.web.api.hooks.delivering import SWITCHES_OFF_US, Deliverer, Pace
from branch_server.web.store.hooks_tables import deliveries, hooks
from branch_server.web.store.store import Store
from foleni.ids import ServiceId, TicketId, uuid7
from foleni.times import DAY_US, Instant
from tests.support.api import Receiver
from tests.support.waiting import until

FAST = Pace(first_s=0.02, longest_s=0.1, rest_s=0.05)
AWAY = Pace(first_s=60.0, longest_s=600.0, rest_s=600.0)


class MemoryLog:
    """A log that is written by hand."""

    def __init__(self) -> None:
        self.events: list[Recorded] = []

    def write(self, event: Event | None = None) -> Recorded:
        seq, at = len(self.events) + 1, Instant(time.time_ns() // 1000)
        one = Recorded(seq, uuid7(), at, at, "2026-11-21", "ada", None, event or ServiceOpened(ServiceId(f"s{seq}")))
        self.events.append(one)
        return one

    def read(self, after: int, limit: int) -> Sequence[Recorded]:
        return self.events[after : after + limit]

    def close(self) -> None:
        """It has nothing to close."""


class House:
    """A book on disk, a log, and the deliverer that runs now."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder)
        self.book, self.log = HookBook(self.store.engine), MemoryLog()

    @contextmanager
    def delivering(self, pace: Pace = FAST) -> Iterator[Deliverer]:
        deliverer = Deliverer(self.book, lambda: self.log, lambda: len(self.log.events), pace)
        deliverer.start()
        until(lambda: self.book.cursor() is not None)
        try:
            yield deliverer
        finally:
            deliverer.stop()

    def hook(self, url: str, events: Sequence[str] = ()) -> Hook:
        return self.book.add(url, events, "ada", len(self.log.events))

    def tell(self, deliverer: Deliverer, count: int = 1) -> list[Recorded]:
        written = [self.log.write() for _ in range(count)]
        deliverer.ring()
        return written

    def states(self, hook: Hook) -> list[str]:
        return [one.state for one in reversed(self.book.deliveries(hook.id, most=100))]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as listening:
        yield listening


def test_a_public_event_arrives_whole_and_signed(house: House, receiver: Receiver) -> None:
    hook = house.hook(f"{receiver.url}/in?x=1")
    with house.delivering() as deliverer:
        (event,) = house.tell(deliverer)
        (got,) = receiver.wait_for(1)
    assert got.path == "/in?x=1"
    assert got.event == {"seq": 1, "id": event.id, "type": "service_opened", "at": got.event["at"], "service": "s1",
                         "day": "2026-11-21"}  # fmt: skip
    stamp, mark = (part.partition("=")[2] for part in got.headers["foleni-signature"].split(","))
    assert mark == hmac.new(hook.secret.encode(), f"{stamp}.".encode() + got.body, hashlib.sha256).hexdigest()
    assert abs(int(stamp) - time.time()) < 60
    assert got.headers["foleni-event"] == "service_opened"
    assert got.headers["foleni-event-id"] == event.id
    assert got.headers["content-type"] == "application/json"


def test_only_public_events_and_only_those_that_are_wanted_are_sent(house: House, receiver: Receiver) -> None:
    house.hook(receiver.url, ["day_closed"])
    every = house.hook(receiver.url)
    with house.delivering() as deliverer:
        house.log.write(NoteAdded(TicketId("t"), "A001", ServiceId("cash"), "deaf"))
        house.tell(deliverer)
        until(lambda: house.states(every) == ["delivered"])
    assert len(receiver.got) == 1
    assert b"deaf" not in receiver.got[0].body


@pytest.mark.parametrize("status", [302, 400, 404, 429, 500, 503])
def test_what_is_not_taken_is_sent_again_until_it_is(house: House, receiver: Receiver, status: int) -> None:
    receiver.status, receiver.headers = status, {"Location": f"{receiver.url}/elsewhere"}
    hook = house.hook(receiver.url)
    with house.delivering() as deliverer:
        house.tell(deliverer, 2)
        receiver.wait_for(5)
        assert house.book.get(hook.id).failing_since is not None  # type: ignore[union-attr]
        receiver.status = 204
        until(lambda: house.states(hook) == ["delivered", "delivered"])
    assert {got.path for got in receiver.got} == {"/"}
    assert house.book.get(hook.id).failing_since is None  # type: ignore[union-attr]
    ids = [got.event["id"] for got in receiver.got]
    assert len(set(ids)) == 2


def test_a_receiver_that_was_away_gets_all_of_it_when_it_is_back(house: House, receiver: Receiver) -> None:
    hook = house.hook(receiver.url)
    receiver.leave()
    with house.delivering() as deliverer:
        written = house.tell(deliverer, 20)
        until(lambda: (last := house.book.deliveries(hook.id, most=100)) and any(one.fault == "no_connection" for one in last))
        receiver.come()
        until(lambda: house.states(hook) == ["delivered"] * 20)
    assert {got.event["id"] for got in receiver.got} == {one.id for one in written}


def test_one_that_hangs_holds_up_nobody_else(house: House, receiver: Receiver) -> None:
    with Receiver() as slow:
        slow.hang()
        slow_hook, hook = house.hook(slow.url), house.hook(receiver.url)
        with house.delivering() as deliverer:
            house.tell(deliverer, 3)
            slow.wait_for(1)
            until(lambda: house.states(hook) == ["delivered"] * 3)
            assert house.states(slow_hook) == ["waiting"] * 3
            slow.go_on()
            until(lambda: house.states(slow_hook) == ["delivered"] * 3)


def test_what_waits_is_sent_by_the_next_run(house: House, receiver: Receiver) -> None:
    hook = house.hook(receiver.url)
    receiver.leave()
    with house.delivering() as deliverer:
        house.tell(deliverer, 3)
        until(lambda: any(one.attempts for one in house.book.deliveries(hook.id)))
    house.log.write()
    receiver.come()
    with house.delivering():
        until(lambda: house.states(hook) == ["delivered"] * 4)


def test_a_hook_is_told_nothing_of_the_time_before_it(house: House, receiver: Receiver) -> None:
    with house.delivering() as deliverer:
        house.tell(deliverer, 600)
        hook = house.hook(receiver.url)
        house.tell(deliverer)
        until(lambda: house.states(hook) == ["delivered"])
    assert [got.event["seq"] for got in receiver.got] == [601]


def test_a_log_that_was_put_back_is_followed_from_its_end(house: House, receiver: Receiver) -> None:
    house.hook(receiver.url)
    with house.delivering() as deliverer:
        house.tell(deliverer, 3)
        receiver.wait_for(3)
        del house.log.events[1:]
        deliverer.ring()
        until(lambda: house.book.cursor() == 1)
        (event,) = house.tell(deliverer)
        until(lambda: any(got.event["id"] == event.id for got in receiver.got))


def test_a_person_who_changes_the_address_waits_for_no_pause(house: House, receiver: Receiver) -> None:
    hook = house.hook("http://127.0.0.1:9/")
    with house.delivering(AWAY) as deliverer:
        house.tell(deliverer)
        until(lambda: house.book.deliveries(hook.id)[0].attempts == 1 if house.book.deliveries(hook.id) else False)
        house.book.change(hook, receiver.url, (), 1, active=True)
        deliverer.hurry(hook.id)
        receiver.wait_for(1)


def test_a_change_while_a_delivery_is_under_way_waits_for_no_pause(house: House, receiver: Receiver) -> None:
    receiver.hang()
    receiver.status = 500
    hook = house.hook(receiver.url)
    with Receiver() as other, house.delivering(AWAY) as deliverer:
        house.tell(deliverer)
        receiver.wait_for(1)
        house.book.change(hook, other.url, (), 1, active=True)
        deliverer.hurry(hook.id)
        receiver.go_on()
        other.wait_for(1)


def test_a_hook_that_is_switched_off_is_sent_nothing_and_is_told_nothing_of_that_time(house: House, receiver: Receiver) -> None:
    hook, other = house.hook(receiver.url), house.hook(receiver.url)
    with house.delivering() as deliverer:
        house.book.change(hook, receiver.url, (), 0, active=False)
        deliverer.hurry(hook.id)
        house.tell(deliverer, 2)
        until(lambda: house.states(other) == ["delivered"] * 2)
        off = house.book.get(hook.id)
        assert off is not None
        house.book.change(off, receiver.url, (), 2, active=True)
        deliverer.hurry(hook.id)
        house.tell(deliverer)
        until(lambda: house.states(hook) == ["delivered"])


def _age(house: House, table: object, by_us: int, *names: str) -> None:
    with house.store.engine.begin() as connection:
        connection.execute(update(table).values({name: books.now_us() - by_us for name in names}))  # type: ignore[arg-type]


def test_after_a_day_a_delivery_is_given_up_and_its_hook_goes_on(house: House, receiver: Receiver) -> None:
    receiver.status = 400
    hook = house.hook(receiver.url)
    with house.delivering() as deliverer:
        house.tell(deliverer)
        receiver.wait_for(1)
        _age(house, deliveries, DAY_US, "made_at")
        until(lambda: house.states(hook) == ["given_up"])
        receiver.status = 200
        house.tell(deliverer)
        until(lambda: house.states(hook) == ["given_up", "delivered"])


def test_a_hook_that_fails_for_days_is_switched_off_and_says_so(house: House, receiver: Receiver) -> None:
    receiver.status = 500
    hook = house.hook(receiver.url)
    with house.delivering() as deliverer:
        house.tell(deliverer)
        receiver.wait_for(1)
        until(lambda: house.book.get(hook.id).failing_since is not None)  # type: ignore[union-attr]
        _age(house, hooks, SWITCHES_OFF_US + 1, "failing_since")
        until(lambda: house.book.get(hook.id).switched_off == "failing")  # type: ignore[union-attr]
    assert house.states(hook) == ["waiting"]


def test_a_hook_keeps_a_bounded_number_of_deliveries(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(books, "MOST_WAITING", 5)
    hook = house.hook("http://127.0.0.1:9/")
    with house.delivering(AWAY) as deliverer:
        house.tell(deliverer, 8)
        until(lambda: house.states(hook) == ["dropped"] * 3 + ["waiting"] * 5)


def test_the_log_of_deliveries_is_kept_for_a_week(house: House) -> None:
    hook = house.hook("http://127.0.0.1:9/")
    house.book.take((books.News(1, uuid7(), "test", "{}"),), 1)
    _age(house, deliveries, books.KEPT_US + 1, "made_at", "done_at")
    house.book.clean()
    assert house.book.deliveries(hook.id) == []


def test_the_log_of_a_hook_is_bounded(house: House, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(books, "MOST_KEPT", 2)
    hook, away = house.hook(receiver.url), house.hook("http://127.0.0.1:9/")
    with house.delivering() as deliverer:
        house.tell(deliverer, 5)
        until(lambda: house.states(hook) == ["delivered"] * 5)
    house.book.clean()
    kept = [json.loads(one.payload)["seq"] for one in house.book.deliveries(hook.id)]
    assert kept == [5, 4]
    assert house.states(away) == ["waiting"] * 5


def test_an_address_that_leads_where_no_hook_goes_is_not_spoken_to(
    house: House, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("branch_server.web.api.hooks.sending.is_forbidden", lambda host: host == "127.0.0.1")
    hook = house.hook(f"http://127.1:{receiver.port}/")  # another way to write it, which needs no resolver
    with house.delivering() as deliverer:
        house.tell(deliverer)
        until(lambda: any(one.fault == "forbidden" for one in house.book.deliveries(hook.id)))
    assert receiver.got == []


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(house: House, receiver: Receiver) -> None:
    hook = house.hook(receiver.url.replace("http:", "https:"))
    with house.delivering() as deliverer:
        house.tell(deliverer)
        until(lambda: any(one.fault == "not_secure" for one in house.book.deliveries(hook.id)))
    assert receiver.got == []
