"""The pages for staff away from their branches, in a real browser: in each language, narrow and wide, and live."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import insert

from cloud.store import tables
from tests.support import offices
from tests.support.axe import faults_of
from tests.support.cloud import CloudProcess, Person
from tests.support.gateway import Gateway, SendingCloud, africastalking
from tests.support.waiting import PATIENCE_S, until
from tests.support.web import chromium

PATIENCE_MS = 30_000
PAGES = (
    *("/office", "/office/main-street", "/office/airport", "/office/main-street/settings"),
    *("/office/reports", "/office/users", "/office/audit"),
)
_OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass
class Hall:
    cloud: CloudProcess
    gateway: Gateway
    browser: Browser
    root: Person


@pytest.fixture(name="hall", scope="module")
def _hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    folder = tmp_path_factory.mktemp("offices")
    with Gateway(folder) as gateway, SendingCloud(folder, None, africastalking(gateway.url)) as cloud, chromium() as browser:
        offices.set_up(cloud)
        yield Hall(cloud, gateway, browser, offices.person(cloud, "admin", None, None, "+250788100100"))


@pytest.mark.variants(1)
@pytest.mark.parametrize(("language", "width", "height"), [("en", 1280, 800), ("fr", 360, 640), ("ar", 360, 640)])
def test_every_page_is_open_to_everybody(hall: Hall, language: str, width: int, height: int) -> None:
    with offices.signed_in(hall.browser, hall.cloud, hall.root, viewport={"width": width, "height": height}) as window:
        page, errors = _page(window.new_page())
        for path in PAGES:
            page.goto(f"{path}?lang={language}", wait_until="load")
            expect(page.locator("h1")).to_be_visible(timeout=PATIENCE_MS)
            assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
            assert (path, faults_of(page)) == (path, [])
            assert (path, page.evaluate(_OVERFLOW)) == (path, 0)
        assert errors == []


def test_somebody_signs_in_by_phone_and_goes_on_where_they_wanted(hall: Hall) -> None:
    phone = "+250788100100"
    page, _ = _page(hall.browser.new_page(base_url=hall.cloud.url))
    page.goto("/office/reports")
    expect(page.get_by_label("Phone number")).to_be_focused(timeout=PATIENCE_MS)
    assert faults_of(page) == []
    page.get_by_label("Phone number").fill("0788100100")
    page.get_by_role("button", name="Send the code").click()
    expect(page.get_by_role("alert").first).to_contain_text("country code")
    before = len(offices.codes(hall.gateway, phone))
    page.get_by_label("Phone number").fill("+250 788 100 100")
    page.get_by_role("button", name="Send the code").click()
    until(lambda: len(offices.codes(hall.gateway, phone)) > before)
    code = offices.codes(hall.gateway, phone)[0]
    page.get_by_label("Code", exact=True).fill(f"{(int(code) + 1) % 10**6:06d}")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#e-code")).to_contain_text("not the code", timeout=PATIENCE_MS)
    page.get_by_label("Code", exact=True).fill(code)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Reports", exact=True)).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Phone number")).to_be_visible(timeout=PATIENCE_MS)
    page.goto("/office")
    expect(page.get_by_label("Phone number")).to_be_visible(timeout=PATIENCE_MS)
    page.close()


def test_a_queue_is_live_and_says_when_its_branch_is_away(hall: Hall) -> None:
    with offices.signed_in(hall.browser, hall.cloud, hall.root) as window:
        page, errors = _page(window.new_page())
        page.goto("/office/main-street")
        expect(page.get_by_text("Connected", exact=True)).to_be_visible(timeout=PATIENCE_MS)
        expect(page.get_by_role("button", name="Call next").first).to_be_enabled()
        row = offices.ticket_row("main-street", "waiting", "A777")
        hall.cloud.run(lambda c: c.execute(insert(tables.tickets).values(row)).rowcount)
        ring(hall)
        expect(page.get_by_role("cell", name="A777")).to_be_visible(timeout=PATIENCE_MS)
        offices.heard(hall.cloud, "main-street", 3)
        ring(hall)
        expect(page.get_by_text("Last heard 3 min ago")).to_be_visible(timeout=PATIENCE_MS)
        expect(page.locator("#away")).to_contain_text("not connected")
        expect(page.get_by_role("button", name="Call next").first).to_be_disabled()
        offices.heard(hall.cloud, "main-street", -1440)
        assert errors == []


def ring(hall: Hall) -> None:
    """Something about main-street has changed."""
    path = f"{hall.cloud.url}/api/v1/branches/main-street"
    assert requests.patch(path, json={}, headers=hall.root.headers, timeout=PATIENCE_S).status_code == 200


def test_a_branch_is_made_and_its_token_shown_once(hall: Hall) -> None:
    with offices.signed_in(hall.browser, hall.cloud, hall.root) as window:
        page, _ = _page(window.new_page())
        page.goto("/office")
        page.get_by_role("button", name="New branch").click()
        page.get_by_label("Name", exact=True).and_(page.locator("#b-name")).fill("Market")
        page.locator("#b-id").fill("Market Place")
        page.locator("#adding-form").get_by_role("button", name="Make it").click()
        expect(page.locator("#adding-form .fault")).to_be_visible(timeout=PATIENCE_MS)
        page.locator("#b-id").fill("market")
        page.locator("#adding-form").get_by_role("button", name="Make it").click()
        expect(page.locator("#token-text")).to_have_text(re.compile(r"^[\w-]{43}$"), timeout=PATIENCE_MS)
        page.locator("#token").get_by_role("button", name="Done").click()
        expect(page.get_by_role("heading", name="Market")).to_be_visible(timeout=PATIENCE_MS)
        expect(page.locator("#token-text")).to_have_text("")


def test_a_role_is_given_and_taken(hall: Hall) -> None:
    with offices.signed_in(hall.browser, hall.cloud, hall.root) as window:
        page, _ = _page(window.new_page())
        page.goto("/office/users")
        page.get_by_role("button", name="Give a role").click()
        page.get_by_label("Phone number").fill("+250 788 100 177")
        page.get_by_label("Name", exact=True).fill("Ines")
        page.get_by_label("Where").select_option(label="Main Street")
        page.locator("#role").select_option("staff")
        page.get_by_role("button", name="Give it").click()
        line = page.get_by_role("row").filter(has_text="Ines")
        expect(line).to_contain_text("Staff", timeout=PATIENCE_MS)
        line.get_by_role("button").click()
        page.get_by_role("dialog").get_by_role("button", name="Take the role").click()
        expect(line).to_have_count(0, timeout=PATIENCE_MS)


def test_somebody_without_a_role_is_told_what_to_do(hall: Hall) -> None:
    nobody = offices.person(hall.cloud, None, None, None, "+250788100155")
    with offices.signed_in(hall.browser, hall.cloud, nobody) as window:
        page, _ = _page(window.new_page())
        page.goto("/office")
        expect(page.get_by_text("No branch is yours yet")).to_be_visible(timeout=PATIENCE_MS)
        assert faults_of(page) == []
        page.goto("/office/users")
        expect(page.get_by_role("heading", name="This is not open to you")).to_be_visible(timeout=PATIENCE_MS)
        assert faults_of(page) == []


def _page(page: Page) -> tuple[Page, list[str]]:
    """The page, and the faults of its scripts."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    return page, errors
