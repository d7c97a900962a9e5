"""What `make run` shows of the cloud: people join from away, and each side can be cut off from the other and come back."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.both_sides import CloudStore, check_both_sides
from tests.support.broker import free_port
from tests.support.demo import WHOLE, Demo, demo_of
from tests.support.phone import BRANCH, faultless
from tests.support.synced import last_of
from tests.support.waiting import PATIENCE_S, until

CLERK, OTHER, CALLER, MANAGER = "+250788123456", "+250788200300", "+250788300400", "+250788100100"
OPEN_S, SEEN_S = 120.0, 90.0
MISSED_S = 120.0
"""A branch that is silent is taken for connected for half a minute."""
pytestmark = pytest.mark.timeout(300)


class Town:
    """The demo, and everybody's browser around it."""

    def __init__(self, demo: Demo, browser: Browser) -> None:
        self.demo, self._browser = demo, browser
        self._windows: list[BrowserContext] = []
        self.url = self._told(r"The cloud is at (\S+)/ for")
        self.messages = self._told(r"(http\S+/) +what all these phones are sent")
        self.dials = self._told(r"a phone that can only dial: (\S+)")

    def window(self, width: int = 360) -> Page:
        """A browser of somebody's own, in English."""
        self._windows.append(
            self._browser.new_context(base_url=self.url, viewport={"width": width, "height": 700}, locale="en")
        )
        return self._windows[-1].new_page()

    def say(self, line: str, answer: str) -> None:
        """Types a line into the demo, and waits for what has to come of it."""
        before = self.demo.said.count(answer)
        self.demo.type(line)
        until(lambda: self.demo.said.count(answer) > before or self.demo.process.poll() is not None, SEEN_S, 0.05)
        assert self.demo.said.count(answer) > before, self.demo.said

    def calls(self, number: str) -> None:
        """Counter 1 calls the next one, and the TV in the hall shows this number."""
        self.say("call 1", f"{number} to counter 1")
        self.on_tv(number)

    def on_tv(self, number: str) -> None:
        self.say(f"expect tv {number} 1 within 60", f"so it is: on the TV stands {number} at 1")

    def told(self, phone: str) -> list[str]:
        """What was sent to a phone, the newest first."""
        answer = requests.get(f"{self.messages}messages", timeout=PATIENCE_S).json()["messages"]
        return [each["text"] for each in answer if each["recipient"] == phone]

    def code_of(self, phone: str) -> str:
        """The code that the page of the messages shows for a phone."""
        page = self.window(800)
        page.goto(self.messages)
        message = page.get_by_role("listitem").filter(has_text=phone).filter(has_text="is your code to sign in").first
        found = re.search(r"\b(\d{6}) is your code", message.inner_text(timeout=SEEN_S * 1000))
        assert found is not None
        page.context.close()
        return found[1]

    def sign_in(self, page: Page, phone: str) -> None:
        """On a phone's page that asks who one is."""
        page.get_by_label("Phone number").fill(phone)
        page.get_by_role("button", name="Send me the code").click()
        page.get_by_label("Code, 6 digits").fill(self.code_of(phone))

    def leave(self) -> None:
        for window in self._windows:
            window.close()

    def _told(self, form: str) -> str:
        found = re.search(form, self.demo.said)
        assert found is not None, self.demo.said
        return found[1]


