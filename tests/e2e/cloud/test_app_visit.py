"""A whole visit on the phone: found, joined, called, served and rated, with a real branch behind a real cloud."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.client import Client
from tests.support.cloud import CloudProcess
from tests.support.gateway import Gateway, SendingCloud, africastalking
from tests.support.phone import BRANCH, code_for, faultless
from tests.support.synced import desk_of, log_of, synced_branch
from tests.support.waiting import until

BUZZER = """
window.buzzes = [];
Object.defineProperty(navigator, "vibrate", {value: (form) => { window.buzzes.push(form); return true; }});
"""
"""A phone that notes when it shakes."""
PHONE = "+250788123456"


class Visit:
    """One customer's browser, a cloud, and the desk of the branch."""

    def __init__(self, context: BrowserContext, cloud: CloudProcess, gateway: Gateway, desk: Client) -> None:
        self.page: Page = context.new_page()
        self.cloud = cloud
        self.gateway = gateway
        self._desk = desk

    def ask(self, kind: str, **fields: object) -> dict[str, object]:
        reply = self._desk.ask({"type": kind, **fields})
        assert reply["ok"], reply
        result: dict[str, object] = reply["result"]
        return result

    def take(self, service: str) -> None:
        """To the step before joining, as somebody does who has scanned the code at the door; and the tap."""
        self.page.goto(f"/b/{BRANCH}?lang=en")
        self.page.get_by_role("link", name=service).focus()
        self.page.keyboard.press("Enter")
        self.page.get_by_role("button", name="Take a number").focus()
        self.page.keyboard.press("Enter")


@pytest.fixture(scope="module")
def visit(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    folder = tmp_path_factory.mktemp("branch")
    above = tmp_path_factory.mktemp("cloud")
    with Gateway(above) as gateway, SendingCloud(above, None, africastalking(gateway.url)) as cloud:
        with synced_branch(folder, cloud.url, cloud.branch(BRANCH)) as branch, desk_of(branch) as desk:
            context = browser.new_context(base_url=cloud.url, viewport={"width": 360, "height": 640}, has_touch=True)
            context.add_init_script(BUZZER)
            visit = Visit(context, cloud, gateway, desk)
            with faultless(visit.page):
                until(
                    lambda: visit.page.goto(f"/b/{BRANCH}") and visit.page.locator("[data-service=cash]").count(), every_s=0.2
                )
                yield visit
            context.close()
        assert any(event["type"] == "ticket_rated" for event in log_of(branch.data))


def test_somebody_joins_with_a_code_and_follows_the_ticket_to_the_counter(visit: Visit) -> None:
    page = visit.page
    visit.ask("join", service="cash", channel="staff")
    visit.take("Cash")
    page.get_by_label("Phone number").fill("0788 123 456")
    page.get_by_role("button", name="Send me the code").click()
    expect(page.get_by_text(PHONE)).to_be_visible()
    page.get_by_label("Code, 6 digits").fill("000000")
    expect(page.get_by_role("alert").filter(has_text="not right")).to_be_visible()
    page.get_by_label("Code, 6 digits").fill(code_for(visit.gateway, PHONE))
    expect(page).to_have_url(re.compile(r"/t/[\w-]{22}"), timeout=60_000)
    expect(page.locator("#number")).to_have_text("A002")
    expect(page.locator(".tile").first).to_contain_text("1 person ahead")
    visit.ask("open_counter", counter="c1")
    visit.ask("call_next", counter="c1")
    expect(page.locator("#sentence")).to_have_text("You are next. Please stay near.", timeout=60_000)
    visit.ask("call_next", counter="c1")
    expect(page.locator("body")).to_have_class("called", timeout=60_000)
    expect(page.locator("#counter")).to_have_text("1")
    until(lambda: page.evaluate("buzzes.length > 0"))
    until(lambda: page.title().startswith("\u25cf"))


def test_the_stars_reach_the_branch(visit: Visit) -> None:
    page = visit.page
    visit.ask("complete", counter="c1")
    expect(page.locator("#sentence")).to_have_text("Thank you for your visit.", timeout=60_000)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Please choose one to five stars.")).to_be_visible()
    page.locator("#star-4").check()
    page.get_by_label("What should we know?").fill("Quick")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("button", name="Change my answer")).to_be_visible()
    expect(page.locator("#detail")).to_have_text("We have your answer. You can still change it today.", timeout=60_000)


def test_the_next_time_one_tap_is_enough_and_a_second_one_finds_the_same_ticket(visit: Visit) -> None:
    page = visit.page
    visit.take("Cash")
    expect(page.locator("#number")).to_have_text("A003", timeout=60_000)
    mine = page.url
    visit.take("Cards")
    expect(page.locator("#number")).to_have_text("A003", timeout=60_000)
    assert page.url.split("?")[0] == mine.split("?")[0]
    page.goto("/?lang=en")
    expect(page.locator("#mine")).to_contain_text("A003")


def test_i_am_here_is_known_at_the_branch(visit: Visit) -> None:
    page = visit.page
    page.locator("#mine a").first.click()
    page.get_by_label("How long do you need").select_option("0")
    page.get_by_role("button", name="I am here").click()
    expect(page.locator("#detail")).to_have_text("We know that you are here.", timeout=60_000)
    expect(page.get_by_role("button", name="I am here")).to_be_hidden()


def test_a_place_is_given_up_only_after_a_question(visit: Visit) -> None:
    page = visit.page
    page.get_by_role("button", name="Give up my place").click()
    expect(page.get_by_role("heading", name="Give up your place?")).to_be_focused()
    page.get_by_role("button", name="No, keep it").click()
    expect(page.locator("#cancel")).to_be_hidden()
    page.get_by_role("button", name="Give up my place").click()
    page.get_by_role("button", name="Yes, give it up").click()
    expect(page.locator("#sentence")).to_have_text("This place was given up.", timeout=60_000)


def test_my_tickets_settings_and_leaving(visit: Visit) -> None:
    page = visit.page
    page.goto("/me?lang=en")
    expect(page.locator("#history li")).to_have_count(2, timeout=60_000)
    expect(page.locator("#history li").first).to_contain_text("Cash")
    expect(page.locator("#history li").first).to_contain_text("Given up")
    page.get_by_label("Name, for the staff who call you").fill("Jean Bosco")
    page.get_by_label("Language of messages").select_option("rw")
    page.get_by_label("Messages by WhatsApp").check()
    page.get_by_role("button", name="Keep these settings").click()
    expect(page.get_by_text("Kept.")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Name, for the staff who call you")).to_have_value("Jean Bosco")
    expect(page.get_by_label("Messages by WhatsApp")).to_be_checked()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", name="Join the queue from where you are")).to_be_visible()
    page.goto("/me?lang=en")
    expect(page.get_by_role("heading", name="Your phone number")).to_be_visible()
    expect(page.locator("#signed")).to_be_hidden()
