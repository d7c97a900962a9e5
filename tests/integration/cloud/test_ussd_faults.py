"""A branch that is slow or gone, a database that hangs, a cloud that dies: callers are answered, and nothing is done twice."""

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from tests.integration.cloud.ussd_town import LOOKS_S, Town
from tests.support.postgres import postgres
from tests.support.synced import tickets_of
from tests.support.ussd import BUSY, Phone
from tests.support.waiting import PATIENCE_S, until

TO_CASH = ("1", "1", "1", "1042", "1")
"""From a first call to the question whether to take a ticket."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = Town(tmp_path_factory.mktemp("town"), postgres().database())
    try:
        made.open()
        yield made
    finally:
        made.close()


def _numbers_at_branch(town: Town) -> list[str]:
    assert town.branch is not None
    return [row["number"] for row in tickets_of(town.branch.data)]


def _settled(town: Town, phone: Phone) -> bool:
    rows = town.tickets(phone.number)
    return len(rows) == 1 and rows[0].ticket is not None and not rows[0].provisional


def test_the_same_confirmation_at_once_from_many_sides_is_one_ticket(town: Town) -> None:
    phone = Phone(town.gateway()).dial().press(*TO_CASH)
    phone.typed.append("1")
    sent = phone.gateway.written(phone)
    seen: list[tuple[str, bool]] = []
    askers = [threading.Thread(target=lambda: seen.append(phone.gateway.read(phone.gateway.post(sent)))) for _ in range(5)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join(PATIENCE_S)
    assert len(seen) == 5
    assert len(set(seen)) == 1
    assert seen[0][0].startswith("Ticket A")
    assert len(town.tickets(phone.number)) == 1


def test_a_slow_branch_is_not_waited_for(town: Town) -> None:
    phone = Phone(town.gateway()).dial().press(*TO_CASH)
    town.freeze_branch()
    try:
        phone.press("1")
    finally:
        town.thaw_branch()
    assert not phone.goes_on
    assert phone.text.startswith("Ticket AR")
    until(lambda: _settled(town, phone), every_s=LOOKS_S)
    number = town.tickets(phone.number)[0].number
    assert phone.dial().text.startswith(f"Ticket {number}")
    assert _numbers_at_branch(town).count(number) == 1


def test_a_database_that_hangs_gets_a_polite_end_and_loses_nothing(town: Town) -> None:
    phone = Phone(town.gateway()).dial().press(*TO_CASH)
    with town.database._engine.begin() as connection:
        connection.execute(text("LOCK TABLE ussd_sessions IN ACCESS EXCLUSIVE MODE"))
        phone.once("1")
        assert phone.text == BUSY
        assert not phone.goes_on
    until(lambda: _settled(town, phone), every_s=LOOKS_S)  # what was asked is done as soon as it can be
    number = town.tickets(phone.number)[0].number
    until(lambda: phone.again().text.startswith(f"Ticket {number}"), every_s=LOOKS_S)
    assert phone.dial().text.startswith(f"Ticket {number}\n")


def test_a_cloud_that_dies_between_the_wish_and_its_answer_makes_one_ticket(town: Town) -> None:
    phone = Phone(town.gateway()).dial().press(*TO_CASH)
    phone.typed.append("1")
    sent = phone.gateway.written(phone)
    town.freeze_branch()

    def ask() -> None:
        with pytest.raises(OSError):  # noqa: PT011 - however the connection breaks
            phone.gateway.post(sent)

    asker = threading.Thread(target=ask)
    asker.start()
    until(lambda: len(town.tickets(phone.number)) > 0, every_s=LOOKS_S)
    town.cloud.kill()
    asker.join(PATIENCE_S)
    town.thaw_branch()
    town.cloud.start()
    until(lambda: phone.dial().text.startswith("Ticket A"), every_s=LOOKS_S)
    until(lambda: _settled(town, phone), every_s=LOOKS_S)
    number = town.tickets(phone.number)[0].number
    assert _numbers_at_branch(town).count(number) == 1
    assert phone.dial().text.startswith(f"Ticket {number}\n")


def test_a_branch_that_is_gone_is_said_to_be_and_the_ticket_is_kept_for_it(town: Town) -> None:
    assert town.branch is not None
    phone = Phone(town.gateway())
    town.branch.kill()
    phone.dial().press(*TO_CASH, "1")
    number = phone.text.splitlines()[0].removeprefix("Ticket ")
    assert number.startswith("AR")
    town.branch.start()
    until(lambda: _settled(town, phone), every_s=LOOKS_S)
    assert _numbers_at_branch(town).count(number) == 1
    assert phone.dial().text.startswith(f"Ticket {number}\n")