@pytest.fixture(scope="module")
def town(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    where = f"127.0.0.1:{free_port()}"
    arguments = ("--headless", "--past", "0", "--http", "none", "--cloud", where)
    with demo_of(tmp_path_factory.mktemp("demo"), WHOLE, *arguments, talks=True) as demo:
        town = Town(demo, browser)
        yield town
        town.leave()


@pytest.fixture(scope="module")
def phone(town: Town) -> Iterator[Page]:
    """The phone of somebody who follows the own ticket all the time."""
    page = town.window()
    with faultless(page):
        yield page


def take(page: Page) -> None:
    """To the step before joining, and the tap."""
    page.goto(f"/b/{BRANCH}?service=cash")
    page.get_by_role("button", name="Take a number").click()


def shows(page: Page, number: str) -> None:
    expect(page.locator("#number")).to_have_text(number, timeout=SEEN_S * 1000)


def is_called(page: Page, counter: str) -> None:
    expect(page.locator("body")).to_have_class("called", timeout=SEEN_S * 1000)
    expect(page.locator("#counter")).to_have_text(counter)


def test_a_phone_joins_is_called_and_every_message_stands_on_the_messages_page(town: Town, phone: Page) -> None:
    until(lambda: phone.goto(f"/b/{BRANCH}") and phone.locator("[data-service=cash]").count(), OPEN_S, 0.2)
    take(phone)
    town.sign_in(phone, CLERK)
    shows(phone, "A001")
    town.say("press 1", "single press at counter 1")
    town.on_tv("A001")
    is_called(phone, "1")
    until(lambda: len(town.told(CLERK)) == 3, SEEN_S, 0.1)
    called, joined, code = town.told(CLERK)
    assert "is your code" in code
    assert "your number is A001, Cash." in joined
    assert "A001: please go to counter 1 now." in called
    assert phone.url.split("?")[0] in joined


def test_a_phone_that_can_only_dial_joins_and_gives_its_place_up(town: Town) -> None:
    page = town.window(1000)
    page.goto("/ussd/simulator")
    page.get_by_label("Telephone number").fill(CALLER)
    screen = page.locator("#said")

    def send(typed: str, answer: str) -> None:
        page.get_by_label("Type here").fill(typed)
        page.locator("#call").click()
        expect(screen).to_contain_text(answer, timeout=SEEN_S * 1000)

    send(town.dials, "1.English")
    send("1", "1. Cash")
    send("1", "1. Take a ticket")
    send("1", "Ticket A002")
    town.say("expect waiting cash 1 within 60", "so it is: 1 wait for cash")
    send("*384#", "2. My ticket")
    send("2", "2. Cancel it")
    send("2", "Give up your place?")
    send("1", "Ticket A002 is cancelled.")
    town.say("expect waiting cash 0 within 60", "so it is: 0 wait for cash")
    assert "your number is A002, Cash." in town.told(CALLER)[0]


def test_a_manager_calls_the_next_number_from_away(town: Town) -> None:
    page = town.window(1200)
    page.goto("/office")
    page.get_by_label("Phone number").fill(MANAGER)
    page.get_by_role("button", name="Send the code").click()
    page.get_by_label("Code").fill(town.code_of(MANAGER))
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Main Street").click()
    town.say("ticket cash", "ticket A003 at the kiosk")
    expect(page.locator("#waiting")).to_contain_text("A003", timeout=SEEN_S * 1000)
    page.locator(".counter").filter(has_text="Counter 1").get_by_role("button", name="Call next").click()
    expect(page.locator(".counter").filter(has_text="Counter 1")).to_contain_text("A003", timeout=SEEN_S * 1000)
    town.on_tv("A003")
    page.get_by_role("link", name="Reports").click()
    expect(page.get_by_role("row").filter(has_text="Main Street")).to_contain_text("kiosk 1")


def test_while_the_cloud_is_away_the_branch_goes_on_and_afterwards_the_phone_knows(town: Town, phone: Page) -> None:
    take(phone)
    shows(phone, "A004")
    town.say("stop cloud", "cloud was killed and stays away")
    expect(phone.get_by_text(re.compile(r"This page is not live since .* Your place is kept\."))).to_be_visible(
        timeout=SEEN_S * 1000
    )
    expect(phone.get_by_text("Live", exact=True)).to_be_hidden()
    town.say("ticket cash", "ticket A005 at the kiosk")
    town.calls("A004")
    town.say("start cloud", "cloud is back")
    is_called(phone, "1")
    expect(phone.get_by_text("This page is not live")).to_be_hidden()
    until(lambda: [text for text in town.told(CLERK) if text.startswith("A004: please go to counter 1 now.")], SEEN_S, 0.1)


def test_while_the_branch_is_away_the_cloud_gives_a_number_that_is_called_in_its_turn(town: Town, phone: Page) -> None:
    town.say("stop server", "server was killed and stays away")
    other = town.window()
    take(other)
    town.sign_in(other, OTHER)
    shows(other, "AR01")
    for page in (phone, other):
        expect(page.locator("#live")).to_have_text(re.compile("Last heard from the branch"), timeout=MISSED_S * 1000)
    town.say("start server", "server is back")
    town.say("expect waiting cash 2 within 60", "so it is: 2 wait for cash")
    town.calls("A005")
    town.calls("AR01")
    is_called(other, "1")
    expect(other.locator("#live")).to_have_text("Live")


def test_in_the_end_both_sides_hold_the_same_and_no_program_has_crashed(town: Town) -> None:
    data = town.demo.data
    cloud = CloudStore(f"sqlite:///{data / 'cloud' / 'cloud.db'}", BRANCH)
    try:
        until(lambda: cloud.is_settled() and cloud.last() == last_of(data), SEEN_S, 0.2)
        told = check_both_sides(data, cloud)
    finally:
        cloud.close()
    assert {ticket.number: ticket.status for ticket in told.values()} == {
        "A001": "completed", "A002": "cancelled", "A003": "completed", "A004": "completed", "A005": "completed",
        "AR01": "called",
    }  # fmt: skip
    assert crashed(data / "logs") == []
    assert town.demo.named("cloud"), "the demo has ended by itself"


def crashed(logs: Path) -> list[str]:
    """Lines that no program of ours should ever write."""
    wrong = ("Traceback (most recent call last)", " CRITICAL ", " ERROR ")
    lines = [f"{log.name}: {line}" for log in logs.iterdir() for line in log.read_text(errors="replace").splitlines()]
    return [line for line in lines if any(each in line for each in wrong)]
