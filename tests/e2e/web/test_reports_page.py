"""Reports and live figures in a real Chromium."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.axe import faults_of
from tests.support.web import WebBranch, signed_in
from tests.support.web_reports import branch_with_past

LOOKS = [("en", "light", 1366), ("fr", "dark", 390), ("ar", "light", 390), ("ar", "dark", 1366), ("en", "dark", 320)]
MONTH = "from=2026-01-01&to=2026-12-31"


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebBranch]:
    with branch_with_past(tmp_path_factory.mktemp("reports-page")) as branch:
        yield branch


@contextmanager
def page_of(browser: Browser, branch: WebBranch, staff: str = "ada", width: int = 1366, theme: str = "light") -> Iterator[Page]:
    """A window in which nothing goes wrong unseen."""
    options = {"viewport": {"width": width, "height": 800}, "color_scheme": theme, "reduced_motion": "reduce"}
    context = signed_in(browser, branch, staff, **options)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    try:
        yield page
    finally:
        context.close()
    assert wrong == []


def shown(page: Page, address: str = "/reports") -> Page:
    page.goto(address)
    expect(page.locator("#report")).to_have_attribute("aria-busy", "false")
    return page


@pytest.mark.variants(1)
@pytest.mark.parametrize(("language", "theme", "width"), LOOKS)
def test_every_look_of_the_report_can_be_used_by_everybody(
    browser: Browser, branch: WebBranch, language: str, theme: str, width: int
) -> None:
    with page_of(browser, branch, width=width, theme=theme) as page:
        shown(page, f"/reports?lang={language}&compare=before")
        expect(page.locator("#report svg")).to_have_count(4)
        for more in page.locator("#report details").all():
            more.evaluate("one => one.open = true")
        assert faults_of(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.variants(2)
@pytest.mark.parametrize(("language", "theme", "width"), LOOKS)
def test_every_look_of_the_live_figures_can_be_used_by_everybody(
    browser: Browser, branch: WebBranch, language: str, theme: str, width: int
) -> None:
    with page_of(browser, branch, width=width, theme=theme) as page:
        page.goto(f"/reports/live?lang={language}")
        expect(page.locator("#counters tr")).to_have_count(3)
        assert faults_of(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_address_always_says_what_is_shown(browser: Browser, branch: WebBranch) -> None:
    with page_of(browser, branch) as page:
        shown(page)
        issued = page.locator(".big .figure").first.inner_text()
        page.get_by_label("Service", exact=True).select_option("cash")
        page.wait_for_url("**service=cash**")
        expect(page.locator(".big .figure").first).not_to_have_text(issued)
        fewer = page.locator(".big .figure").first.inner_text()
        page.reload()
        expect(page.get_by_label("Service", exact=True)).to_have_value("cash")
        expect(page.locator(".big .figure").first).to_have_text(fewer)
        page.get_by_role("button", name="Today").click()
        expect(page.get_by_role("button", name="Today")).to_have_attribute("aria-pressed", "true")


def test_a_time_without_tickets_says_so(browser: Browser, branch: WebBranch) -> None:
    with page_of(browser, branch) as page:
        shown(page, "/reports?from=2020-01-01&to=2020-01-31")
        expect(page.locator("#report")).to_contain_text("No tickets in this time.")
        assert faults_of(page) == []


def test_days_in_the_wrong_order_are_refused_and_nothing_shown_is_lost(browser: Browser, branch: WebBranch) -> None:
    context = signed_in(browser, branch, "ada")
    page = shown(context.new_page())
    page.get_by_label("To", exact=True).fill("2020-01-01")
    expect(page.locator("#asked-fault")).to_have_text("The first day is after the last one.")
    expect(page.locator("#report svg").first).to_be_visible()
    context.close()


def test_keys_alone_are_enough(browser: Browser, branch: WebBranch) -> None:
    with page_of(browser, branch) as page:
        shown(page)
        page.get_by_role("button", name="30 days").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="30 days")).to_have_attribute("aria-pressed", "true")
        expect(page.locator("#report")).to_have_attribute("aria-busy", "false")
        page.locator("summary").first.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("table").first).to_be_visible()


def test_a_report_is_taken_away(browser: Browser, branch: WebBranch) -> None:
    with page_of(browser, branch, "max") as page:
        shown(page)
        for name, suffix in (("PDF", "pdf"), ("XLSX", "xlsx"), ("Tickets as CSV", "csv"), ("Services as CSV", "csv")):
            with page.expect_download() as download:
                page.get_by_role("link", name=name, exact=True).click()
            assert download.value.suggested_filename.endswith(f".{suffix}")
            assert download.value.path().stat().st_size > 100


def test_a_manager_can_only_choose_what_is_theirs(browser: Browser, branch: WebBranch) -> None:
    with page_of(browser, branch, "max") as page:
        shown(page)
        assert page.locator("#f-service option").all_inner_texts() == ["All services", "Cash"]
        assert set(page.locator("#f-counter option").all_inner_texts()) == {"All counters", "1", "3"}


def test_the_live_figures_follow_the_hall(browser: Browser, branch: WebBranch) -> None:
    with page_of(browser, branch) as page:
        page.goto("/reports/live")
        row = page.locator("#services tr", has_text="Cards")
        expect(row.locator("td").nth(1)).to_have_text("0")
        ada = branch.person("ada")
        assert ada.post("/api/v1/tickets", {"service": "cards", "channel": "staff"}).ok
        expect(row.locator("td").nth(1)).to_have_text("1")
        expect(row.locator("td").nth(2)).to_have_text("0 min")
        assert ada.post("/api/v1/counters/c3/open", {"staff": "ben"}).ok
        counter = page.locator("#counters tr").nth(2)
        expect(counter).to_contain_text("Ben")
        assert ada.post("/api/v1/counters/c3/call-next", {}).ok
        expect(counter).to_contain_text("D001")
        expect(row.locator("td").nth(1)).to_have_text("0")


def test_somebody_who_may_not_see_reports_is_told_so(browser: Browser, branch: WebBranch) -> None:
    context = signed_in(browser, branch, "eve")
    for address in ("/reports", "/reports/live"):
        answer = context.request.get(f"{branch.url}{address}")
        assert (answer.status, answer.json()["error"]["code"]) == (403, "not_allowed")
    context.close()
