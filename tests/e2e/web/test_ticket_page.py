"""A customer's ticket page in a real Chromium, on a phone."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.axe import faults_of
from tests.support.client import Json
from tests.support.waiting import until
from tests.support.web import WebBranch
from tests.support.web_hall import Hall, hall_of

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SMALL: dict[str, Any] = {"viewport": {"width": 320, "height": 568}}
BUZZER = """
window.buzzes = [];
Object.defineProperty(navigator, "vibrate", {value: (form) => { window.buzzes.push(form); return true; }});
"""
"""A phone that notes when it shakes."""


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    with WebBranch(tmp_path_factory.mktemp("pages")) as branch, hall_of(branch) as hall:
        yield hall


@contextmanager
def phone(browser: Browser, hall: Hall, ticket: Json, lang: str = "en", script: str = "", **options: Any) -> Iterator[Page]:
    """The ticket's page on a phone; whatever its scripts complain of fails the test."""
    context = browser.new_context(**{**PHONE, **options})
    if script:
        context.add_init_script(script)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(hall.page_of(ticket, lang=lang))
    yield page
    context.close()
    assert faults == []


def test_the_whole_visit_on_one_page(browser: Browser, hall: Hall) -> None:
    ahead, ticket = hall.join(), hall.join()
    with phone(browser, hall, ticket, script=BUZZER) as page:
        expect(page.locator(".tile").first).to_contain_text("1 person ahead")
        assert hall.call("c1")["number"] == ahead["number"]
        expect(page.locator(".sentence")).to_have_text("You are next. Please stay near.")
        assert hall.call("c1")["number"] == ticket["number"]
        expect(page.locator("body")).to_have_class("called")
        expect(page.locator(".counter")).to_have_text("1")
        until(lambda: page.evaluate("buzzes.length === 1"), every_s=0.05)
        until(lambda: page.title().startswith("\u25cf"), every_s=0.05)
        hall.ask("recall", counter="c1")
        until(lambda: page.evaluate("buzzes.length === 2"), every_s=0.05)
        hall.ask("start", counter="c1")
        expect(page.locator(".sentence")).to_have_text("You are served at counter 1.")
        hall.ask("complete", counter="c1")
        expect(page.locator(".sentence")).to_have_text("Thank you for your visit.")
        page.locator("#star-4").check()
        page.locator("#text").fill("Quick")
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_role("button", name="Change my answer")).to_be_visible()
        expect(page.locator("#text")).to_have_value("Quick")


def test_a_place_is_given_up_only_after_a_question(browser: Browser, hall: Hall) -> None:
    ticket = hall.join()
    with phone(browser, hall, ticket) as page:
        page.get_by_role("link", name="Give up my place").click()
        expect(page.get_by_role("heading", name="Give up your place?")).to_be_focused()
        page.get_by_role("link", name="No, keep it").click()
        expect(page.locator("#sure")).to_be_hidden()
        page.get_by_role("link", name="Give up my place").click()
        page.get_by_role("button", name="Yes, give it up").click()
        expect(page.locator(".sentence")).to_have_text("This place was given up.")


def test_the_question_stays_open_while_the_queue_moves(browser: Browser, hall: Hall) -> None:
    hall.join("enquiries")
    ticket = hall.join("enquiries")
    with phone(browser, hall, ticket) as page:
        page.get_by_role("link", name="Give up my place").click()
        hall.call("c2")
        expect(page.locator(".sentence")).to_have_text("You are next. Please stay near.")
        expect(page.locator("#sure")).to_be_visible()


def test_stars_are_chosen_by_keyboard_alone(browser: Browser, hall: Hall) -> None:
    with phone(browser, hall, hall.served()) as page:
        page.locator("#star-1").focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        expect(page.locator(".star.lit")).to_have_count(3)
        page.keyboard.press("Tab")
        page.keyboard.type("Fine")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Change my answer")).to_be_visible()
        expect(page.locator("#star-3")).to_be_checked()


def test_words_are_not_lost_when_they_cannot_be_sent(browser: Browser, hall: Hall) -> None:
    with phone(browser, hall, hall.served()) as page:
        page.locator("#text").fill("Long words")
        page.get_by_role("button", name="Send").click()
        expect(page.locator("#fault")).to_have_text("Please choose one to five stars.")
        page.locator("#star-5").check()
        page.context.set_offline(True)
        page.get_by_role("button", name="Send").click()
        expect(page.locator("#fault")).to_have_text("This could not be sent. Please try again.")
        page.context.set_offline(False)
        expect(page.locator("#text")).to_have_value("Long words")
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_role("button", name="Change my answer")).to_be_visible()


def test_the_page_works_without_any_script(browser: Browser, hall: Hall) -> None:
    served, waiting = hall.served(), hall.join()
    with phone(browser, hall, served, java_script_enabled=False) as page:
        page.locator("#star-5").check()
        page.locator("#text").fill("No script")
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_role("button", name="Change my answer")).to_be_visible()
        page.goto(hall.page_of(waiting))
        page.get_by_role("link", name="Give up my place").click()
        page.get_by_role("button", name="Yes, give it up").click()
        expect(page.locator(".sentence")).to_have_text("This place was given up.")


@pytest.mark.variants(3)
@pytest.mark.parametrize(
    ("lang", "scheme"), [("en", "light"), ("fr", "light"), ("rw", "light"), ("ar", "dark"), ("hi", "dark")]
)
def test_every_state_is_clean_for_axe_and_fits_a_small_phone(browser: Browser, hall: Hall, lang: str, scheme: str) -> None:
    done, waiting, called = hall.served(), hall.join("cards"), hall.join()
    hall.call("c1", called)
    with phone(browser, hall, waiting, lang, color_scheme=scheme, **SMALL) as page:
        for ticket in (waiting, called, done, {"token": "AAAAAAAAAAAAAAAAAAAA"}):
            page.goto(hall.page_of(ticket, lang=lang))
            until(lambda: page.evaluate("document.documentElement.scrollWidth <= innerWidth"), every_s=0.05)
            assert faults_of(page) == []
    hall.ask("complete", counter="c1")
