"""Two consoles at one counter, and a branch that dies in the middle of the work."""

import socket
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.support.web import WebBranch
from tests.support.web_console import Queue, console


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebBranch]:
    """It has the same address after each start, as an appliance has."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    with WebBranch(tmp_path_factory.mktemp("away"), http=address) as branch:
        yield branch


def test_two_consoles_at_one_counter_never_disagree(browser: Browser, branch: WebBranch) -> None:
    queue = Queue(branch)
    queue.clear()
    numbers = [queue.join()["number"] for _ in range(6)]
    with console(browser, branch) as one, console(browser, branch) as other:
        one.sit()
        other.page.reload()
        expect(other.page.locator("#desk[data-state=open]")).to_be_visible()
        for number, presses in zip(numbers, [one, other] * 3, strict=True):
            presses.press("Space")
            one.holds(number)
            other.holds(number)
        other.press("r")
        expect(one.page.locator("#hand-state")).to_contain_text("called 2 times")
        one.press("c")
        other.holds(None)
        other.press("u")
        one.holds(numbers[-1])
        one.press("p")
        one.press("1")
        expect(other.page.locator("#desk")).to_have_attribute("data-state", "break")


def test_two_hands_that_press_at_once_see_what_the_branch_made_of_it(browser: Browser, branch: WebBranch) -> None:
    queue = Queue(branch)
    queue.clear()
    for _ in range(4):
        queue.join()
    with console(browser, branch) as one, console(browser, branch) as other:
        one.sit()
        other.page.reload()
        expect(other.page.locator("#desk[data-state=open]")).to_be_visible()
        for presses in (one, other, one, other):
            presses.page.keyboard.press("Space")
        for console_ in (one, other):
            console_.rests()
        held = queue.in_hand()
        assert held is not None
        one.holds(held)
        other.holds(held)


def test_a_branch_that_is_killed_comes_back_with_the_same_hand_and_a_note_half_written(
    browser: Browser, branch: WebBranch
) -> None:
    queue = Queue(branch)
    queue.clear()
    number = queue.join()["number"]
    with console(browser, branch) as eve:
        eve.sit()
        eve.press("Space")
        eve.holds(number)
        eve.press("e")
        note = eve.sheet.get_by_role("textbox")
        note.fill("brings the deed on Monday")
        branch.kill()
        expect(eve.page.locator("#trouble")).to_contain_text("comes back by itself")
        eve.sheet.get_by_role("button", name="Save the note").click()
        expect(eve.sheet.get_by_role("alert")).to_contain_text("Nothing was done; please try again")
        expect(note).to_have_value("brings the deed on Monday")
        branch.start()
        expect(eve.page.locator("#trouble")).to_be_hidden()
        eve.holds(number)
        expect(note).to_have_value("brings the deed on Monday")
        eve.sheet.get_by_role("button", name="Save the note").click()
        expect(eve.page.locator(".hand-note")).to_have_text("brings the deed on Monday")
        expect(eve.sheet).to_have_count(0)


def test_a_press_while_the_branch_is_away_is_refused_in_words_and_not_done_later(browser: Browser, branch: WebBranch) -> None:
    queue = Queue(branch)
    queue.clear()
    first, second = queue.join()["number"], queue.join()["number"]
    with console(browser, branch) as eve:
        eve.sit()
        eve.press("Space")
        eve.holds(first)
        branch.kill()
        expect(eve.page.locator("#trouble")).to_be_visible()
        eve.press("Space")
        eve.says("Nothing was done")
        branch.start()
        expect(eve.page.locator("#trouble")).to_be_hidden()
        eve.waits(second)
        assert Queue(branch).in_hand() == first


def test_a_half_written_note_is_there_again_after_the_sheet_was_left(browser: Browser, branch: WebBranch) -> None:
    queue = Queue(branch)
    queue.clear()
    number = queue.join()["number"]
    with console(browser, branch) as eve:
        eve.sit()
        eve.press("Space")
        eve.holds(number)
        eve.press("e")
        eve.sheet.get_by_role("textbox").fill("half a word")
        eve.press("Escape")
        eve.page.reload()
        eve.holds(number)
        eve.press("e")
        expect(eve.sheet.get_by_role("textbox")).to_have_value("half a word")
