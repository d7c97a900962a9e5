"""Each gateway leads its callers to a ticket at a real branch; what is no gateway, and no request, leads to nothing."""

import threading
from collections.abc import Iterator

import pytest
import requests
from sqlalchemy import func, select

from cloud.store.tables import audit, notifications, tickets, ussd_sessions
from tests.integration.cloud.ussd_town import KINDS, LOOKS_S, Town
from tests.support.synced import tickets_of
from tests.support.ussd import BUSY, KEY, Gateway, Phone, Sent, new_number
from tests.support.waiting import PATIENCE_S, until

ENGLISH, JOIN, MINE = "1", "1", "2"
GARBAGE = (
    b"",
    b"\xff\xfe",
    b"{",
    b"[]",
    b"null",
    b"{}",
    b"[" * 5000,
    b"a=b",
    b"sessionId=&phoneNumber=&text=",
    b"sessionId=a&phoneNumber=abc&text=1",
    b"sessionId=a&phoneNumber=%2B250788123456&text=" + b"1" * 9000,
    b"sessionId=" + b"a" * 999 + b"&phoneNumber=%2B250788123456",
    b'{"sessionID":5,"newSession":true,"msisdn":"12","userData":""}',
    b'{"sessionID":"a","newSession":"maybe","msisdn":"+250788123456"}',
    b'{"Type":"Nonsense","Mobile":"250788123456","SessionId":"a"}',
    b'{"SESSIONID":"a","MSISDN":{},"MSGTYPE":true}',
    b'{"Type":"Response","Mobile":"250788123456","SessionId":"a\\u0000"}',
)
"""In no form of any gateway."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = Town(tmp_path_factory.mktemp("town"))
    try:
        made.open()
        yield made
    finally:
        made.close()


def _joined(phone: Phone) -> Phone:
    """A ticket for Cash, by somebody who calls for the first time."""
    phone.dial().press(ENGLISH, JOIN, "1", "1042", "1", "1")
    assert phone.text.startswith("Ticket A"), phone.text
    return phone


def _status(town: Town, number: str) -> str:
    rows = town.tickets(number)
    return rows[-1].status if rows else ""


@pytest.mark.parametrize("kind", KINDS)
def test_a_caller_takes_a_ticket_of_the_branch_and_gives_it_up(town: Town, kind: str) -> None:
    phone = Phone(town.gateway(kind))
    assert "1.English" in phone.dial().text
    assert phone.press(ENGLISH).text.startswith("Foleni\n1. Take a ticket")
    assert phone.press(JOIN, "1", "1042").text.startswith("Main Street\n1. Cash")
    phone.press("1", "1")
    assert not phone.goes_on
    row = town.tickets(phone.number)[-1]
    assert phone.text.startswith(f"Ticket {row.number}\n")
    assert (row.channel, row.provisional, row.language) == ("ussd", False, "en")
    assert town.branch is not None
    assert row.number in {one["number"] for one in tickets_of(town.branch.data)}

    phone.dial().press(MINE, "2", "1")
    assert "cancelled" in phone.text
    assert not phone.goes_on
    until(lambda: _status(town, phone.number) == "cancelled", every_s=LOOKS_S)
    assert phone.dial().text.startswith("Foleni\n")


@pytest.mark.parametrize("kind", KINDS)
def test_a_request_that_comes_twice_is_done_once_and_gets_the_same_screen(town: Town, kind: str) -> None:
    phone = Phone(town.gateway(kind)).dial()
    for key in (ENGLISH, JOIN, "1", "1042", "1", "1"):
        before = phone.press(key).text
        assert phone.again().text == before
    assert len(town.tickets(phone.number)) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_branch_is_dialled_together_with_the_service(town: Town, kind: str) -> None:
    phone = Phone(town.gateway(kind)).dial("*384*1042#")
    assert phone.press(ENGLISH).text.startswith("Main Street\n1. Cash")


def test_the_ticket_follows_in_a_message(town: Town) -> None:
    phone = _joined(Phone(town.gateway()))
    row = town.tickets(phone.number)[-1]
    wanted = select(notifications).where(notifications.c.recipient == phone.number, notifications.c.kind == "joined")
    until(lambda: town.read(lambda c: c.execute(wanted).first()), every_s=LOOKS_S)
    told = town.read(lambda c: c.execute(wanted).one())
    assert row.number in told.text


def test_one_phone_has_one_ticket_at_a_branch(town: Town) -> None:
    phone = _joined(Phone(town.gateway()))
    number = town.tickets(phone.number)[-1].number
    phone.dial()
    assert phone.text.startswith(f"Ticket {number}\n")
    phone.press(JOIN, "2", "main", "2", "1")
    assert phone.text.startswith(f"You have a ticket here.\nTicket {number}")
    assert len(town.tickets(phone.number)) == 1


def test_who_is_there_says_so_to_the_branch(town: Town) -> None:
    phone = _joined(Phone(town.gateway()))
    until(lambda: _status(town, phone.number) == "waiting", every_s=LOOKS_S)
    phone.dial().press(MINE)
    assert "1. I am here" in phone.text
    assert phone.press("1").text.startswith("Thank you. It is passed on.")
    until(lambda: town.tickets(phone.number)[-1].checked_in_at is not None, every_s=LOOKS_S)


def test_who_is_cut_off_goes_on_where_they_were_and_in_their_language(town: Town) -> None:
    phone = Phone(town.gateway()).dial().press("2", JOIN, "1", "1042")
    assert phone.text.startswith("Main Street\n1. Cash")
    phone.dial()
    assert phone.text.startswith("Vous revoil\u00e0.\n1. Cash")
    assert phone.press("1", "1").text.startswith("Ticket A")
    assert phone.dial().text.splitlines()[-1] == "3. Langue"


def test_a_dialogue_that_was_replaced_says_that_it_is_over(town: Town) -> None:
    phone = Phone(town.gateway()).dial()
    old = phone.sent
    phone.dial()
    assert old is not None
    text, goes_on = phone.gateway.read(phone.gateway.post(old))
    assert (text, goes_on) == ("This is over. Please dial again.", False)
    assert "1.English" in phone.again().text


def test_requests_out_of_order_change_nothing_twice(town: Town) -> None:
    phone = Phone(town.gateway()).dial().press(ENGLISH)
    early = phone.sent
    phone.press(JOIN)
    where = phone.text
    assert early is not None
    assert phone.gateway.read(phone.gateway.post(early))[0] == where
    phone.typed += ["1", "1042"]  # one of these was lost on its way
    phone.typed.append("1")
    assert phone.send().text.startswith("Cash\n")


def test_two_phones_at_once_have_each_their_own_ticket(town: Town) -> None:
    phones = [Phone(town.gateway(kind)) for kind in KINDS]
    callers = [threading.Thread(target=_joined, args=(phone,)) for phone in phones]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(PATIENCE_S)
    numbers = [town.tickets(phone.number)[-1].number for phone in phones]
    assert len(set(numbers)) == len(phones)
    assert [phone.text.splitlines()[0] for phone in phones] == [f"Ticket {number}" for number in numbers]


def test_hubtel_says_when_a_caller_has_gone(town: Town) -> None:
    phone = Phone(town.gateway("hubtel")).dial().press(ENGLISH, JOIN)
    gone = {"Type": "Timeout", "Message": "", "Mobile": phone.number[1:], "SessionId": phone.session, "Sequence": 4}
    assert phone.gateway.post(Sent(gone, is_form=False)).json()["Type"] == "release"
    assert phone.dial().text.startswith("Welcome back.\n1. By its number")


@pytest.mark.parametrize("key", ["", "a-key-of-gatewayS", "x" * 5000, "%00", "é"])
def test_a_forged_request_is_turned_away_and_noted(town: Town, key: str) -> None:
    number = new_number()
    gateway = Gateway(town.url, "arkesel", key)
    forged = {"sessionID": "s", "newSession": True, "msisdn": number, "userData": ""}
    address = f"{town.url}/ussd/inbound/arkesel"
    tries = [requests.post(address, json=forged, timeout=PATIENCE_S), gateway.post(Sent(forged, is_form=False))]
    for answer in tries if key else tries[:1]:
        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "not_allowed"
    wanted = select(func.count()).select_from(audit).where(audit.c.action == "ussd_inbound", audit.c.subject == "arkesel")
    assert town.read(lambda c: c.execute(wanted).scalar())
    assert not town.read(lambda c: c.execute(select(ussd_sessions).where(ussd_sessions.c.phone == number)).first())


def test_a_gateway_may_prove_itself_by_its_address_or_by_a_header(town: Town) -> None:
    form = {"sessionId": "a", "phoneNumber": new_number(), "text": ""}
    assert requests.post(f"{town.url}/ussd/inbound/far", data=form, timeout=PATIENCE_S).status_code == 403
    bearer = {"Authorization": f"Bearer {KEY}"}
    answer = requests.post(f"{town.url}/api/v1/ussd/inbound", data=form, headers=bearer, timeout=PATIENCE_S)
    assert answer.text.startswith("CON 1.English")
    near = {"Type": "Initiation", "Message": "", "Mobile": "0788 300 001", "SessionId": "n", "Sequence": 1}
    answer = requests.post(f"{town.url}/ussd/inbound/near", json=near, timeout=PATIENCE_S)
    assert answer.json()["Message"] == "1. Kinyarwanda\n2. Francais"
    assert town.read(lambda c: c.execute(select(ussd_sessions).where(ussd_sessions.c.phone == "+250788300001")).first())
    assert requests.post(f"{town.url}/ussd/inbound/nobody", data=form, timeout=PATIENCE_S).status_code == 404


@pytest.mark.parametrize("body", GARBAGE)
def test_what_is_in_no_gateways_form_is_refused_in_the_contracts(town: Town, body: bytes) -> None:
    for kind in KINDS:
        answer = requests.post(f"{town.url}/ussd/inbound/{kind}/{KEY}", data=body, timeout=PATIENCE_S)
        assert answer.status_code == 422, (kind, answer.text)
        assert answer.json()["error"]["code"] == "invalid"


def test_a_request_that_is_too_long_is_turned_away(town: Town) -> None:
    for told in (b"x" * 20_000, iter([b"x" * 10_000] * 2)):
        answer = requests.post(f"{town.url}/ussd/inbound/nalo/{KEY}", data=told, timeout=PATIENCE_S)
        assert answer.status_code == 413


@pytest.mark.parametrize("typed", ["*", "**1", "1**", "💥*💥", "\n*\n", "0*0*0", "1*98*98*98", "%", "1*1*2*_%"])
def test_odd_keys_get_a_screen(town: Town, typed: str) -> None:
    form = {"sessionId": f"odd-{typed}", "phoneNumber": new_number(), "text": typed}
    answer = requests.post(f"{town.url}/ussd/inbound/africastalking/{KEY}", data=form, timeout=PATIENCE_S)
    assert answer.status_code == 200
    assert answer.text.startswith("CON ")


def test_a_flood_from_one_phone_is_answered_politely_and_hurts_nobody_else(town: Town) -> None:
    phone = Phone(town.gateway()).dial().press(ENGLISH)
    assert BUSY in [phone.once("9").text for _ in range(60)]
    other = _joined(Phone(town.gateway()))
    assert town.read(lambda c: c.execute(select(tickets.c.id).where(tickets.c.phone == other.number)).first())
