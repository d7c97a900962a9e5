"""The drawn phone speaks to the real gateways, by mouse and by keyboard, and is there only where it is wanted."""

from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from cloud.pages import PHONE_LANGUAGES
from tests.integration.cloud.ussd_town import KINDS, Town
from tests.support.axe import faults_of
from tests.support.ussd import new_number
from tests.support.waiting import PATIENCE_S
from tests.support.web import chromium


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = Town(tmp_path_factory.mktemp("town"))
    try:
        made.open()
        yield made
    finally:
        made.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def page(town: Town, browser: Browser) -> Iterator[Page]:
    """The simulator with a phone of its own; whatever its scripts complain of fails the test."""
    context = browser.new_context(base_url=town.url, viewport={"width": 1100, "height": 820})
    opened, faults = context.new_page(), list[str]()
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.goto("/ussd/simulator")
    opened.get_by_label("Telephone number").fill(new_number())
    yield opened
    context.close()
    assert faults == []


def _enter(page: Page, text: str, then: str) -> None:
    """Types, sends, and waits for a screen that has `then`."""
    page.get_by_label("Type here").fill(text)
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text(then)


def test_a_ticket_by_keyboard_alone(town: Town, page: Page) -> None:
    number = page.get_by_label("Telephone number").input_value()
    page.get_by_label("Type here").focus()
    page.keyboard.press("Enter")  # the code is there already
    expect(page.locator("#said")).to_contain_text("1.English")
    expect(page.locator("#count")).to_have_text("70 / 70")
    for text, then in (
        ("1", "My ticket"),
        ("1", "Which branch?"),
        ("1042", "Main Street"),
        ("1", "Take a ticket"),
        ("1", "Ticket A"),
    ):
        _enter(page, text, then)
    expect(page.get_by_role("button", name="Call")).to_be_visible()  # the dialogue is over
    expect(page.locator("#count")).to_contain_text("/ 160")
    said = page.locator("#said").inner_text()
    assert said.startswith(f"Ticket {town.tickets(number)[0].number}")
    _enter(page, "*384#", "My ticket")
    page.keyboard.press("Escape")
    expect(page.locator("#said")).to_have_text("The call is over.")


@pytest.mark.parametrize("kind", KINDS)
def test_every_gateways_form_by_its_keys(page: Page, kind: str) -> None:
    page.get_by_label("Gateway").select_option(kind)
    page.get_by_role("button", name="Call").click()
    expect(page.locator("#said")).to_contain_text("1.English")
    page.get_by_role("button", name="2", exact=True).click()
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#said")).to_contain_text("Prendre un ticket")
    page.get_by_role("button", name="Hang up").click()
    _enter(page, "*384*1042#", "Main Street")
    _enter(page, "1", "Prendre un ticket")
    page.get_by_text("What was sent").click()
    expect(page.locator("#sent")).to_contain_text(f"/ussd/inbound/simulator-{kind}")


def test_another_code_and_no_number_are_told(page: Page) -> None:
    _enter(page, "*123#", "Dial *384#")
    page.get_by_label("Telephone number").fill("12")
    _enter(page, "*384#", "This is no telephone number.")


@pytest.mark.variants(2)
@pytest.mark.parametrize("language", PHONE_LANGUAGES)
def test_everybody_can_use_the_page(town: Town, browser: Browser, language: str) -> None:
    context = browser.new_context(base_url=town.url, viewport={"width": 360, "height": 640})
    opened = context.new_page()
    opened.goto(f"/ussd/simulator?lang={language}")
    opened.locator("#call").click()
    expect(opened.locator("#said")).to_contain_text("1.")
    assert faults_of(opened) == []
    assert opened.evaluate("document.documentElement.scrollWidth") <= 360
    context.close()


def test_the_gateways_of_the_simulator_need_no_key_and_others_do(town: Town) -> None:
    form = {"sessionId": "a", "phoneNumber": new_number(), "text": ""}
    for name, status in (("simulator-africastalking", 200), ("africastalking", 403)):
        assert requests.post(f"{town.url}/ussd/inbound/{name}", data=form, timeout=PATIENCE_S).status_code == status
