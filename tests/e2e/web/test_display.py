"""The web display in a real Chromium: it shows, blinks and says what the branch calls, and says when it cannot know."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.axe import faults_of
from tests.support.waiting import PATIENCE_S, until
from tests.support.web import SETUP, WebBranch
from tests.support.web_hall import Hall, hall_of

LANGUAGES = SETUP.replace('languages = ["en", "fr", "rw"]', 'languages = ["en", "fr", "ar"]')
SIZES = [(1920, 1080), (1366, 768), (3840, 2160), (1080, 1920), (390, 844)]
ALL_INSIDE = """[...document.querySelectorAll(".row:not(.past)")].map((row) => row.getBoundingClientRect())
  .every((box) => box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight && box.height > 20)"""
FITS = "(width) => innerWidth === width && document.documentElement.scrollWidth <= innerWidth"
VOICE = """
window.said = [];
window.SpeechSynthesisUtterance = function (text) { this.text = text; };
Object.defineProperty(window, "speechSynthesis", {value: {
  getVoices: () => [{lang: "en-GB", localService: true}, {lang: "ar-SA", localService: true}],
  speak(said) { window.said.push([said.lang, said.text]); setTimeout(() => said.onend(), 0); },
  cancel() {},
}});
"""
"""A browser with an English and an Arabic voice; Debian's has none."""


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    with (
        WebBranch(tmp_path_factory.mktemp("display"), LANGUAGES, f"127.0.0.1:{_free_port()}") as branch,
        hall_of(branch) as hall,
    ):
        yield hall


@contextmanager
def display(browser: Browser, hall: Hall, query: str = "", voice: str = "", **options: Any) -> Iterator[Page]:
    """An open display that is live; whatever its scripts complain of fails the test."""
    context = browser.new_context(**{"viewport": {"width": 1366, "height": 768}, **options})
    if voice:
        context.add_init_script(voice)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{hall.branch.url}/display{query}")
    expect(page.locator(".dot")).not_to_have_class("dot lost")
    yield page
    context.close()
    assert faults == []


def test_a_call_turns_the_board_and_the_newest_is_lit(browser: Browser, hall: Hall) -> None:
    with display(browser, hall) as page:
        hall.join()
        first = hall.call("c1")["number"]
        expect(page.locator(".row.newest .number").first).to_have_text(first)
        hall.join("enquiries")
        second = hall.call("c2")["number"]
        expect(page.locator(".row.newest .number").first).to_have_text(second)
        expect(page.locator(".row:not(.past) .number").nth(2)).to_have_text(first)
        expect(page.locator(".row.newest.lit")).to_have_count(1)


def test_a_recall_is_news_again(browser: Browser, hall: Hall) -> None:
    hall.join()
    number = hall.call("c1")["number"]
    with display(browser, hall, voice=VOICE) as page:
        page.locator("#sound").click()
        expect(page.locator("#sound")).to_be_hidden()
        hall.ask("recall", counter="c1")
        spelled = " ".join(number)
        until(lambda: any(spelled in text for _, text in page.evaluate("said")), every_s=0.05)


def test_a_burst_of_calls_is_spoken_in_order_in_each_language_that_has_a_voice(browser: Browser, hall: Hall) -> None:
    with display(browser, hall, voice=VOICE) as page:
        page.locator("#sound").click()
        expect(page.locator("#sound")).to_be_hidden()
        numbers = []
        for counter, service in (("c1", "cash"), ("c2", "enquiries"), ("c3", "cards")):
            hall.join(service)
            numbers.append(hall.call(counter)["number"])
        until(lambda: len(page.evaluate("said")) >= 6, 2 * PATIENCE_S, every_s=0.05)
        said = page.evaluate("said")
        assert [language for language, _ in said] == ["en-GB", "ar-SA"] * 3
        assert [text.split(",")[0] for _, text in said[::2]] == [f"Ticket {' '.join(number)}" for number in numbers]


def test_a_mute_display_neither_speaks_nor_asks_to_be_touched(browser: Browser, hall: Hall) -> None:
    with display(browser, hall, "?mute", voice=VOICE) as page:
        hall.join()
        number = hall.call("c1")["number"]
        expect(page.locator(".row.newest .number").first).to_have_text(number)
        page.mouse.click(10, 10)
        assert page.locator("#sound").is_hidden()
        assert page.evaluate("said") == []


def test_a_display_of_one_counter_shows_only_its_calls(browser: Browser, hall: Hall) -> None:
    hall.join()
    number = hall.call("c1")["number"]
    hall.join("enquiries")
    hall.call("c2")
    with display(browser, hall, "?counter=c1") as page:
        expect(page.locator(".row:not(.past) .number").first).to_have_text(number)
        expect(page.locator(".row:not(.past)")).to_have_count(1)
        expect(page.locator(".table")).to_have_count(0)


def test_no_call_is_hidden_however_many_counters_call(browser: Browser, hall: Hall) -> None:
    services = ["cash", "enquiries", "cards"]
    for place in range(4, 13):
        hall.ask("save_counter", counter={"id": f"c{place}", "label": str(place), "services": services})
    for place in range(1, 13):
        hall.join(services[1] if place == 2 else services[0] if place == 1 else services[2])
        hall.call(f"c{place}")
    with display(browser, hall, "?mute") as page:
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            expect(page.locator(".row:not(.past)")).to_have_count(12)
            until(lambda: page.evaluate(ALL_INSIDE), every_s=0.05)
    for place in range(4, 13):
        hall.ask("complete", counter=f"c{place}")
        hall.ask("close_counter", counter=f"c{place}")
        hall.ask("remove_counter", counter=f"c{place}")


@pytest.mark.variants(2)
@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_nothing_is_cut_off_and_axe_finds_no_fault(browser: Browser, hall: Hall, language: str) -> None:
    hall.ask("announce", text={"en": "Free transfers until Friday. Ask at Enquiries.", "ar": "تحويلات مجانية حتى الجمعة."})
    with display(browser, hall, f"?lang={language}&mute", reduced_motion="reduce") as page:
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            expect(page.locator("#wall .clock")).to_be_visible()
            page.wait_for_function(FITS, arg=width)
        assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
        assert faults_of(page) == []


def test_a_language_that_the_branch_does_not_speak_is_told_to_those_who_ask_for_it(hall: Hall) -> None:
    nobody = hall.branch.person()
    assert list(nobody.get("/display/picture").json()["words"]) == ["en", "fr", "ar"]
    words = nobody.get("/display/picture", lang="hi").json()["words"]
    assert list(words) == ["en", "fr", "ar", "hi"]
    assert words["hi"]["about"] != words["en"]["about"]


def test_a_browser_without_streams_asks_again_and_again(browser: Browser, hall: Hall) -> None:
    with display(browser, hall, voice="delete window.EventSource;") as page:
        hall.join()
        number = hall.call("c1")["number"]
        expect(page.locator(".row.newest .number").first).to_have_text(number)


def test_it_says_that_it_is_not_live_and_comes_back_by_itself(browser: Browser, hall: Hall) -> None:
    with display(browser, hall, "?mute") as page:
        hall.branch.kill()
        expect(page.locator(".dot.lost")).to_be_visible()
        expect(page.locator(".state")).to_contain_text("Not live since")
        expect(page.locator("#wall")).to_have_class("dimmed")
        expect(page.locator(".foot")).to_contain_text("Newer calls are missing here")
        hall.branch.start()
        with hall_of(hall.branch) as again:
            again.join()
            number = again.call("c1")["number"]
            expect(page.locator(".row.newest .number").first).to_have_text(number)
        expect(page.locator(".dot.lost")).to_have_count(0)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
