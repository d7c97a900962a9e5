"""The reception in a real Chromium, with a real kiosk whose printer it uses."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.axe import faults_of
from tests.support.waiting import until
from tests.support.web_console import Console, Queue, console
from tests.support.web_devices import DeviceHall, device_hall


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeviceHall]:
    with device_hall(tmp_path_factory.mktemp("reception")) as hall:
        yield hall


@pytest.fixture
def eve(browser: Browser, hall: DeviceHall) -> Iterator[Console]:
    with console(browser, hall.branch, path="/reception") as eve:
        expect(eve.page.locator(".tile")).to_have_count(2)
        yield eve


def _given(page: Page) -> str:
    """The number of the ticket that was just given."""
    number = page.locator(".given-number")
    expect(number).to_be_visible()
    expect(page.locator(".qr svg")).to_be_visible()
    return str(number.text_content())


def test_a_ticket_is_given_by_keyboard_and_shows_its_code(eve: Console, hall: DeviceHall) -> None:
    eve.page.keyboard.press("2")
    eve.page.keyboard.press("Enter")
    number = _given(eve.page)
    assert number.startswith("B")
    expect(eve.page.get_by_role("img", name=f"The code of {number}")).to_be_visible()


def test_a_ticket_is_printed_and_printed_again_as_a_copy(eve: Console, hall: DeviceHall) -> None:
    had = len(hall.papers())
    eve.page.locator(".tile").first.click()
    eve.page.get_by_label("and print it").check()
    eve.page.get_by_role("button", name="Give the ticket").click()
    number = _given(eve.page)
    eve.says(f"{number} is printed")
    paper = hall.printed(had)
    assert "Cash" in paper
    assert "Copy" not in paper
    eve.page.get_by_role("button", name="Print", exact=True).click()
    assert "Copy" in hall.printed(had + 1)


def test_what_was_typed_stays_where_a_ticket_is_refused(eve: Console, hall: DeviceHall) -> None:
    Queue(hall.branch).join(phone="+250788000444")
    eve.page.locator(".tile").first.click()
    eve.page.get_by_label("Phone").fill("+250788000444")
    eve.page.get_by_label("Name").fill("Jean")
    eve.page.get_by_role("button", name="Give the ticket").click()
    expect(eve.page.locator("#give-fault")).to_contain_text("This phone number has a ticket already")
    expect(eve.page.get_by_label("Name")).to_have_value("Jean")


def test_no_ticket_without_a_service(eve: Console) -> None:
    eve.page.get_by_role("button", name="Give the ticket").click()
    expect(eve.page.locator("#give-fault")).to_have_text("Choose a service.")


def test_an_appointment_is_booked_and_checked_in(eve: Console) -> None:
    eve.page.locator(".tile").first.click()
    eve.page.get_by_label("Name").fill("Grace")
    eve.page.get_by_label("Appointment at").fill("23:50")
    eve.page.get_by_role("button", name="Give the ticket").click()
    expect(eve.page.locator("#given")).to_contain_text("Expected at 23:50")
    number = _given(eve.page)
    expect(eve.page.locator("#upcoming")).to_contain_text("23:50")
    eve.page.get_by_role("button", name=f"Check {number} in").click()
    eve.says(f"{number} is checked in")
    expect(eve.page.locator("#upcoming li")).to_have_count(0)


def test_a_ticket_is_found_and_cancelled_after_asking(eve: Console, hall: DeviceHall) -> None:
    number = Queue(hall.branch).join()["number"]
    eve.page.get_by_role("button", name="Find").click()
    eve.sheet.get_by_role("searchbox").fill(number)
    eve.page.keyboard.press("Enter")
    eve.sheet.get_by_role("button", name="Cancel the ticket").click()
    expect(eve.sheet).to_contain_text("loses the place")
    eve.sheet.get_by_role("button", name="Cancel the ticket").click()
    eve.says(f"{number} is cancelled")


def test_only_who_looks_after_the_whole_branch_announces(browser: Browser, hall: DeviceHall, eve: Console) -> None:
    expect(eve.page.get_by_role("button", name="Announce")).to_be_hidden()
    with console(browser, hall.branch, "ada", "/reception") as ada:
        ada.page.get_by_role("button", name="Announce").click()
        ada.sheet.get_by_label("English").fill("The lift is out of order.")
        ada.sheet.get_by_role("button", name="Show it").click()
        ada.says("The displays show the notice")
        ask = Queue(hall.branch).visitor()
        until(lambda: ask.get("/api/v1/board").json()["notice"] == {"en": "The lift is out of order."}, every_s=0.05)


def test_a_console_says_what_needs_a_person(browser: Browser, hall: DeviceHall) -> None:
    with console(browser, hall.branch, path="/console?lang=fr") as eve:
        eve.sit()
        hall.printer.cover(is_open=True)
        try:
            expect(eve.page.locator("#hall")).to_contain_text("capot ouvert")
            expect(eve.page.locator("#alerts")).to_contain_text("kiosk-1", timeout=60_000)
            eve.says("kiosk-1")
        finally:
            hall.printer.cover(is_open=False)


@pytest.mark.variants(2)
@pytest.mark.parametrize(
    ("width", "height", "theme", "language"),
    [(1366, 768, "light", "en"), (1366, 768, "dark", "fr"), (390, 844, "light", "ar"), (320, 640, "dark", "en")],
)
def test_the_reception_fits_its_screen_and_is_clean(
    browser: Browser, hall: DeviceHall, width: int, height: int, theme: str, language: str
) -> None:
    size = {"width": width, "height": height}
    with console(browser, hall.branch, path=f"/reception?lang={language}", viewport=size, color_scheme=theme) as eve:
        eve.page.locator(".tile").first.click()
        eve.page.locator("#give-now").click()
        _given(eve.page)
        assert eve.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
        assert faults_of(eve.page) == []
