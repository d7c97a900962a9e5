"""The pages of devices, hall displays and paper tickets in a real Chromium, with a real kiosk and its printer behind them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from foleni.settings import MqttUrl
from foleni.topics import Topics
from kiosk.pages import Attract, Key, Sign
from tests.support.axe import faults_of
from tests.support.peer import Peer
from tests.support.waiting import until
from tests.support.web import Visitor, signed_in
from tests.support.web_devices import DeviceHall, device_hall

TOPICS = Topics("main-street")


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeviceHall]:
    with device_hall(tmp_path_factory.mktemp("device-pages")) as hall:
        yield hall


@pytest.fixture(scope="module")
def ada(hall: DeviceHall) -> Visitor:
    return hall.branch.person("ada")


@contextmanager
def opened(browser: Browser, hall: DeviceHall, part: str, who: str = "ada", **options: Any) -> Iterator[Page]:
    """A page of the administration; whatever its scripts complain of fails the test."""
    context = signed_in(browser, hall.branch, who, **{"viewport": {"width": 1366, "height": 768}, "locale": "en", **options})
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"/admin/{part}")
    yield page
    context.close()
    assert faults == []


def device(page: Page, name: str) -> Any:
    return page.locator(f".device[data-id='{name}']")


def test_the_list_follows_the_devices(browser: Browser, hall: DeviceHall) -> None:
    with opened(browser, hall, "devices") as page:
        kiosk = device(page, "kiosk-1")
        expect(kiosk).to_contain_text("Connected")
        expect(kiosk).to_contain_text("Printer ready")
        expect(device(page, "tv-1")).to_contain_text("Never connected yet")
        expect(device(page, "tv-1").get_by_role("button", name="Restart")).to_be_disabled()
        hall.printer.cover(is_open=True)
        expect(kiosk.locator(".chip.red")).to_have_text("Printer is open")
        hall.printer.cover(is_open=False)
        expect(kiosk).to_contain_text("Printer ready")


def test_a_kiosk_prints_a_test_and_shows_its_name_at_a_press(browser: Browser, hall: DeviceHall) -> None:
    had = len(hall.papers())
    with opened(browser, hall, "devices") as page:
        device(page, "kiosk-1").get_by_role("button", name="Test ticket").click()
        expect(page.locator("#toasts")).to_contain_text("kiosk-1: The test ticket is printed.")
        assert "TEST" not in " ".join(hall.printed(had)), "the number is a picture"
        device(page, "kiosk-1").get_by_role("button", name="Show its name").click()
        expect(page.locator("#toasts")).to_contain_text("It shows its name for 15 seconds.")
    assert hall.kiosk.sees(Sign).name == "kiosk-1"
    hall.tap(Key.DONE, Attract)


def test_a_device_is_added_and_told_how_to_connect_then_cut_off(browser: Browser, hall: DeviceHall) -> None:
    account = hall.branch.data / "devices" / "pad-2.toml"
    with opened(browser, hall, "devices") as page:
        page.get_by_role("button", name="Add a device").click()
        page.get_by_label("Kind").select_option("counter")
        expect(page.get_by_label("Id", exact=True)).to_have_value("pad-2")
        page.get_by_role("button", name="Save").click()
        expect(page.locator("dialog .fault:visible")).to_have_text("A counter unit needs its counter.")
        page.get_by_label("Counter", exact=True).select_option("c2")
        page.locator("dialog input[data-language='en']").fill("Loans desk")
        page.get_by_role("button", name="Save").click()
        expect(page.locator("dialog")).to_contain_text(str(account))
        expect(page.locator("dialog")).to_contain_text("foleni-counter --branch main-street --device pad-2")
        until(account.exists)
        page.get_by_role("button", name="Done").click()
        expect(device(page, "pad-2").get_by_role("heading")).to_have_text("Loans desk")
        page.get_by_role("button", name="Change Loans desk").click()
        page.locator("dialog").get_by_role("button", name="Cut off").click()
        expect(page.locator("dialog.sheet")).to_contain_text("thrown out")
        page.locator("dialog.sheet").get_by_role("button", name="Cut off").click()
        expect(device(page, "pad-2")).to_have_count(0)
    until(lambda: not account.exists())


def test_a_change_that_somebody_else_was_faster_with_is_refused_and_nothing_typed_is_lost(
    browser: Browser, hall: DeviceHall, ada: Visitor
) -> None:
    with opened(browser, hall, "devices") as page:
        page.get_by_role("button", name="Change desk").click()
        name = page.locator("dialog input[data-language='en']")
        name.fill("Mine")
        known = hall.device(ada, "desk")
        other = {"value": {**known["value"], "name": {"en": "Theirs"}}, "version": known["version"]}
        assert ada.post("/api/v1/devices/desk", other, method="PUT").status_code == 200
        expect(device(page, "desk").get_by_role("heading", include_hidden=True)).to_have_text("Theirs")
        page.get_by_role("button", name="Save").click()
        expect(page.locator("dialog [role=alert]")).to_contain_text("changed this in the meantime")
        expect(name).to_have_value("Mine")
        page.get_by_role("button", name="Save").click()
        expect(device(page, "desk").get_by_role("heading")).to_have_text("Mine")


def test_a_notice_is_seen_before_it_is_on_the_boards_and_taken_down_again(
    browser: Browser, hall: DeviceHall, ada: Visitor
) -> None:
    with opened(browser, hall, "tv") as page:
        page.locator("#notice textarea[lang=en]").fill("We close at 16:00. Come back tomorrow.")
        expect(page.locator(".poster[lang=en] strong")).to_have_text("We close at 16:00.")
        expect(page.locator(".poster[lang=fr] span")).to_have_text("Come back tomorrow.")
        page.get_by_role("button", name="Show it on every board").click()
        expect(page.locator("#notice .note")).to_have_text("A notice is on every board now.")
        assert ada.get("/api/v1/board").json()["notice"] == {"en": "We close at 16:00. Come back tomorrow."}
        page.get_by_role("button", name="Take it down").click()
        page.locator("dialog").get_by_role("button", name="Take it down").click()
        expect(page.locator("#notice")).to_contain_text("There is no notice on the boards.")
        expect(page.locator("#notice textarea[lang=en]")).to_have_value("We close at 16:00. Come back tomorrow.")


def test_a_screen_is_told_its_settings_at_once(browser: Browser, hall: DeviceHall) -> None:
    url = MqttUrl.parse(hall.branch.account("tv-1").mqtt)
    with Peer(url, "watcher", TOPICS.config("tv-1")) as watcher, opened(browser, hall, "tv") as page:
        card = page.locator("section[data-id=tv-1]")
        card.get_by_label("Other languages").check()
        card.get_by_role("button", name="Kinyarwanda earlier").click()
        card.get_by_role("button", name="Without English").click()
        card.get_by_label("Sound").select_option("chime")
        card.get_by_label("Show who is next").uncheck()
        card.get_by_label("Calls before").select_option("4")
        card.locator("input[data-language=en]").fill("Free water beside counter 3.")
        card.get_by_role("button", name="Save").click()
        expect(page.locator("#toasts")).to_contain_text("Saved.")
        wanted = b'"tv":{"languages":["rw","fr"],"sound":"chime","next_numbers":false,"recent":4,'
        until(lambda: any(wanted in message.payload for message in watcher.messages))


def test_the_paper_is_seen_while_its_words_are_typed_and_tried_before_it_is_saved(
    browser: Browser, hall: DeviceHall, ada: Visitor
) -> None:
    had = len(hall.papers())
    with opened(browser, hall, "tickets") as page:
        drawn = "() => [...document.querySelectorAll('.papers img')].every((one) => one.naturalHeight > 0)"
        expect(page.locator(".papers img")).to_have_count(10)
        page.wait_for_function(drawn)
        tall = "() => document.querySelector(\".papers img[data-language='fr'][data-dots='384']\").naturalHeight"
        before = page.evaluate(tall)
        page.get_by_role("group", name="At the end").get_by_label("Français").fill("Fermé le dimanche\nMerci")
        page.wait_for_function(f"() => ({tall})() > {before} + 40")
        page.get_by_label("Language", exact=True).select_option("fr")
        page.get_by_role("button", name="Print a test ticket").click()
        expect(page.locator("#toasts")).to_contain_text("The test ticket is printed.")
        assert "Fermé le dimanche" in " ".join(hall.printed(had))
        page.get_by_role("button", name="Save").click()
        expect(page.locator("#toasts")).to_contain_text("Saved.")
        page.reload()
        expect(page.get_by_role("group", name="At the end").get_by_label("Français")).to_have_value("Fermé le dimanche\nMerci")


def test_a_manager_sees_the_devices_and_can_touch_nothing(browser: Browser, hall: DeviceHall) -> None:
    with opened(browser, hall, "devices", "max") as page:
        expect(device(page, "kiosk-1")).to_contain_text("Connected")
        expect(page.locator("main button")).to_have_count(0)
        for part in ("tv", "tickets"):
            answer = page.context.request.get(f"/admin/{part}")
            assert answer.status == 403


@pytest.mark.variants(3)
@pytest.mark.parametrize("part", ["devices", "tv", "tickets"])
@pytest.mark.parametrize(("locale", "scheme", "width"), [("en", "light", 1366), ("ar", "dark", 390), ("fr", "dark", 1366)])
def test_everybody_can_use_the_pages(
    browser: Browser, hall: DeviceHall, part: str, locale: str, scheme: str, width: int
) -> None:
    view: dict[str, Any] = {"viewport": {"width": width, "height": 844}, "locale": locale, "color_scheme": scheme}
    with opened(browser, hall, part, **view) as page:
        page.wait_for_load_state("load")
        expect(page.locator("#page > *").first).to_be_visible()
        assert faults_of(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if part == "devices":
            page.locator("[data-change='kiosk-1']").click()
            expect(page.locator("dialog[open]")).to_be_visible()
            assert faults_of(page) == []
