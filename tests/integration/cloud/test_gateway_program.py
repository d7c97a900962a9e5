"""The gateway that is none takes what the companies' own APIs take, and answers in their forms."""

from collections.abc import Iterator

import pytest
import requests

from tests.support.gateway import ACCOUNT, Gateway
from tests.support.waiting import PATIENCE_S, until

SMS = {"username": "sandbox", "to": "+250788000001", "message": "Muraho", "from": "FOLENI"}
MESSAGE = {"From": "+15550001111", "To": "+250788000001", "Body": "Muraho"}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with Gateway(tmp_path_factory.mktemp("gateway")) as running:
        yield running


@pytest.fixture(autouse=True)
def _well(gateway: Gateway) -> None:
    gateway.control(mode="well")


def africastalking(gateway: Gateway, form: dict[str, str], key: str | None = "k") -> requests.Response:
    headers = {"Accept": "application/json"} | ({"apiKey": key} if key else {})
    return requests.post(f"{gateway.url}/version1/messaging", data=form, headers=headers, timeout=PATIENCE_S)


def twilio(gateway: Gateway, form: dict[str, str], user: str = ACCOUNT) -> requests.Response:
    address = f"{gateway.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    return requests.post(address, data=form, auth=(user, "t"), timeout=PATIENCE_S)


def test_africas_talking(gateway: Gateway) -> None:
    answer = africastalking(gateway, {**SMS, "to": "+250788000001,+250788000002", "message": "one for two"})
    assert answer.status_code == 201
    data = answer.json()["SMSMessageData"]
    assert data["Message"].startswith("Sent to 2/2")
    assert [row["statusCode"] for row in data["Recipients"]] == [101, 101]
    taken = gateway.messages("one for two")
    assert [one["recipient"] for one in taken] == ["+250788000002", "+250788000001"], "the newest first"
    assert [one["id"] for one in reversed(taken)] == [row["messageId"] for row in data["Recipients"]]


def test_twilio(gateway: Gateway) -> None:
    answer = twilio(
        gateway, {**MESSAGE, "From": "whatsapp:+15550001111", "To": "whatsapp:+250788000001", "Body": "by whatsapp"}
    )
    assert (answer.status_code, answer.json()["status"]) == (201, "queued")
    (taken,) = gateway.messages("by whatsapp")
    assert (taken["id"], taken["channel"], taken["recipient"]) == (answer.json()["sid"], "whatsapp", "+250788000001")


def test_who_does_not_say_who_they_are_is_turned_away(gateway: Gateway) -> None:
    assert africastalking(gateway, SMS, key=None).status_code == 401
    answer = twilio(gateway, MESSAGE, user="somebody")
    assert (answer.status_code, answer.json()["code"]) == (401, 20003)


@pytest.mark.parametrize(("left_out", "code"), [("To", 21604), ("Body", 21602), ("From", 21603)])
def test_what_a_message_lacks_is_named(gateway: Gateway, left_out: str, code: int) -> None:
    answer = twilio(gateway, {name: value for name, value in MESSAGE.items() if name != left_out})
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert africastalking(gateway, {"username": "sandbox", "to": "+250788000001"}).status_code == 400


def test_faults_are_the_companies_own(gateway: Gateway) -> None:
    gateway.control(mode="refuse")
    assert africastalking(gateway, SMS).json()["SMSMessageData"]["Recipients"][0]["status"] == "InvalidPhoneNumber"
    assert twilio(gateway, MESSAGE).json()["code"] == 21211
    gateway.control(mode="error", company="twilio")
    assert twilio(gateway, MESSAGE).status_code == 500
    gateway.control(mode="garbage", company="africastalking")
    assert "html" in africastalking(gateway, SMS).text


def test_a_gateway_that_hangs_takes_nothing_and_one_that_is_mute_takes_it(gateway: Gateway) -> None:
    for mode, count in (("hang", 0), ("mute", 1)):
        gateway.control(mode=mode)
        with pytest.raises(requests.ReadTimeout):
            requests.post(
                f"{gateway.url}/version1/messaging", data=SMS | {"message": mode}, headers={"apiKey": "k"}, timeout=0.5
            )
        assert len(gateway.messages(mode)) == count


def test_it_ends_in_good_order_though_somebody_waits_for_an_answer(tmp_path_factory: pytest.TempPathFactory) -> None:
    with Gateway(tmp_path_factory.mktemp("ending")) as gateway:
        gateway.control(mode="hang")
        with pytest.raises(requests.ReadTimeout):
            requests.post(f"{gateway.url}/version1/messaging", data=SMS, headers={"apiKey": "k"}, timeout=0.3)
        assert gateway.stop() == 0


def test_nobody_said_where_answers_go(gateway: Gateway) -> None:
    told = {"phone": "+250788000001", "text": "STOP"}
    answer = requests.post(f"{gateway.url}/answers", json=told, timeout=PATIENCE_S)
    assert (answer.status_code, answer.json()["error"]["message"]) == (409, "Nobody has said where answers go.")
    assert requests.post(f"{gateway.url}/control", json={"mode": "odd"}, timeout=PATIENCE_S).status_code == 422


def test_a_report_that_nobody_takes_is_shown(gateway: Gateway) -> None:
    gateway.control(reports="http://127.0.0.1:9/nobody")
    africastalking(gateway, {**SMS, "message": "a report for nobody"})
    until(lambda: gateway.messages("a report for nobody")[0]["reported"] == "ConnectionError", PATIENCE_S, 0.05)
    gateway.control(reports="")
