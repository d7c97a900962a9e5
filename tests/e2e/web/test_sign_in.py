"""The door, one's own page, and looking after people, tokens and the audit log, in a real browser."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from branch_server.web.store.failures import FREE
from tests.support.axe import faults_of
from tests.support.web import PINS, SETUP, WebBranch, signed_in

FIRST = """
[[staff]]
id = "zoe"
name = "Zoe Mutesi"
role = "admin"
"""
PHONE = {"width": 390, "height": 844}
NARROW = {"width": 320, "height": 640}


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebBranch]:
    with WebBranch(tmp_path_factory.mktemp("door"), SETUP + FIRST) as branch:
        yield branch


@pytest.fixture
def page(browser: Browser, branch: WebBranch) -> Iterator[Page]:
    """Somebody's browser in which nobody is signed in. Whatever the page's scripts complain about fails the test."""
    context = browser.new_context(base_url=branch.url)
    page, faults = context.new_page(), []
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    context.close()
    assert faults == []


@pytest.fixture(scope="module")
def office(browser: Browser, branch: WebBranch) -> Iterator[BrowserContext]:
    """A window in which the administrator is signed in."""
    context = signed_in(browser, branch, "ada")
    yield context
    context.close()


def test_a_clerk_signs_in_by_keyboard_alone_and_comes_to_the_page_that_was_wanted(page: Page) -> None:
    page.goto("/me")
    expect(page.get_by_role("button", name="Ada")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Eve")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type(PINS["eve"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Eve")).to_be_visible()
    assert page.url.endswith("/me")


def test_a_clerk_signs_in_by_touch_alone(browser: Browser, branch: WebBranch) -> None:
    context = browser.new_context(base_url=branch.url, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto("/sign-in?next=/me")
    page.get_by_role("button", name="Max").tap()
    for digit in "9" + PINS["max"]:
        page.get_by_role("button", name=digit, exact=True).tap()
    for _ in range(7):
        page.get_by_role("button", name="Delete the last digit").tap()
    for digit in PINS["max"]:
        page.get_by_role("button", name=digit, exact=True).tap()
    page.get_by_role("button", name="Sign in").tap()
    expect(page.get_by_role("heading", name="Max")).to_be_visible()
    context.close()


def test_a_wrong_pin_says_so_keeps_the_name_and_the_next_try_works(page: Page) -> None:
    page.goto("/sign-in?next=/me")
    page.get_by_role("button", name="Ben").click()
    page.keyboard.type("111999")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("This name and this PIN do not belong together. Please try again.")
    expect(page.locator("#secret")).to_be_focused()
    expect(page.locator("#secret")).to_have_value("")
    page.keyboard.type(PINS["ben"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Ben")).to_be_visible()


def test_after_too_many_wrong_pins_the_door_says_when_to_try_again(page: Page) -> None:
    page.clock.install()
    page.goto("/sign-in")
    page.get_by_role("button", name="Ben").click()
    page.clock.pause_at(datetime.now(UTC) + timedelta(minutes=1))  # so that no wait is over before it was looked at
    tries = 1
    while _tried(page, "11199") == 401:
        tries += 1
        expect(page.locator("#secret")).to_have_value("")
        expect(page.locator("#go")).to_be_enabled()
    assert tries > FREE["staff"]
    expect(page.get_by_role("alert")).to_contain_text("too many wrong tries")
    expect(page.get_by_role("button", name=re.compile(r"Try again in \d:\d\d"))).to_be_disabled()
    page.clock.fast_forward("15:00")
    expect(page.get_by_role("button", name="Sign in")).to_be_enabled()


def _tried(page: Page, pin: str) -> int:
    """The status of the answer to a PIN."""
    page.keyboard.type(pin)
    with page.expect_response("**/api/v1/session") as answer:
        page.keyboard.press("Enter")
    return answer.value.status


def test_the_first_administrator_turns_the_code_into_a_pin(page: Page, branch: WebBranch) -> None:
    found = re.search(r"one-time code of zoe: (\d+)", branch.stderr)
    assert found is not None
    page.goto("/admin/people")
    page.get_by_role("button", name="Zoe Mutesi").click()
    page.keyboard.type(found.group(1))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Choose your PIN")).to_be_visible()
    assert faults_of(page) == []
    page.get_by_label("New PIN or password").fill("123456")
    page.get_by_label("The same once more").fill("123456")
    page.get_by_role("button", name="Save the new PIN").click()
    expect(page.get_by_role("alert").filter(has_text="too easy to guess")).to_be_visible()
    page.get_by_label("New PIN or password").fill("a long password")
    page.get_by_label("The same once more").fill("a long passwort")
    page.get_by_role("button", name="Save the new PIN").click()
    expect(page.get_by_role("alert").filter(has_text="not the same")).to_be_visible()
    page.get_by_label("The same once more").fill("a long password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="People")).to_be_visible()


def test_the_language_is_chosen_at_the_door_and_stays(page: Page) -> None:
    page.goto("/sign-in?next=/me")
    page.get_by_role("link", name="العربية").click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    page.goto("/sign-in?next=/me")
    expect(page.get_by_role("heading", name="تسجيل الدخول")).to_be_visible()
    page.get_by_role("link", name="Français").click()
    expect(page.get_by_role("heading", name="Se connecter")).to_be_visible()
    assert "next=%2Fme" in page.url


def test_signing_out_everywhere_takes_every_open_page_to_the_door(browser: Browser, branch: WebBranch) -> None:
    here, there = (signed_in(browser, branch, "max") for _ in range(2))
    away = there.new_page()
    away.goto("/console")
    own = here.new_page()
    own.goto("/me")
    own.get_by_role("button", name="Sign out everywhere").click()
    own.get_by_role("dialog").get_by_role("button", name="Sign out everywhere").click()
    for page in (own, away):
        page.wait_for_url("**/sign-in**")
    here.close()
    there.close()


def test_an_administrator_adds_somebody_resets_a_pin_and_removes_again(office: BrowserContext) -> None:
    page = office.new_page()
    page.goto("/admin/people")
    page.get_by_role("button", name="Add a person").click()
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_text("Please type a name.")).to_be_visible()
    page.get_by_label("Name", exact=True).fill("Aline Mukamana")
    page.get_by_label("Cards").check()
    assert faults_of(page) == []
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_contain_text("One-time code of Aline Mukamana")
    expect(page.locator("#code-text")).to_have_text(re.compile(r"^\d{8}$"))
    first = page.locator("#code-text").inner_text()
    page.get_by_role("button", name="Done").click()
    row = page.locator("[data-person=aline-mukamana]")
    expect(row).to_contain_text("one-time code")
    row.get_by_role("button", name="Reset the PIN").click()
    page.get_by_role("dialog").get_by_role("button", name="Reset the PIN").click()
    expect(page.locator("#code-text")).to_have_text(re.compile(r"^\d{8}$"))
    expect(page.locator("#code-text")).not_to_have_text(first)
    page.get_by_role("button", name="Done").click()
    row.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("dialog")).to_contain_text("What they did stays")
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)
    page.close()


def test_a_token_is_shown_once_and_revoked(office: BrowserContext, branch: WebBranch) -> None:
    page = office.new_page()
    page.goto("/admin/tokens")
    expect(page.get_by_text("No token yet")).to_be_visible()
    page.get_by_role("button", name="Make a token").click()
    page.get_by_label("What is it for?").fill("Booking site")
    page.get_by_role("button", name="Make it").click()
    text = page.locator("#text-text")
    expect(text).to_have_text(re.compile("^fol_"))
    token = text.inner_text()
    visitor = branch.person()
    visitor.http.headers["Authorization"] = f"Bearer {token}"
    assert visitor.get("/api/v1/services").status_code == 200
    assert faults_of(page) == []
    page.get_by_role("button", name="Done").click()
    page.reload()
    assert token not in page.content()
    page.get_by_role("button", name="Revoke").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.locator("tr", has_text="Booking site")).to_contain_text("revoked")
    assert visitor.get("/api/v1/services").status_code == 401
    page.close()


def test_the_audit_log_is_narrowed_turned_over_and_saved(office: BrowserContext) -> None:
    page = office.new_page()
    page.goto("/admin/audit")
    for _ in range(60):
        office.request.get("/api/v1/audit.csv")
    page.goto("/admin/audit")
    expect(page.locator("tbody tr")).to_have_count(50)
    page.get_by_role("link", name="Older").click()
    expect(page.get_by_role("link", name="Newest")).to_be_visible()
    expect(page.locator("tbody tr").first).to_be_visible()
    page.get_by_label("What").select_option("signing")
    page.get_by_role("button", name="Find").click()
    page.wait_for_url("**about=signing**")
    expect(page.locator("tbody tr").filter(has_text="Audit log exported")).to_have_count(0)
    page.get_by_label("Ticket number").fill("Z999")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_text("Nothing found")).to_be_visible()
    page.get_by_role("link", name="Show all").click()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download as CSV").click()
    assert re.fullmatch(r"audit-\d{4}-\d\d-\d\d\.csv", saved.value.suggested_filename)
    page.close()


@pytest.mark.parametrize("path", ["/me", "/admin/people", "/admin/tokens", "/admin/audit"])
def test_a_page_is_whole_and_usable_by_everybody_at_every_width(office: BrowserContext, path: str) -> None:
    page = office.new_page()
    for theme, language, size in (("light", "en", None), ("dark", "fr", PHONE), ("light", "ar", NARROW)):
        if size is not None:
            page.set_viewport_size({"width": size["width"], "height": size["height"]})
        page.goto(f"{path}?theme={theme}&lang={language}")
        page.wait_for_load_state("networkidle")
        assert faults_of(page) == [], (theme, language)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (language, "wider than its window")
    page.close()


def test_the_door_is_whole_and_usable_by_everybody_at_every_width(page: Page) -> None:
    for theme, language, size in (("light", "en", PHONE), ("dark", "ar", NARROW)):
        page.set_viewport_size({"width": size["width"], "height": size["height"]})
        page.goto(f"/sign-in?theme={theme}&lang={language}")
        assert faults_of(page) == []
        page.get_by_role("button", name="Eve").click()
        assert faults_of(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
