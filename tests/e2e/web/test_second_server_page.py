"""The second server in a real Chromium: none, one that has everything, and the press that hands over to it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.axe import faults_of
from tests.support.branch import BranchProcess, run_once
from tests.support.pair import STANDBY, free_ports
from tests.support.waiting import until
from tests.support.web import SETUP, WebBranch, signed_in

_PATIENT = ("--pair-wait-ms", "15000")
_SHOTS = os.environ.get("FOLENI_SHOTS")
"""A folder for pictures of what was seen."""


class Both:
    """The two servers; the second is not started yet."""

    def __init__(self, folder: Path) -> None:
        ports = free_ports(2)
        for name in ("first", "second"):
            (folder / name).mkdir()
        setup = f'{SETUP}\n[[device]]\nid = "{STANDBY}"\nkind = "standby"\n'
        self.first = WebBranch(folder / "first", setup, arguments=("--pair", f"127.0.0.1:{ports[0]}", *_PATIENT))
        follow = ("--pair", f"127.0.0.1:{ports[1]}", "--follow", f"127.0.0.1:{ports[0]}", *_PATIENT)
        self.second = BranchProcess(folder / "second", setup, arguments=follow)

    def start_second(self) -> None:
        papers = ["--branch", "main-street", "--device", STANDBY, "--into", str(self.second.data)]
        done = run_once(["standby-papers", "--data", str(self.first.data), *papers])
        assert done.returncode == 0, done.stderr
        self.second.start()


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    pair = Both(tmp_path_factory.mktemp("both"))
    with pair.first:
        yield pair
        pair.second.kill()


@contextmanager
def _opened(browser: Browser, both: Both, **options: Any) -> Iterator[Page]:
    context = signed_in(browser, both.first, "ada", **{"viewport": {"width": 1366, "height": 768}, "locale": "en", **options})
    page = context.new_page()
    page.goto("/admin/second-server")
    yield page
    context.close()


def _seen(page: Page, name: str) -> None:
    assert faults_of(page) == []
    if _SHOTS:
        page.screenshot(path=f"{_SHOTS}/second-server-{name}.png")


def test_it_says_that_there_is_none_and_what_to_do(browser: Browser, both: Both) -> None:
    with _opened(browser, both) as page:
        expect(page.get_by_text("There is no second server.")).to_be_visible()
        expect(page.get_by_role("button", name="Hand over")).to_be_hidden()
        _seen(page, "none")
    assert both.first.person("ada").post("/api/v1/second-server/hand-over").status_code == 409
    assert both.first.person("max").get("/api/v1/second-server").status_code == 403


@pytest.mark.thorough
@pytest.mark.parametrize("language", ["fr", "ar"])
def test_it_speaks_the_consoles_languages(browser: Browser, both: Both, language: str) -> None:
    with _opened(browser, both, locale=language, viewport={"width": 390, "height": 844}) as page:
        expect(page.locator("html")).to_have_attribute("lang", language)
        _seen(page, language)


def test_a_press_hands_over_to_a_second_server_that_has_everything(browser: Browser, both: Both) -> None:
    with _opened(browser, both) as page:
        both.start_second()
        expect(page.get_by_text("The second server has everything.")).to_be_visible(timeout=60_000)
        _seen(page, "ready")
        page.get_by_role("button", name="Hand over to the second server").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("No ticket is lost")
        dialog.get_by_role("button", name="Hand over", exact=True).click()
        expect(page.get_by_text("Handing over.")).to_be_visible()
        until(lambda: "ready: branch main-street" in both.second.last_words, 60)
