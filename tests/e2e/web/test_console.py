"""A clerk's day at the console, in a real Chromium."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.support.web import WebBranch
from tests.support.web_console import Console, Queue, console


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebBranch]:
    with WebBranch(tmp_path_factory.mktemp("console")) as branch:
        yield branch


@pytest.fixture(scope="module")
def hall(branch: WebBranch) -> Queue:
    return Queue(branch)


@pytest.fixture
def queue(hall: Queue) -> Queue:
    hall.clear()
    return hall


@pytest.fixture
def eve(browser: Browser, branch: WebBranch, queue: Queue) -> Iterator[Console]:
    """Eve at counter 1, which is open."""
    with console(browser, branch) as eve:
        eve.sit()
        yield eve


def test_a_day_from_sign_in_to_sign_out(browser: Browser, branch: WebBranch, queue: Queue) -> None:
    first, second = queue.join()["number"], queue.join("enquiries", name="Jean")["number"]
    context = browser.new_context(base_url=branch.url, viewport={"width": 1366, "height": 768})
    page = context.new_page()
    eve = Console(page)
    page.goto("/console")
    page.wait_for_url("**/sign-in?next=%2Fconsole")
    context.request.post("/api/v1/session", data={"staff": "eve", "pin": "903817"}, headers={"Origin": branch.url})
    page.goto("/console")
    eve.sit()
    eve.waits(first, second)
    eve.press("Space")
    eve.holds(first)
    eve.press("r")
    expect(page.locator("#hand-state")).to_contain_text("called 2 times")
    eve.press("a")
    expect(page.locator("#hand-state")).to_contain_text("serving")
    eve.press("t")
    eve.sheet.get_by_role("button", name="Cards").click()
    eve.says(f"{first} waits for Cards now")
    eve.holds(None)
    eve.press(" ")
    eve.holds(second)
    expect(page.locator("#hand-about")).to_contain_text("Jean")
    eve.press("k")
    eve.sheet.get_by_label("What is it waiting for?").fill("copy of the ID")
    eve.press("Enter")
    eve.holds(None)
    expect(page.locator("#parked")).to_contain_text("copy of the ID")
    page.get_by_role("button", name=f"Call {second} again").click()
    eve.holds(second)
    eve.press("c")
    eve.holds(None)
    eve.press("u")
    eve.holds(second)
    eve.press("c")
    eve.holds(None)
    expect(page.locator("#me")).to_contain_text("Served1")
    page.get_by_role("button", name="Sign out").click()
    eve.sheet.get_by_role("button", name="Close the counter and sign out").click()
    page.wait_for_url("**/sign-in**")
    assert queue.state() == "closed"
    context.close()
    assert eve.faults == []


def test_the_counter_is_the_same_one_after_a_reload(eve: Console, queue: Queue) -> None:
    number = queue.join()["number"]
    eve.press("Space")
    eve.holds(number)
    eve.page.reload()
    eve.holds(number)
    expect(eve.page.locator("#seat")).to_have_text("Counter 1")


def test_a_double_click_calls_one_customer(eve: Console, queue: Queue) -> None:
    first, second = queue.join()["number"], queue.join()["number"]
    eve.waits(first, second)
    eve.page.locator("#call-next").dblclick()
    eve.holds(first)
    eve.waits(second)


def test_a_key_that_is_held_down_calls_one_customer(eve: Console, queue: Queue) -> None:
    first, second = queue.join()["number"], queue.join()["number"]
    eve.waits(first, second)
    for _ in range(5):  # a key that is down comes again and again
        eve.page.keyboard.down("Space")
    eve.page.keyboard.up("Space")
    eve.holds(first)
    eve.waits(second)


def test_space_still_calls_after_a_click_on_another_button(eve: Console, queue: Queue) -> None:
    first, second = queue.join()["number"], queue.join()["number"]
    eve.waits(first, second)
    eve.press("Space")
    eve.holds(first)
    eve.page.get_by_role("button", name="Recall").click()
    expect(eve.page.locator("#hand-state")).to_contain_text("called 2 times")
    eve.press("Space")
    eve.holds(second)


def test_keys_do_nothing_while_somebody_types(eve: Console, queue: Queue) -> None:
    number = queue.join()["number"]
    eve.press("Space")
    eve.holds(number)
    eve.press("e")
    eve.sheet.get_by_role("textbox").type("scan c s n")
    eve.sheet.get_by_role("button", name="Save the note").click()
    expect(eve.page.locator(".hand-note")).to_have_text("scan c s n")
    assert queue.in_hand() == number


def test_not_here_puts_back_and_no_show_ends_it_and_both_can_be_taken_back(eve: Console, queue: Queue) -> None:
    first = queue.join()["number"]
    for key in "sn":
        eve.press("Space")
        eve.holds(first)
        eve.press(key)
        eve.holds(None)
        eve.page.locator("#undo button").click()
        eve.holds(first)
        eve.press("s")
        eve.holds(None)


def test_undo_after_the_next_call_brings_the_former_back(eve: Console, queue: Queue) -> None:
    first, second = queue.join()["number"], queue.join()["number"]
    eve.press("Space")
    eve.holds(first)
    eve.press("Space")
    eve.holds(second)
    expect(eve.page.locator("#undo-words")).to_contain_text(f"{first} completed")
    eve.press("u")
    eve.holds(first)
    eve.waits(second)


def test_undo_says_what_is_in_its_way(eve: Console, queue: Queue) -> None:
    first, second = queue.join()["number"], queue.join()["number"]
    eve.press("Space")
    eve.holds(first)
    eve.press("Space")
    eve.holds(second)
    eve.press("a")
    expect(eve.page.locator("#hand-state")).to_contain_text("serving")
    eve.press("u")
    eve.says(f"{second} is in hand. Park it, then {first} can come back.")


def test_a_walk_in_is_served_at_once_without_paper(eve: Console) -> None:
    eve.press("w")
    eve.press("2")
    eve.sheet.get_by_text("Name, phone, language").click()
    eve.sheet.get_by_label("Name", exact=True).fill("Grace")
    eve.sheet.get_by_role("button", name="Serve at once").click()
    expect(eve.page.locator("#hand-about")).to_contain_text("Grace")
    expect(eve.page.locator("#hand-about")).to_contain_text("Enquiries")


def test_a_walk_in_with_a_bad_phone_number_is_refused_in_words_and_keeps_what_was_typed(eve: Console) -> None:
    eve.press("w")
    eve.sheet.get_by_text("Name, phone, language").click()
    eve.sheet.get_by_label("Phone").fill("12")
    eve.sheet.get_by_role("button", name="Add to the queue").click()
    expect(eve.sheet.get_by_role("alert")).to_contain_text("+250788123456")
    expect(eve.sheet.get_by_label("Phone")).to_have_value("12")
    eve.press("Escape")
    expect(eve.sheet).to_have_count(0)


def test_the_second_ticket_of_a_phone_number_is_refused_with_the_first(eve: Console, queue: Queue) -> None:
    first = queue.join(phone="+250788000111")["number"]
    eve.press("w")
    eve.sheet.get_by_text("Name, phone, language").click()
    eve.sheet.get_by_label("Phone").fill("+250 788 000 111")
    eve.sheet.get_by_role("button", name="Add to the queue").click()
    expect(eve.sheet.get_by_role("alert")).to_contain_text(first)


def test_a_break_ends_with_the_same_clerk(eve: Console, queue: Queue) -> None:
    eve.press("p")
    eve.press("2")
    expect(eve.page.locator("#desk")).to_have_attribute("data-state", "break")
    assert queue.state() == "break"
    eve.press("p")
    expect(eve.page.locator("#desk")).to_have_attribute("data-state", "open")
    eve.page.reload()
    expect(eve.page.locator("#seat")).to_have_text("Counter 1")


def test_a_ticket_is_found_by_its_number_and_says_who_goes_before_it(eve: Console, queue: Queue) -> None:
    normal, credited = queue.join()["number"], queue.join(priority="priority")["number"]
    eve.waits(credited, normal)
    eve.press("/")
    eve.sheet.get_by_role("searchbox").fill(normal.lower())
    eve.press("Enter")
    expect(eve.sheet).to_contain_text("1 ticket goes before it")
    expect(eve.sheet).to_contain_text(f"{credited} joined later")
    eve.press("Escape")


def test_a_ticket_is_found_by_its_phone_and_its_priority_changed(eve: Console, queue: Queue) -> None:
    other, number = queue.join()["number"], queue.join(phone="+250788000222")["number"]
    eve.press("f")
    eve.sheet.get_by_role("searchbox").fill("0788000222")
    eve.sheet.get_by_role("button", name=number).click()
    eve.sheet.get_by_role("button", name="Priority").click()
    eve.sheet.get_by_role("button", name="VIP").click()
    eve.waits(number, other)


def test_a_call_by_hand_asks_before_it_completes_another(eve: Console, queue: Queue) -> None:
    first, second, third = (queue.join()["number"] for _ in range(3))
    eve.press("Space")
    eve.holds(first)
    eve.page.get_by_role("button", name=f"Call {third}").click()
    expect(eve.sheet).to_contain_text(f"{first} is in hand and would be completed")
    eve.sheet.get_by_role("button", name=f"Call {third}").click()
    eve.holds(third)
    eve.waits(second)
    expect(eve.page.locator("#why")).to_contain_text("Picked by hand")


def test_looking_before_calling_shows_the_next_and_passes_over(eve: Console, queue: Queue) -> None:
    first, second = queue.join()["number"], queue.join()["number"]
    eve.waits(first, second)
    eve.page.get_by_label("Look before calling").check()
    eve.press("Space")
    expect(eve.page.locator("#offer")).to_contain_text(first)
    assert queue.in_hand() is None
    eve.press("x")
    expect(eve.page.locator("#offer")).to_contain_text(second)
    eve.press("Space")
    eve.holds(second)
    eve.waits(first)
    expect(eve.page.locator("#offer")).to_be_hidden()


def test_an_appointment_is_checked_in_from_the_console(eve: Console, queue: Queue) -> None:
    booked = queue.join(channel="appointment", appointment="2099-01-01T10:00:00Z", name="Marie")["number"]
    expect(eve.page.locator("#upcoming")).to_contain_text("Marie")
    eve.page.get_by_role("button", name=f"Check {booked} in").click()
    eve.waits(booked)


def test_a_ticket_is_handed_to_a_colleague(eve: Console, queue: Queue) -> None:
    queue.ask("/counters/c3/open", {"staff": "ben"})
    number = queue.join()["number"]
    eve.press("Space")
    eve.holds(number)
    eve.press("t")
    eve.sheet.get_by_role("button", name="Ben · Counter 3").click()
    eve.holds(None)
    assert queue.in_hand("c3") == number


def test_a_closed_counter_must_have_an_empty_hand(eve: Console, queue: Queue) -> None:
    number = queue.join()["number"]
    eve.press("Space")
    eve.holds(number)
    eve.page.get_by_role("button", name="Close", exact=True).click()
    eve.sheet.get_by_role("button", name="Close the counter").click()
    eve.says("There is a ticket in hand. Complete, transfer or park it first.")
    eve.press("c")
    eve.holds(None)
    eve.page.get_by_role("button", name="Close", exact=True).click()
    eve.sheet.get_by_role("button", name="Close the counter").click()
    expect(eve.page.locator("#choose")).to_be_visible()


def test_another_clerks_counter_is_not_offered(browser: Browser, branch: WebBranch, queue: Queue) -> None:
    queue.ask("/counters/c1/open", {"staff": "max"})
    with console(browser, branch) as eve:
        seat = eve.page.locator(".seat", has_text="Max sits there")
        expect(seat).to_have_attribute("aria-disabled", "true")
        seat.click(force=True)
        eve.says("Max sits there")


def test_the_whole_work_goes_by_keyboard_alone(browser: Browser, branch: WebBranch, queue: Queue) -> None:
    number = queue.join()["number"]
    with console(browser, branch) as eve:
        expect(eve.page.locator(".seat").first).to_be_visible()
        for _ in range(20):
            eve.press("Tab")
            if eve.page.evaluate("document.activeElement.classList.contains('seat')"):
                break
        eve.press("Enter")
        expect(eve.page.locator("#desk[data-state=open]")).to_be_visible()
        eve.press("Space")
        eve.holds(number)
        eve.press("t")
        eve.press("2")
        eve.says(f"{number} waits for Cards now")
        eve.holds(None)
