"""The thread that sends goes on whatever happens, and ends knowing what it has done."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloud.notices.occasions import Channel, Occasion
from cloud.notices.sending import Sender
from cloud.site import wall_clock
from cloud.store.database import Database
from foleni.times import Instant
from tests.support import notices
from tests.support.notices import Company, put, row, state
from tests.support.waiting import until


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = notices.opened(notices.sqlite_at(tmp_path))
    yield database
    database.close()


def test_what_a_provider_has_in_hand_is_waited_for_at_the_end(database: Database) -> None:
    company = Company()
    company.gate.clear()
    sender = Sender(database, [company], wall_clock)
    put(database, Occasion.CALLED, "x", wall_clock())
    sender.start()
    until(lambda: company.in_hand)
    ending = threading.Thread(target=sender.stop)
    ending.start()
    company.gate.set()
    ending.join()
    assert state(database, "x") == "sent"


def test_it_goes_on_after_a_fault_of_the_database(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    faults = [ZeroDivisionError("as if the disk were full")]

    def now() -> Instant:
        if faults:
            raise faults.pop()
        return wall_clock()

    sender = Sender(database, [Company()], now)
    put(database, Occasion.CALLED, "x", wall_clock())
    sender.start()
    until(lambda: state(database, "x") == "sent")
    sender.stop()
    assert "messages stand still for a moment" in caplog.text


def test_each_message_goes_by_the_way_that_carries_it(database: Database) -> None:
    texts, mails = Company("texts"), Company("mails", frozenset({Channel.EMAIL}))
    notices.add_user(database, wishes={"channels": ["sms", "email"]}, email="ada@example.org")
    put(database, Occasion.CALLED, "x", wall_clock())
    sender = Sender(database, [texts, mails], wall_clock)
    sender.start()
    sender.wake()
    until(lambda: [state(database, "x", channel) for channel in ("sms", "email")] == ["sent", "sent"])
    sender.stop()
    assert [row(database, "x", channel).provider for channel in ("sms", "email")] == ["texts", "mails"]
