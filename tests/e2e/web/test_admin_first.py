"""From an empty folder to the first paper: a new branch is set up by its first administrator, in the browser alone."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from foleni.sim.paper.machine import PaperPrinter
from tests.support.axe import faults_of
from tests.support.kiosk_process import KioskProcess
from tests.support.paper import whole
from tests.support.screen import Screen
from tests.support.waiting import until
from tests.support.web import WebBranch, chromium

PIN = "73914628"
_CODE = re.compile(r"one-time code of admin: (\d{6})")


class EmptyBranch(WebBranch):
    """A branch server with consoles and without a setup."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        at = self._command.index("--setup")
        del self._command[at : at + 2]

    @property
    def id(self) -> str:
        return self.ready_line.split("branch ", 1)[1].partition(",")[0]

    @property
    def codes(self) -> list[str]:
        """The one-time codes that all runs have told."""
        return _CODE.findall(self.stderr)


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmptyBranch]:
    with EmptyBranch(tmp_path_factory.mktemp("empty")) as branch:
        yield branch


@pytest.fixture(scope="module")
def page(branch: EmptyBranch) -> Iterator[Page]:
    with chromium() as browser:
        yield _window(browser, branch)


def _window(browser: Browser, branch: EmptyBranch) -> Page:
    context = browser.new_context(base_url=branch.url, viewport={"width": 1366, "height": 768}, locale="en")
    return context.new_page()


def step(page: Page, key: str, *, done: bool) -> None:
    page.goto("/admin")
    expect(page.locator(f"[data-step={key}]")).to_have_attribute("data-done", str(done).lower())


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.").last).to_be_visible()


def test_an_empty_branch_is_set_up_to_its_first_printed_ticket(branch: EmptyBranch, page: Page, tmp_path: Path) -> None:
    assert len(branch.codes) == 1, branch.stderr
    _sign_in(branch, page)
    expect(page.get_by_role("heading", name="6 steps to your first ticket")).to_be_visible()
    assert faults_of(page) == []

    page.get_by_role("link", name="Name and hours").click()
    page.get_by_role("textbox", name="English").first.fill("Lake Street")
    page.get_by_label("Time zone").fill("Africa/Kigali")
    page.get_by_label("Services open and close by themselves").check()
    for name, time in (("from", "0000"), ("until", "24:00")):
        page.get_by_role("textbox", name=f"Monday: {name}").fill(time)
    page.get_by_role("button", name="Copy Monday to other days").click()
    for day in ("Saturday", "Sunday"):
        page.get_by_role("checkbox", name=day).check()
    page.get_by_role("button", name="Copy", exact=True).click()
    save(page)
    step(page, "branch", done=True)

    page.get_by_role("link", name="Add a service").click()
    page.get_by_role("textbox", name="English").fill("Cash")
    save(page)
    step(page, "service", done=True)

    page.get_by_role("link", name="Add a counter").click()
    page.get_by_label("Label").fill("1")
    save(page)
    step(page, "counter", done=True)

    page.get_by_role("link", name="Add a kiosk").click()
    page.get_by_role("button", name=re.compile("^Add a ")).first.click()
    page.get_by_role("dialog").get_by_role("button", name="Save", exact=True).click()
    until((branch.data / "devices" / "kiosk-1.toml").exists)
    step(page, "kiosk", done=True)

    with ExitStack() as stack:
        screen = Screen((600, 1024)).start()
        stack.callback(screen.kill)
        printer = stack.enter_context(PaperPrinter(tmp_path / "paper"))
        mqtt = branch.account("kiosk-1").mqtt
        kiosk = stack.enter_context(KioskProcess(tmp_path / "kiosk", screen, mqtt, printer.url, branch=branch.id))
        kiosk.sees("Attract")
        until(lambda: printer.connections)
        button = page.locator("[data-print=kiosk-1]")
        expect(button).to_be_enabled()
        button.click()
        expect(page.get_by_text("Printed. Your branch is ready.")).to_be_visible()
        until(lambda: len(whole(printer)) == 1)
    step(page, "test", done=True)
    expect(page.get_by_role("heading", name="1 step to your first ticket")).to_be_visible()


def test_the_branch_stays_as_it_was_set_up_and_no_second_code_is_told(branch: EmptyBranch, page: Page) -> None:
    branch.restart()
    assert len(branch.codes) == 1
    visitor = branch.person()
    assert visitor.post("/api/v1/session", {"staff": "admin", "pin": PIN}).status_code == 200
    setup = visitor.get("/api/v1/setup").json()
    assert setup["branch"]["value"]["name"] == {"en": "Lake Street"}
    assert [service["value"]["prefix"] for service in setup["service"]] == ["A"]


def _sign_in(branch: EmptyBranch, page: Page) -> None:
    """The one-time code works once; then a PIN of one's own is chosen."""
    page.goto("/")
    page.get_by_role("button", name="Administrator").click()
    page.get_by_label("PIN or password").fill(branch.codes[0])
    page.get_by_role("button", name="Sign in").click()
    for field in ("#new", "#again"):
        page.locator(field).fill(PIN)
    page.locator("#new-pin [type=submit]").click()
    page.wait_for_url("**/admin")
