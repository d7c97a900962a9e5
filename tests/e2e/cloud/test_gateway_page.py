"""The page of the message gateway shows what phones get, as it comes."""

import re
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.support.axe import faults_of
from tests.support.gateway import Gateway
from tests.support.waiting import PATIENCE_S, until

LINK = "https://q.example.org/t/abcdefghijklmnopqrstuv"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with Gateway(tmp_path_factory.mktemp("gateway")) as running:
        yield running


@pytest.fixture
def page(browser: Browser, gateway: Gateway) -> Iterator[Page]:
    context = browser.new_context(base_url=gateway.url, viewport={"width": 360, "height": 640})
    page = context.new_page()
    page.goto("/")
    expect(page.get_by_role("status").first).to_have_text("Live")
    yield page
    context.close()


def send(gateway: Gateway, text: str, phone: str = "+250788000001") -> None:
    form = {"username": "sandbox", "to": phone, "message": text}
    answer = requests.post(f"{gateway.url}/version1/messaging", data=form, headers={"apiKey": "k"}, timeout=PATIENCE_S)
    assert answer.status_code == 201


def test_messages_appear_as_they_come_the_newest_first(page: Page, gateway: Gateway) -> None:
    expect(page.get_by_text("What the cloud sends to phones appears here.")).to_be_visible()
    send(gateway, f"A042: please go to counter 3 now. Main Street\n{LINK}")
    send(gateway, f"A042: توجه الآن إلى الشباك 3.\n{LINK}", "+250788000002")
    expect(page.get_by_role("listitem")).to_have_count(2)
    expect(page.get_by_role("listitem").first).to_contain_text("+250788000002")
    expect(page.get_by_role("link", name=LINK).first).to_have_attribute("href", LINK)
    assert faults_of(page) == []


def test_what_is_in_a_message_stays_text(page: Page, gateway: Gateway) -> None:
    send(gateway, "<img src=x onerror=alert(1)> javascript:alert(1)")
    expect(page.get_by_role("listitem").first).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.get_by_role("listitem").first.locator("img").count() == 0


def test_one_phone_alone_is_shown_and_writes_back(page: Page, gateway: Gateway) -> None:
    gateway.control(inbound={"africastalking": f"{gateway.url}/version1/messaging"})
    send(gateway, "to one", "+250788000003")
    page.get_by_role("button", name="+250788000003").click()
    expect(page.get_by_role("listitem")).to_have_count(1)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Sent.")).to_be_visible()
    page.get_by_label("Phone", exact=True).fill("")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Choose a phone first.")).to_be_visible()


def test_its_behaviour_is_changed_and_shown(page: Page, gateway: Gateway) -> None:
    page.get_by_text("How the gateway behaves").click()
    page.get_by_label("twilio").select_option("hang")
    address = f"{gateway.url}/control"
    until(lambda: requests.post(address, json={}, timeout=PATIENCE_S).json()["modes"]["twilio"] == "hang", PATIENCE_S, 0.05)
    gateway.control(mode="well")
    expect(page.get_by_label("twilio")).to_have_value(re.compile("well"))


def test_the_page_says_when_it_is_not_live(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> None:
    with Gateway(tmp_path_factory.mktemp("cut")) as gateway:
        page = browser.new_page()
        page.goto(gateway.url)
        expect(page.get_by_role("status").first).to_have_text("Live")
        gateway.kill()
        expect(page.get_by_role("status").first).to_have_text("Not connected")
        page.close()
