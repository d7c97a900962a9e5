"""The console's pages and sheets on every screen: nothing clipped, nothing that a screen reader or a keyboard cannot use."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.support.axe import faults_of
from tests.support.waiting import until
from tests.support.web import SETUP, WebBranch
from tests.support.web_console import Console, Queue, console

WITH_REASONS = SETUP.replace(
    'remote_issuer = "R"',
    'remote_issuer = "R"\nwait_target_min = 1\noutcomes = ["Solved", "Comes again"]\npark_reasons = ["copy of the ID"]',
)
SCREENS = [
    (1366, 768, "light", "en"), (1366, 768, "dark", "ar"), (1024, 768, "dark", "fr"), (390, 844, "light", "fr"),
    (390, 844, "dark", "ar"), (320, 640, "light", "en"), (320, 640, "dark", "fr"),
]  # fmt: skip
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SHEETS = {
    "w": "Walk-in",
    "t": "Transfer",
    "k": "Park",
    "e": "Note for",
    "i": "Priority of",
    "y": "Ticket",
    "f": "Find",
    "p": "Break",
}


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebBranch]:
    """Eve sits at counter 1 with a ticket in hand; others wait, one is parked, one is expected."""
    with WebBranch(tmp_path_factory.mktemp("looks"), WITH_REASONS) as branch:
        queue = Queue(branch)
        queue.ask("/counters/c1/open", {"staff": "eve"})
        queue.join("enquiries")
        queue.ask("/counters/c1/call-next")
        queue.ask("/counters/c1/park", {"reason": "copy of the ID"})
        queue.join(name="Jean Bosco", language="fr", priority="vip", phone="+250788000333")
        queue.ask("/counters/c1/call-next")
        for priority in ("normal", "priority", "normal", "normal"):
            queue.join(priority=priority, name="Marie-Antoinette Uwimana Mukamana")
        queue.join(channel="appointment", appointment="2099-01-01T10:00:00Z", name="Grace")
        yield branch


@pytest.mark.variants(2)
@pytest.mark.parametrize(("width", "height", "theme", "language"), SCREENS)
def test_the_console_fits_its_screen_and_is_clean(
    browser: Browser, branch: WebBranch, width: int, height: int, theme: str, language: str
) -> None:
    size = {"width": width, "height": height}
    with console(browser, branch, path=f"/console?lang={language}", viewport=size, color_scheme=theme) as eve:
        expect(eve.number).to_have_text("A001")
        expect(eve.page.locator("#waiting tr")).to_have_count(4)
        until(lambda: eve.page.evaluate(SIDEWAYS) <= 0, every_s=0.05)
        assert eve.page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
        until(lambda: _ends_at(eve) <= height, every_s=0.05)
        assert faults_of(eve.page) == []


def test_the_small_window_has_the_number_the_button_four_keys_and_the_count_without_scrolling(
    browser: Browser, branch: WebBranch
) -> None:
    with console(browser, branch, viewport={"width": 320, "height": 640}) as eve:
        expect(eve.number).to_be_visible()
        expect(eve.page.locator("#queue-count")).to_have_text("4 waiting")
        expect(eve.page.locator("#keys button:visible")).to_have_text(["RecallR", "CompleteC", "Not hereS", "No-showN"])
        until(lambda: eve.page.evaluate("document.documentElement.scrollHeight <= innerHeight"), every_s=0.05)
        eve.page.get_by_role("button", name="Show all").click()
        expect(eve.page.locator("#waiting")).to_be_visible()
        until(lambda: eve.page.evaluate(SIDEWAYS) <= 0, every_s=0.05)
        assert faults_of(eve.page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_sheet_is_clean_and_ends_with_escape(browser: Browser, branch: WebBranch, theme: str) -> None:
    with console(browser, branch, color_scheme=theme) as eve:
        expect(eve.number).to_have_text("A001")
        for key, title in SHEETS.items():
            eve.press(key)
            expect(eve.sheet.get_by_role("heading", level=2)).to_contain_text(title)
            assert faults_of(eve.page) == [], title
            eve.press("Escape")
            expect(eve.sheet).to_have_count(0)


@pytest.mark.parametrize(("theme", "language"), [("light", "en"), ("dark", "ar")])
def test_the_choice_of_a_counter_is_clean(browser: Browser, branch: WebBranch, theme: str, language: str) -> None:
    with console(browser, branch, "ada", f"/console?lang={language}", color_scheme=theme) as ada:
        expect(ada.page.locator(".seat")).to_have_count(3)
        assert faults_of(ada.page) == []


def test_long_waits_have_a_sign_beside_their_colour(browser: Browser, branch: WebBranch) -> None:
    with console(browser, branch) as eve:
        expect(eve.number).to_have_text("A001")
        eve.page.clock.install()
        eve.page.clock.fast_forward("03:00")
        chip = eve.page.locator("#waiting .chip.wait").first
        expect(chip).to_have_class("chip wait red")
        expect(chip).to_contain_text("waiting too long")


def test_outcomes_of_the_branch_are_asked_for_at_the_end_and_undo_takes_them_back(browser: Browser, branch: WebBranch) -> None:
    with console(browser, branch) as eve:
        eve.holds("A001")
        eve.press("c")
        _choose(eve, "1")
        eve.holds(None)
        eve.press("u")
        eve.holds("A001")


def _ends_at(eve: Console) -> float:
    """How far down the big button reaches; a redraw may move it a moment later."""
    box = eve.page.locator("#call-next").bounding_box()
    return float("inf") if box is None else box["y"] + box["height"]


def _choose(eve: Console, digit: str) -> None:
    expect(eve.sheet).to_be_visible()
    eve.page.keyboard.press(digit)
