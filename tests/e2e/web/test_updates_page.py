"""The page of updates in a real Chromium: a bundle is brought, planned, held, taken back; and how boxes stand is seen live."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from foleni.messages.updates import Report
from foleni.settings import HostPort
from foleni.updating.asking import BranchServer, Place
from tests.support.axe import faults_of
from tests.support.bundles import KIOSK, Workshop, check_tools
from tests.support.web import Visitor, WebBranch, signed_in

DESK: Any = {"viewport": {"width": 1366, "height": 768}}
PHONE: Any = {"viewport": {"width": 390, "height": 844}}
LOOKS = [("en", "light", DESK), ("fr", "dark", DESK), ("ar", "light", PHONE)]
DISPLAY = "foleni-display-amd64"
HEALTH = "it did not start, or its application was not healthy"


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    check_tools()
    return Workshop(tmp_path_factory.mktemp("page-bundles"))


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebBranch]:
    with WebBranch(tmp_path_factory.mktemp("updates-page")) as branch:
        yield branch


@pytest.fixture(scope="module")
def ada(branch: WebBranch) -> Visitor:
    return branch.person("ada")


@pytest.fixture(scope="module")
def session(browser: Browser, branch: WebBranch) -> Any:
    with signed_in(browser, branch, "ada") as context:
        return context.storage_state()


@contextmanager
def opened(browser: Browser, branch: WebBranch, session: Any, language: str = "en", **options: Any) -> Iterator[Page]:
    context = browser.new_context(base_url=branch.url, storage_state=session, **{**DESK, **options})
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"/admin/updates?lang={language}")
    yield page
    context.close()
    assert faults == []


def tells(branch: WebBranch, device: str, compatible: str = KIOSK, **more: Any) -> Any:
    """A box says how it stands."""
    at = HostPort.parse(branch.url.removeprefix("http://"))
    report = Report.model_validate({"compatible": compatible, "version": "0.1.0", "slot": "a", **more})
    return BranchServer(Place(at, device, branch.account(device).password, plain=True)).ask(report)


def kind(page: Page, compatible: str = KIOSK) -> Locator:
    return page.locator(f"[data-kind='{compatible}']")


def test_from_the_file_to_the_box(browser: Browser, branch: WebBranch, session: Any, workshop: Workshop, ada: Visitor) -> None:
    with opened(browser, branch, session) as page:
        expect(page.locator("#page")).to_contain_text("No box has asked for updates yet")
        page.locator("#u-file").set_input_files(workshop.bundle("0.2.0"))
        expect(page.locator(".toast")).to_contain_text("0.2.0 is here")
        tells(branch, "kiosk-1")
        expect(kind(page).locator("[data-box='kiosk-1']")).to_contain_text("Nothing planned")
        kind(page).get_by_role("button", name="Choose a version: Ticket kiosks").click()
        page.get_by_label("Now").check()
        page.get_by_role("button", name="Plan it").click()
        expect(kind(page)).to_contain_text("0.2.0, now. Chosen by Ada")
        expect(kind(page).locator("[data-box='kiosk-1']")).to_contain_text("Begins within minutes")
        plan = ada.get("/api/v1/updates").json()["kinds"][0]["plan"]["id"]
        tells(branch, "kiosk-1", step="fetching", plan=plan, percent=40)
        expect(kind(page)).to_contain_text("Fetches it: 40 %")
        tells(branch, "kiosk-1", step="installed", plan=plan, waits_for="foleni-kiosk is in use")
        expect(kind(page)).to_contain_text("Ready. It restarts as soon as nobody is served there.")
        outcome = {"plan": plan, "version": "0.2.0", "came": "rolled_back", "reason": HEALTH}
        tells(branch, "kiosk-1", outcome=outcome, other="0.0.9")
        expect(kind(page).locator(".chip.red")).to_have_text("Rolled back")
        expect(kind(page)).to_contain_text(HEALTH)
        kind(page).get_by_role("button", name="Try again").click()
        expect(kind(page)).to_contain_text("Begins within minutes")
        kind(page).get_by_role("button", name="Hold").click()
        expect(kind(page)).to_contain_text("0.2.0 is on hold")
        kind(page).get_by_role("button", name="Take it back").click()
        expect(kind(page)).to_contain_text("No update is planned.")


def test_a_file_that_is_no_bundle_is_said(browser: Browser, branch: WebBranch, session: Any) -> None:
    with opened(browser, branch, session) as page:
        page.locator("#u-file").set_input_files({"name": "x.raucb", "mimeType": "application/zip", "buffer": b"PK" * 500})
        expect(page.locator(".toast.trouble")).to_contain_text("This is no update bundle")


def test_going_back_to_an_older_version_is_asked_twice(
    browser: Browser, branch: WebBranch, session: Any, workshop: Workshop
) -> None:
    tells(branch, "tv-1", DISPLAY, version="0.3.0", other="0.2.0")
    with opened(browser, branch, session) as page:
        page.locator("#u-file").set_input_files(workshop.bundle("0.1.9", DISPLAY))
        expect(page.locator(".toast")).to_contain_text("0.1.9 is here")
        kind(page, DISPLAY).get_by_role("button", name="Choose a version").click()
        page.get_by_role("button", name="Plan it").click()
        page.get_by_role("button", name="Go back", exact=True).click()
        expect(kind(page, DISPLAY)).to_contain_text("0.1.9, at night between 02:00 and 04:00")
        kind(page, DISPLAY).get_by_role("button", name="Choose a version").click()
        page.locator("#u-version").select_option(label="Back to 0.2.0, which is still there")
        page.get_by_role("button", name="Plan it").click()
        expect(kind(page, DISPLAY)).to_contain_text("Back to 0.2.0, at night")


def test_the_hours_of_the_night_are_kept(browser: Browser, branch: WebBranch, session: Any, ada: Visitor) -> None:
    with opened(browser, branch, session) as page:
        page.get_by_label("From").fill("23:30")
        page.get_by_label("To", exact=True).fill("01:15")
        page.get_by_role("button", name="Save").click()
        expect(page.locator(".toast")).to_contain_text("Saved.")
        assert ada.get("/api/v1/updates").json()["window"] == {"begins": "23:30", "ends": "01:15"}


@pytest.mark.variants(1)
@pytest.mark.parametrize(
    ("language", "scheme", "window"), [("en", "light", DESK), ("fr", "dark", DESK), ("ar", "light", PHONE)]
)
def test_axe_finds_no_fault_and_nothing_is_cut_off(
    browser: Browser, branch: WebBranch, session: Any, language: str, scheme: Any, window: Any
) -> None:
    tells(branch, "kiosk-1", other="0.0.9")
    with opened(browser, branch, session, language, color_scheme=scheme, **window) as page:
        expect(kind(page)).to_be_visible()
        assert faults_of(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        kind(page).get_by_role("button").first.click()
        expect(page.locator("dialog[open]")).to_be_visible()
        assert faults_of(page) == []
