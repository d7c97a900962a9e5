"""The plan of the week in a real Chromium: by form, by mouse and by keys, with an undo for each."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, FloatRect, Locator, Page, expect

from tests.support.axe import faults_of
from tests.support.waiting import until
from tests.support.web import Visitor, WebBranch, signed_in

DESK: Any = {"viewport": {"width": 1366, "height": 768}}
DASH = "\u2013"
WEDNESDAY, THURSDAY = 2, 3


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebBranch]:
    with WebBranch(tmp_path_factory.mktemp("plan")) as branch:
        yield branch


@pytest.fixture(scope="module")
def ada(branch: WebBranch) -> Visitor:
    return branch.person("ada")


@pytest.fixture(scope="module")
def session(browser: Browser, branch: WebBranch) -> Any:
    """What a browser keeps of a sign-in: one for all tests, because a person's oldest of many sessions ends."""
    with signed_in(browser, branch, "ada") as context:
        return context.storage_state()


@pytest.fixture
def page(browser: Browser, branch: WebBranch, ada: Visitor, session: Any) -> Iterator[Page]:
    """Next week's plan, empty, at an office screen."""
    context = browser.new_context(base_url=branch.url, storage_state=session, **DESK)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    open_next_week(page)
    begun = date.fromisoformat(str(page.locator("td[data-day]").first.get_attribute("data-day")))
    yield page
    for day in (begun, begun + timedelta(7)):
        ids = [shift["id"] for shift in ada.get("/api/v1/shifts", day=day.isoformat()).json()["shifts"]]
        if ids:
            assert ada.post("/api/v1/shifts/remove", {"ids": ids}).status_code == 200
    context.close()
    assert faults == []


def open_next_week(page: Page) -> None:
    page.goto("/admin/shifts")
    before = page.locator("#range").inner_text()
    page.get_by_role("button", name="Week after", exact=True).click()
    expect(page.locator("#range")).not_to_have_text(before)


def shifts(ada: Visitor, page: Page) -> list[dict[str, Any]]:
    """What is planned in the week that the page shows."""
    day = page.locator("td[data-day]").first.get_attribute("data-day")
    found: list[dict[str, Any]] = ada.get("/api/v1/shifts", day=day).json()["shifts"]
    return found


def undo(page: Page, what: str) -> None:
    """Takes back what the page has just said."""
    page.locator(".toast", has_text=what).last.get_by_role("button", name="Undo").click()


def cell(page: Page, staff: str, day: int) -> Locator:
    return page.locator(f"td[data-row={staff}]").nth(day)


def plan(page: Page, staff: str, day: int, starts: str = "08:00", ends: str = "12:00", counter: str = "c1") -> Locator:
    """A shift that was planned by the form; its button."""
    cell(page, staff, day).locator(".put").click()
    page.locator("#f-counter").select_option(counter)
    page.locator("#f-starts").fill(starts)
    page.locator("#f-ends").fill(ends)
    page.get_by_role("button", name="Save").click()
    made = cell(page, staff, day).locator(".shift")
    expect(made).to_contain_text(f"{starts}{DASH}{ends}")
    page.locator(".toast", has_text="Saved.").evaluate("toast => toast.remove()")  # so that the next one is the next change's
    return made


def _place(what: Locator) -> FloatRect:
    """Where it is on the page. While the page draws its week anew, a thing that was there a moment ago is nowhere."""
    seen: list[FloatRect | None] = [None]

    def found() -> bool:
        seen[0] = what.bounding_box()
        return seen[0] is not None

    until(found, every_s=0.05)
    assert seen[0] is not None
    return seen[0]


def drag(page: Page, made: Locator, target: Locator | None = None, *, by_px: int = 0, at: float = 0.5) -> None:
    """Takes a shift at a part of its width, and drops it in a cell or so many px beside."""
    box = _place(made)
    x, y = box["x"] + box["width"] * at, box["y"] + box["height"] / 2
    aim = _place(target) if target is not None else None
    to = (aim["x"] + aim["width"] / 2, aim["y"] + 10) if aim is not None else (x + by_px, y)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move((x + to[0]) / 2, (y + to[1]) / 2)
    page.mouse.move(*to)
    page.mouse.up()


def test_a_shift_is_planned_changed_and_taken_away_by_the_form_and_each_is_undone(page: Page) -> None:
    made = plan(page, "eve", WEDNESDAY)
    made.click()
    expect(page.get_by_role("heading", name="Change a shift")).to_be_visible()
    page.locator("#f-ends").fill("13:00")
    page.get_by_role("button", name="Save").click()
    expect(made).to_contain_text(f"08:00{DASH}13:00")
    undo(page, "Saved.")
    expect(made).to_contain_text(f"08:00{DASH}12:00")
    made.click()
    page.get_by_role("button", name="Take away").click()
    expect(page.locator(".shift")).to_have_count(0)
    undo(page, "1 shift was taken away.")
    expect(made).to_contain_text(f"08:00{DASH}12:00")


def test_what_cannot_be_is_said_in_the_form_and_nothing_typed_is_lost(page: Page) -> None:
    cell(page, "eve", WEDNESDAY).locator(".put").click()
    page.locator("#f-starts").fill("12:00")
    page.locator("#f-ends").fill("08:00")
    page.locator("#f-note").fill("late bus")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#form-fault")).to_contain_text("A shift ends at least 15 minutes after it begins.")
    expect(page.locator("#f-note")).to_have_value("late bus")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".shift")).to_have_count(0)


