"""The page of backups in a real Chromium; the test is the service manager that waits for the console's word."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from branch_server.keeping import commands
from branch_server.keeping.keys import kept_recipients
from branch_server.keeping.opening import open_newest, read_identities, source_of
from branch_server.keeping.status import is_wanted
from tests.support.axe import faults_of
from tests.support.dashboard import described_in, figures_of
from tests.support.waiting import until
from tests.support.web import WebBranch, signed_in

PICTURES = os.environ.get("FOLENI_PICTURES")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("second-disk")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, place: Path) -> Path:
    path = tmp_path_factory.mktemp("settings") / "branch.toml"
    path.write_text(
        f'[[backup]]\nname = "second-disk"\nto = "{place}"\nsame_disk = true\n\n'
        f'[[backup]]\nname = "head-office"\nto = "{place / "nowhere"}"\n'
    )
    return path


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory, settings: Path) -> Iterator[WebBranch]:
    with WebBranch(tmp_path_factory.mktemp("backups-page"), arguments=("--config", str(settings))) as running:
        yield running


@contextmanager
def opened(browser: Browser, branch: WebBranch, **options: Any) -> Iterator[Page]:
    """The page; whatever its script complains of fails the test."""
    context = signed_in(browser, branch, "ada", **{"viewport": {"width": 1366, "height": 768}, "locale": "en", **options})
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto("/admin/backups")
    yield page
    context.close()
    assert faults == []


def picture(page: Page, name: str) -> None:
    """Kept for people to look at, where a folder for pictures is named."""
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/backups-{name}.png", full_page=True)


def test_from_no_key_to_a_good_backup(browser: Browser, branch: WebBranch, settings: Path, place: Path, tmp_path: Path) -> None:
    with opened(browser, branch) as page:
        expect(page.get_by_role("button", name="Back up now")).to_be_disabled()
        expect(page.locator("#page")).to_contain_text("There is no backup yet.")
        expect(page.locator("#page")).to_contain_text("head-office")
        picture(page, "first")
        page.get_by_role("button", name="Make the key").dblclick()
        expect(page.locator("#key-text")).to_have_text(re.compile(r"^AGE-SECRET-KEY-1[0-9A-Z]{58}$"))
        page.wait_for_load_state("networkidle")
        assert len(kept_recipients(branch.data)) == 1, "who presses twice has one key"
        secret = page.locator("#key-text").inner_text()
        picture(page, "key")
        assert faults_of(page) == []
        expect(page.get_by_role("button", name="Done")).to_be_disabled()
        page.get_by_label("I have it on paper").check()
        page.get_by_role("button", name="Done").click()
        assert secret not in page.content()
        page.get_by_role("button", name="Back up now").click()
        until(lambda: is_wanted(branch.data))
        expect(page.locator("#page")).to_contain_text("A backup was asked for.")
        assert commands.back_up(["--config", str(settings), "--data", str(branch.data)]) == 1
        expect(page.locator("#page")).to_contain_text("Last good backup: today")
        row = page.locator("tr", has_text="second-disk")
        expect(row.locator(".chip")).to_have_text("Good")
        expect(page.locator("tr", has_text="head-office").locator(".chip")).to_have_text("Failed")
        expect(page.locator("#page")).to_contain_text("It is not plugged in, or not there.")
        assert faults_of(page) == []
        picture(page, "good")
    (tmp_path / "key").write_text(secret)
    (tmp_path / "opened").mkdir()
    open_newest(source_of(str(place), ()), read_identities(tmp_path / "key"), tmp_path / "opened", print)


def test_a_place_that_fails_is_an_alert_in_the_consoles_until_it_works(branch: WebBranch, settings: Path, place: Path) -> None:
    raised = 'foleni_alert{alert="backup:head-office"} 1.0'
    somebody = branch.person()
    commands.back_up(["--config", str(settings), "--data", str(branch.data)])
    until(lambda: raised in somebody.get("/metrics").text, every_s=0.2)
    assert 'foleni_backup_good_seconds{target="second-disk"}' in somebody.get("/metrics").text
    (place / "nowhere").mkdir()
    mended = settings.with_name("mended.toml")
    mended.write_text(settings.read_text() + "same_disk = true\n")
    assert commands.back_up(["--config", str(mended), "--data", str(branch.data)]) == 0
    until(lambda: raised not in somebody.get("/metrics").text, every_s=0.2)


@pytest.mark.variants(1)
@pytest.mark.parametrize(("language", "words"), [("fr", "Dernière bonne sauvegarde"), ("ar", "آخر نسخة احتياطية جيدة")])
def test_it_speaks_the_languages_of_the_consoles(browser: Browser, branch: WebBranch, language: str, words: str) -> None:
    with opened(browser, branch, locale=language, viewport={"width": 390, "height": 844}) as page:
        page.goto(f"/admin/backups?lang={language}")
        expect(page.locator("#page")).to_contain_text(words)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert faults_of(page) == []
        picture(page, language)


def test_only_administrators_see_it(branch: WebBranch) -> None:
    for who in ("max", "eve"):
        person = branch.person(who)
        assert person.get("/api/v1/backups").status_code == 403
        assert person.post("/api/v1/backups").status_code == 403
        assert person.post("/api/v1/backups/key").status_code == 403
    assert branch.person().get("/api/v1/backups").status_code == 401


def test_metrics_tell_what_the_dashboard_asks_for(branch: WebBranch) -> None:
    text = branch.person().get("/metrics").text
    assert figures_of("foleni-branch") - described_in(text) == set()
