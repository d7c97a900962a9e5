"""An administrator's page of webhooks, by a real browser."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.api import Receiver
from tests.support.axe import faults_of
from tests.support.web import WebBranch, signed_in


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebBranch]:
    with WebBranch(tmp_path_factory.mktemp("hooks-page")) as running:
        yield running


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with Receiver() as listening:
        yield listening


def opened(browser: Browser, branch: WebBranch, path: str = "/admin/hooks", scheme: str = "light", width: int = 1366) -> Page:
    window = {"width": width, "height": 768}
    page = signed_in(browser, branch, "ada", viewport=window, color_scheme=scheme).new_page()
    page.goto(path)
    return page


def test_a_webhook_is_made_tested_changed_and_removed_by_keyboard(
    browser: Browser, branch: WebBranch, receiver: Receiver
) -> None:
    page = opened(browser, branch)
    expect(page.get_by_text("No webhooks yet")).to_be_visible()
    page.get_by_role("button", name="New webhook").press("Enter")
    page.keyboard.type("nowhere")
    page.keyboard.press("Enter")
    expect(page.get_by_text("This address cannot be used")).to_be_visible()
    page.get_by_label("Address").fill(receiver.url)
    page.keyboard.press("Enter")
    expect(page.locator("#secret")).to_have_text(re.compile("^whsec_"))
    page.get_by_role("button", name="I have kept it").press("Enter")
    page.get_by_role("button", name="Send a test").press("Enter")
    expect(page.get_by_text("delivered")).to_be_visible()
    assert receiver.wait_for(1)[0].event["type"] == "test"
    page.get_by_role("button", name="Change").press("Enter")
    page.get_by_label("Active").press("Space")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_text("Off", exact=True)).to_be_visible()
    page.get_by_role("button", name="Remove").press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Remove").press("Enter")
    expect(page.get_by_text("No webhooks yet")).to_be_visible()
    page.context.close()


@pytest.mark.variants(1)
@pytest.mark.parametrize(("language", "scheme", "width"), [("en", "light", 1366), ("fr", "dark", 390), ("ar", "light", 390)])
def test_the_page_has_no_barrier_and_fits(
    browser: Browser, branch: WebBranch, receiver: Receiver, language: str, scheme: str, width: int
) -> None:
    hook = branch.person("ada").post("/api/v1/hooks", {"url": f"{receiver.url}/{language}"}).json()["id"]
    page = opened(browser, branch, f"/admin/hooks?lang={language}", scheme, width)
    for do in ("log", "test"):
        page.locator(f"[data-do={do}][data-hook='{hook}']").click()
    expect(page.locator("table .chip").first).to_be_visible()
    expect(page.locator("table .chip.amber")).to_have_count(0)
    assert faults_of(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("#new-hook").click()
    page.locator("#hook-all").uncheck()
    assert faults_of(page) == []
    page.context.close()
    branch.person("ada").post(f"/api/v1/hooks/{hook}", method="DELETE")


def test_the_description_is_drawn_without_anything_from_outside(browser: Browser, branch: WebBranch) -> None:
    page = signed_in(browser, branch, "ada").new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto("/api/docs")
    expect(page.locator("#operations-tickets-join")).to_be_visible()
    assert all(url.startswith((branch.url, "data:")) for url in asked)
    assert complaints == []
    page.context.close()