def test_the_form_tells_of_a_conflict_before_it_is_saved(page: Page) -> None:
    plan(page, "eve", WEDNESDAY)
    cell(page, "max", WEDNESDAY).locator(".put").click()
    page.locator("#f-counter").select_option("c1")
    page.locator("#f-starts").fill("11:00")
    expect(page.locator("#form-conflicts")).to_have_text(f"Eve is also planned at this counter, 08:00{DASH}12:00.")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#conflicts")).to_contain_text("2 shifts do not fit.")
    expect(page.locator(".shift.odd")).to_have_count(2)


def test_a_shift_is_dragged_to_another_day_and_person_and_keeps_its_times(page: Page) -> None:
    made = plan(page, "eve", WEDNESDAY)
    drag(page, made, cell(page, "max", THURSDAY))
    expect(cell(page, "max", THURSDAY).locator(".shift")).to_contain_text(f"08:00{DASH}12:00")
    expect(page.locator("dialog[open]")).to_have_count(0)
    undo(page, "Max:")
    expect(cell(page, "eve", WEDNESDAY).locator(".shift")).to_have_count(1)


def test_a_shift_is_dragged_along_its_day_and_by_its_ends(page: Page, ada: Visitor) -> None:
    made = plan(page, "eve", WEDNESDAY)
    drag(page, made, by_px=30)
    until(lambda: shifts(ada, page)[0]["starts"] > "08:00", every_s=0.05)
    [moved] = shifts(ada, page)
    expect(made).to_contain_text(f"{moved['starts']}{DASH}{moved['ends']}")
    drag(page, made, by_px=30, at=0.98)
    until(lambda: shifts(ada, page)[0]["ends"] > moved["ends"], every_s=0.05)
    assert shifts(ada, page)[0]["starts"] == moved["starts"]


def test_keys_do_what_the_mouse_does(page: Page) -> None:
    made = plan(page, "eve", WEDNESDAY)
    made.focus()
    page.keyboard.press("ArrowRight")
    expect(made).to_contain_text(f"08:15{DASH}12:15")
    expect(made).to_be_focused()
    page.keyboard.press("Shift+ArrowLeft")
    expect(made).to_contain_text(f"08:15{DASH}12:00")
    page.keyboard.press("Delete")
    expect(page.locator(".shift")).to_have_count(0)


def test_a_shift_that_is_taken_away_right_after_a_key_stays_away(page: Page, ada: Visitor) -> None:
    made = plan(page, "eve", WEDNESDAY)
    page.clock.install()
    made.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Delete")
    expect(page.locator(".shift")).to_have_count(0)
    page.clock.run_for(2000)
    plan(page, "ben", THURSDAY, counter="c3")
    assert [shift["staff"] for shift in shifts(ada, page)] == ["ben"]


def test_a_form_that_is_sent_twice_plans_one_shift(page: Page, ada: Visitor) -> None:
    cell(page, "eve", WEDNESDAY).locator(".put").click()
    page.locator("#form form").evaluate("form => { form.requestSubmit(); form.requestSubmit(); }")
    expect(page.locator(".toast", has_text="Saved.")).to_have_count(2)
    assert len(shifts(ada, page)) == 1


def test_the_week_before_is_copied_after_a_question(page: Page) -> None:
    plan(page, "eve", WEDNESDAY)
    plan(page, "ben", THURSDAY, counter="c3")
    before = page.locator("#range").inner_text()
    page.get_by_role("button", name="Week after", exact=True).click()
    expect(page.locator("#range")).not_to_have_text(before)
    page.get_by_role("button", name="Copy the week before").click()
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.locator(".shift")).to_have_count(2)
    undo(page, "2 shifts were copied.")
    expect(page.locator(".shift")).to_have_count(0)
    page.get_by_role("button", name="Week before", exact=True).click()
    expect(page.locator(".shift")).to_have_count(2)


def test_two_managers_see_the_same_plan(page: Page) -> None:
    other = page.context.new_page()
    open_next_week(other)
    made = plan(page, "eve", WEDNESDAY)
    expect(cell(other, "eve", WEDNESDAY).locator(".shift")).to_have_count(1)
    made.focus()
    page.keyboard.press("ArrowRight")
    expect(cell(other, "eve", WEDNESDAY).locator(".shift")).to_contain_text("08:15")


@pytest.mark.parametrize("rows", ["By person", "By counter"])
def test_paper_shows_the_whole_week(page: Page, rows: str) -> None:
    plan(page, "eve", WEDNESDAY)
    page.get_by_role("button", name=rows).click()
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator("td.shown").first).to_be_visible()
    until(lambda: page.evaluate("document.documentElement.scrollWidth <= innerWidth"), every_s=0.05)
    page.emulate_media(media="print")
    expect(page.locator("thead th")).to_have_count(8)
    for head in page.locator("thead th").all():
        expect(head).to_be_visible()
    expect(page.locator("#add")).to_be_hidden()


@pytest.mark.variants(1)
@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("fr", "dark"), ("ar", "light")])
def test_axe_finds_no_fault(browser: Browser, branch: WebBranch, ada: Visitor, language: str, scheme: Any) -> None:
    context = signed_in(browser, branch, "ada", color_scheme=scheme, **DESK)
    page = context.new_page()
    page.goto(f"/admin/shifts?lang={language}")
    page.locator(".put").first.click()
    expect(page.locator("dialog[open]")).to_be_visible()
    assert faults_of(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert faults_of(page) == []
    context.close()
