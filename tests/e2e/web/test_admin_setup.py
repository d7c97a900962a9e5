"""The administration in a real browser: forms, faults, stale saves, keys, languages, and no barrier."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.axe import faults_of
from tests.support.web import SETUP, WebBranch, signed_in

PAGES = ("", "/branch", "/services", "/counters", "/priorities", "/texts", "/move")


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebBranch]:
    with WebBranch(tmp_path_factory.mktemp("admin"), SETUP) as branch:
        yield branch


@pytest.fixture(scope="module")
def ada(browser: Browser, branch: WebBranch) -> Iterator[BrowserContext]:
    with signed_in(browser, branch, "ada", locale="en", viewport={"width": 1366, "height": 768}) as context:
        yield context


@pytest.fixture
def page(ada: BrowserContext) -> Iterator[Page]:
    page = ada.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    page.close()
    assert faults == []


def shown(page: Page, kind: str, thing: str) -> Any:
    setup = page.request.get("/api/v1/setup").json()
    return next(one["value"] for one in setup[kind] if one["value"]["id"] == thing)


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()


def saved(page: Page) -> None:
    expect(page.get_by_text("Saved.").last).to_be_visible()


def test_a_service_is_added_from_its_name_and_a_customer_can_take_it(page: Page) -> None:
    page.goto("/admin/services#new")
    page.get_by_label("English").fill("Loans & credit")
    page.get_by_label("Usual service time").fill("7.5")
    save(page)
    saved(page)
    row = page.locator("tr[data-id=loans-credit]")
    expect(row).to_contain_text("open")
    assert shown(page, "service", "loans-credit")["prefix"] == "C", "the first letter that is free"
    assert shown(page, "service", "loans-credit")["service_time_s"] == 450


def test_all_faults_stand_at_their_fields_and_nothing_typed_is_lost(page: Page) -> None:
    page.goto("/admin/services#new")
    page.get_by_label("Prefix of its numbers").fill("a")
    page.get_by_label("Usual service time").fill("soon")
    save(page)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("alert")).to_contain_text("2 entries need a look")
    assert dialog.locator(".fault:visible").all_inner_texts() == [
        "Write a name, in one language at least.",
        "Write a number.",
    ]
    expect(page.get_by_label("English")).to_be_focused()
    expect(page.get_by_label("Usual service time")).to_have_value("soon")
    page.get_by_label("English").fill("Another")
    page.get_by_label("Usual service time").fill("5")
    save(page)
    expect(dialog.locator(".fault:visible")).to_have_text(["Cash has this prefix."])


def test_a_save_of_what_somebody_else_changed_keeps_both(page: Page, branch: WebBranch) -> None:
    page.goto("/admin/priorities#vip")
    page.get_by_label("English").fill("Guest")
    other = branch.person("ada")
    value = shown(page, "priority", "vip")
    theirs = other.post("/api/v1/setup/priority/vip", {"value": {**value, "credit_min": 75}}, method="PUT")
    assert theirs.status_code == 200
    save(page)
    note = page.get_by_role("dialog").get_by_role("alert")
    expect(note).to_contain_text("Ada changed this in the meantime.")
    expect(note).to_contain_text("Credit: taken over")
    expect(page.get_by_label("English")).to_have_value("Guest")
    save(page)
    saved(page)
    both = shown(page, "priority", "vip")
    assert (both["name"]["en"], both["credit_min"]) == ("Guest", 75)


def test_a_sheet_with_words_in_it_is_not_left_by_accident(page: Page) -> None:
    page.goto("/admin/counters#c2")
    page.get_by_label("Label").fill("Two")
    page.keyboard.press("Escape")
    asked = page.get_by_role("dialog", name="Leave without saving?")
    asked.get_by_role("button", name="Cancel").click()
    expect(page.get_by_label("Label")).to_have_value("Two")
    page.keyboard.press("Escape")
    asked.get_by_role("button", name="Leave").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert shown(page, "counter", "c2")["label"] == "2"


def test_the_services_of_a_counter_are_ordered_by_keys_alone(page: Page) -> None:
    page.goto("/admin/counters")
    page.get_by_role("button", name="Change Counter 1").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Move Enquiries up").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".ordered-row .grow").first).to_have_text("Enquiries")
    expect(page.get_by_role("button", name="Take Enquiries off")).to_be_visible()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator(".ordered-row .grow").first).to_have_text("Cash")
    page.keyboard.press("Alt+ArrowUp")
    page.get_by_label("By shares").press("Space")
    page.locator("[name='weights.enquiries']").fill("3")
    page.locator("[name='weights.enquiries']").press("Enter")
    saved(page)
    counter = shown(page, "counter", "c1")
    assert (counter["services"], counter["weights"]) == (["enquiries", "cash"], {"enquiries": 3, "cash": 1})
    expect(page.get_by_role("button", name="Change Counter 1")).to_be_focused()


def test_the_services_of_a_counter_are_ordered_by_drag(page: Page) -> None:
    page.goto("/admin/counters#c3")
    rows = page.locator(".ordered-row")
    rows.nth(1).drag_to(rows.nth(0))
    expect(rows.nth(0)).to_contain_text("Cash")
    save(page)
    saved(page)
    assert shown(page, "counter", "c3")["services"] == ["cash", "cards"]


def test_hours_are_written_copied_and_said_in_words(page: Page) -> None:
    page.goto("/admin/branch")
    expect(page.locator("form > .note").first).to_have_text("No hours are set: services open and close by hand.")
    page.get_by_label("Services open and close by themselves").check()
    page.get_by_role("textbox", name="Monday: from").fill("730")
    page.get_by_role("textbox", name="Monday: until").fill("24:00")
    page.get_by_role("button", name="Copy Monday to other days").click()
    for day in ("Saturday", "Sunday"):
        page.get_by_role("checkbox", name=day).check()
    page.get_by_role("button", name="Copy", exact=True).click()
    page.get_by_role("button", name="Add a closure").click()
    page.get_by_label("First day").fill("2030-12-25")
    page.get_by_role("dialog").get_by_label("English").fill("Christmas")
    page.get_by_role("button", name="Done").click()
    expect(page.locator("form > .note").first).to_have_text(
        re.compile(r"Open today until 24:00\.|Closed now\. Opens at 07:30\.")
    )
    save(page)
    saved(page)
    branch = page.request.get("/api/v1/setup").json()["branch"]["value"]
    assert set(map(tuple, branch["hours"]["week"].values())) == {("07:30-24:00",)}
    assert len(branch["hours"]["week"]) == 7
    assert branch["closures"] == [{"day": "2030-12-25", "until": None, "name": {"en": "Christmas"}}]


WEEK = {"week": {day: ["08:00-12:30", "13:30-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}}
HOLIDAYS = [
    {"day": "2026-12-25", "until": None, "name": {"en": "Christmas"}},
    {"day": "2026-12-28", "until": "2027-01-03", "name": {}},
]


SAID: list[tuple[Any, str, str, str]] = [
    (WEEK, "Africa/Kigali", "2026-11-23T07:00:00Z", "Open today until 12:30."),
    (WEEK, "Africa/Kigali", "2026-11-23T10:30:00Z", "Closed now. Opens at 13:30."),
    (WEEK, "Africa/Kigali", "2026-11-23T15:00:00Z", "Closed now. Opens tomorrow at 08:00."),
    (WEEK, "Africa/Kigali", "2026-11-20T15:00:00Z", "Closed now. Opens on Monday at 08:00."),
    (WEEK, "America/New_York", "2026-03-09T11:59:00Z", "Closed now. Opens at 08:00."),
    (WEEK, "America/New_York", "2026-03-09T12:00:00Z", "Open today until 12:30."),
    (WEEK, "UTC", "2026-12-25T10:00:00Z", "Closed today: Christmas. Opens on Monday, January 4 at 08:00."),
    (WEEK, "UTC", "2026-12-28T10:00:00Z", "Closed today: closure. Opens on Monday, January 4 at 08:00."),
    ({"week": {"sun": ["00:00-24:00"]}}, "UTC", "2026-11-22T23:59:00Z", "Open today until 24:00."),
    ({"week": {}}, "UTC", "2026-11-22T12:00:00Z", "Closed now. No day of the week has hours."),
    (None, "UTC", "2026-11-22T12:00:00Z", "No hours are set: services open and close by hand."),
]


def test_opening_hours_are_said_in_words(page: Page) -> None:
    page.goto("/admin/move")
    asked = """async ([said, closures]) => { const { opening } = await import("/static/admin/opening.js");
        return said.map(([hours, zone, instant]) => opening(hours, closures, zone, instant, (name) => name.en).text); }"""
    assert page.evaluate(asked, [[case[:3] for case in SAID], HOLIDAYS]) == [words for *_, words in SAID]


def test_hours_that_cannot_be_are_refused_at_the_hours(page: Page) -> None:
    page.goto("/admin/services#cards")
    page.get_by_label("This service has hours of its own").check()
    page.get_by_role("textbox", name="Tuesday: from").first.fill("18:00")
    page.get_by_role("textbox", name="Tuesday: until").first.fill("9")
    save(page)
    expect(page.get_by_role("dialog").locator(".fault:visible")).to_contain_text("one after the other")


def test_hours_that_close_the_hall_at_once_are_asked_about(page: Page) -> None:
    page.goto("/admin/branch")
    page.get_by_role("button", name="Add a closure").click()
    page.get_by_label("First day").fill("2020-01-01")
    page.get_by_label("Last day (empty: only one)").fill("2099-12-31")
    page.get_by_role("button", name="Done").click()
    save(page)
    asked = page.get_by_role("dialog", name="Save these changes?")
    expect(asked).to_contain_text("Enquiries")
    expect(asked).to_contain_text("Those who wait keep their places.")
    asked.get_by_role("button", name="Cancel").click()
    assert len(page.request.get("/api/v1/setup").json()["branch"]["value"]["closures"]) < 2


def test_closing_a_service_asks_and_says_what_will_happen(page: Page) -> None:
    page.goto("/admin/services")
    page.get_by_role("button", name="Close: Cards").click()
    dialog = page.get_by_role("dialog", name="Close Cards?")
    expect(dialog).to_contain_text("It takes no new customers")
    dialog.get_by_role("button", name="Close").click()
    expect(page.locator("tr[data-id=cards]")).to_contain_text("closed")
    page.get_by_role("button", name="Open: Cards").click()
    expect(page.locator("tr[data-id=cards]")).to_contain_text("open")


def test_missing_texts_are_marked_and_written_in_one_table(page: Page) -> None:
    page.goto("/admin/texts")
    expect(page.locator("[data-gaps=fr]")).to_contain_text("missing")
    page.get_by_label("Only what is missing somewhere").check()
    page.get_by_label("Priority class Appointment: Français").fill("Rendez-vous")
    page.get_by_label("Priority class Appointment: Kinyarwanda").fill("Gahunda")
    save(page)
    saved(page)
    assert shown(page, "priority", "appointment")["name"]["fr"] == "Rendez-vous"
    expect(page.get_by_label("Priority class Appointment: Français")).to_have_count(0)


def test_an_exported_file_is_changed_shown_and_applied(page: Page, tmp_path: Path) -> None:
    page.goto("/admin/move")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the setup").click()
    file = tmp_path / "setup.toml"
    download.value.save_as(file)
    page.get_by_label("A setup file").set_input_files(file)
    expect(page.locator("#shown")).to_contain_text("Nothing would change")
    file.write_text(file.read_text().replace('organization = "Demo Bank"', 'organization = "Lake Bank"'))
    page.get_by_label("A setup file").set_input_files([])
    page.get_by_label("A setup file").set_input_files(file)
    expect(page.locator("#shown")).to_contain_text("Organization: Demo Bank → Lake Bank")
    page.get_by_role("button", name="Apply 1 change").click()
    page.get_by_role("dialog").get_by_role("button", name="Apply").click()
    expect(page.locator("#done")).to_have_text("1 change is done.")
    page.get_by_label("or its text").fill("[branch]\nid = 3")
    page.get_by_role("button", name="Show the changes").click()
    expect(page.get_by_role("alert").last).to_contain_text("This file cannot be taken over. Nothing was changed.")


@pytest.mark.variants(3)
@pytest.mark.parametrize("path", PAGES)
def test_no_page_has_a_barrier(page: Page, path: str) -> None:
    page.goto(f"/admin{path}")
    expect(page.locator("#page > *").first).to_be_visible()
    assert faults_of(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366


@pytest.mark.parametrize("sheet", ["/services#cash", "/counters#c1", "/priorities#vip"])
def test_no_sheet_has_a_barrier(page: Page, sheet: str) -> None:
    page.goto(f"/admin{sheet}")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert faults_of(page) == []


@pytest.mark.variants(3)
@pytest.mark.parametrize("path", PAGES)
def test_every_page_fits_a_phone_in_the_dark_and_reads_from_right_to_left(page: Page, path: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/admin{path}?lang=ar&theme=dark")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.locator("#page > *").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert faults_of(page) == []
