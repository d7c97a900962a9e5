"""An administrator lets boxes in with a real Chromium: the code is typed, the box is looked at, and it is a device."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from foleni.link.link import State
from tests.support.axe import faults_of
from tests.support.joining import Box, JoiningBranch, asking, joined, linked
from tests.support.waiting import until
from tests.support.web import Visitor, signed_in

DESK: ViewportSize = {"width": 1366, "height": 768}
PHONE: ViewportSize = {"width": 360, "height": 740}
_signed_in: dict[str, Any] = {}

pytestmark = pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JoiningBranch]:
    with JoiningBranch(tmp_path_factory.mktemp("joining-page")) as branch:
        yield branch


@pytest.fixture(scope="module")
def ada(branch: JoiningBranch) -> Visitor:
    return branch.person("ada")


@contextmanager
def opened(browser: Browser, branch: JoiningBranch, path: str = "/admin/devices/join", **options: Any) -> Iterator[Page]:
    """A page of the administration; whatever its scripts complain of fails the test. A PIN is slow to check, on purpose: one
    sign-in serves all pages.
    """
    more: dict[str, Any] = {"viewport": DESK, "locale": "en", "ignore_https_errors": True, **options}
    if branch.url not in _signed_in:
        with signed_in(browser, branch, "ada", ignore_https_errors=True) as first:
            _signed_in[branch.url] = first.storage_state()
    context = browser.new_context(base_url=branch.url, storage_state=_signed_in[branch.url], **more)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(path)
    yield page
    context.close()
    assert faults == []


def typed(page: Page, code: str) -> None:
    """Types a code as somebody reads it out."""
    page.get_by_label("The six digits on the box").fill(f"{code[:3]} {code[3:]}")
    page.get_by_role("button", name="Continue").click()


def test_a_kiosk_is_let_in_from_the_notice_to_its_first_connection(browser: Browser, branch: JoiningBranch) -> None:
    with opened(browser, branch, "/admin") as page, asking(branch.box("kiosk", "ACME T100")) as box:
        expect(page.get_by_text("1 box asks to join this branch.")).to_be_visible()
        page.goto("/admin/devices")
        expect(page.get_by_role("status").filter(has_text="1 box asks to join this branch.")).to_be_visible()
        page.get_by_role("link", name="Look at it").click()
        expect(page.locator(f"[data-request='{box.request}']")).to_contain_text("ACME T100")
        assert box.shows not in page.content()
        typed(page, box.shows)
        expect(page.get_by_role("heading", name="Is this the box before you?")).to_be_focused()
        expect(page.locator("p.join-code")).to_have_text(f"{box.shows[:3]} {box.shows[3:]}")
        page.get_by_label("Id", exact=True).fill("kiosk-door")
        page.get_by_label("English").fill("Main door")
        page.get_by_role("button", name="Approve").click()
        expect(page.get_by_role("heading", name="Main door is approved")).to_be_focused()
        granted = box.granted()
        with linked(box.mqtt(granted)) as link:
            until(lambda: link.state is State.UP)
        page.get_by_role("link", name="To the devices").click()
        expect(page.locator(".device[data-id='kiosk-door']")).to_contain_text("Main door")


def test_the_code_of_the_boxs_picture_is_there_and_still_has_to_be_approved(browser: Browser, branch: JoiningBranch) -> None:
    with asking(branch.box("counter")) as box, opened(browser, branch, f"/admin/devices/join?code={box.shows}") as page:
        expect(page.get_by_label("The six digits on the box")).to_have_value(f"{box.shows[:3]} {box.shows[3:]}")
        page.keyboard.press("Enter")
        page.get_by_label("Id", exact=True).fill("pad-3")
        page.get_by_role("button", name="Approve").click()
        expect(page.get_by_text("A counter unit needs its counter.")).to_be_visible()
        assert box.ask().status_code == 202
        page.get_by_label("Counter", exact=True).select_option("c3")
        page.get_by_role("button", name="Approve").click()
        expect(page.get_by_role("heading", name="pad-3 is approved")).to_be_visible()
        assert box.granted().device == "pad-3"


def test_a_broken_display_is_replaced_with_one_choice(browser: Browser, branch: JoiningBranch, ada: Visitor) -> None:
    old = joined(ada, branch.box("display", "old"), "hall", name={"en": "Hall"})
    with asking(branch.box("display", "new")) as box, opened(browser, branch) as page:
        typed(page, box.shows)
        place = page.get_by_label("This box is")
        expect(place.locator("option", has_text="Hall")).to_have_count(1)
        place.select_option("hall")
        expect(page.get_by_label("Id", exact=True)).to_be_hidden()
        expect(page.get_by_text("The old box is cut off at once.")).to_be_visible()
        page.get_by_role("button", name="Approve").click()
        expect(page.get_by_role("heading", name="Hall is approved")).to_be_visible()
        assert box.granted().password != old.password


def test_wrong_codes_are_counted_and_nobody_is_let_in(browser: Browser, branch: JoiningBranch) -> None:
    with asking(branch.box()) as box, opened(browser, branch) as page:
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("alert")).to_have_text("Type all six digits.")
        typed(page, "000000" if box.shows != "000000" else "111111")
        expect(page.get_by_role("alert")).to_have_text(re.compile(r"No box shows this code\. \d more"))
        typed(page, box.shows)
        expect(page.get_by_role("button", name="Approve")).to_be_visible()
        page.get_by_role("button", name="Back").click()
        page.get_by_role("button", name=re.compile("Turn away")).first.focus()
        page.locator(f"[data-refuse='{box.request}']").click()
        page.get_by_role("dialog").get_by_role("button", name="Turn away").click()
        expect(page.locator(f"[data-request='{box.request}']")).to_have_count(0)
        assert box.ask().status_code == 410


@pytest.mark.variants(2)
@pytest.mark.parametrize(("language", "size", "scheme"), [("en", DESK, "light"), ("fr", PHONE, "dark"), ("ar", PHONE, "light")])
def test_the_page_can_be_read_by_everybody_in_every_state(
    browser: Browser, branch: JoiningBranch, language: str, size: ViewportSize, scheme: str
) -> None:
    with asking(branch.box("kiosk", "ACME T100")) as box:
        path = f"/admin/devices/join?lang={language}&code={box.shows}"
        with opened(browser, branch, path, viewport=size, color_scheme=scheme) as page:
            _goes_through(page, box, f"kiosk-{language}")


def _goes_through(page: Page, box: Box, device: str) -> None:
    expect(page.locator(f"[data-request='{box.request}']")).to_be_visible()
    _is_readable(page)
    page.locator("#code").press("Enter")
    expect(page.locator("p.join-code")).to_be_visible()
    _is_readable(page)
    page.locator("input[pattern]").fill(device)
    page.locator("form .main").click()
    expect(page.locator("a.main[href='/admin/devices']")).to_be_visible()
    _is_readable(page)


def _is_readable(page: Page) -> None:
    assert faults_of(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
