"""The app on a bad network: small, installable, and honest about what it does not know."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.cloud import CloudProcess
from tests.support.phone import BRANCH, Picture, phone
from tests.support.waiting import until
from tests.support.wire import Wire

BUDGET_BYTES = 100_000
READY = "navigator.serviceWorker && navigator.serviceWorker.controller !== null"
SHELL_KEPT = "caches.keys().then((names) => names.length === 1 && caches.match('/offline').then(Boolean))"
WIDTH = "(src) => fetch(src).then((a) => a.blob()).then(createImageBitmap).then((picture) => picture.width)"
OLD_SHELL = "caches.open('foleni-of-before').then((cache) => cache.put('/old', new Response('old')))"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudProcess]:
    with CloudProcess(tmp_path_factory.mktemp("offline")) as cloud:
        yield cloud


@pytest.fixture(scope="module")
def picture(cloud: CloudProcess) -> Picture:
    return Picture(cloud)


@pytest.fixture
def wire(cloud: CloudProcess) -> Iterator[Wire]:
    with Wire(cloud.url) as wire:
        yield wire


def _installed(page: Page) -> None:
    """Waits until the service worker has the page and its shell."""
    until(lambda: page.evaluate(READY) and page.evaluate(SHELL_KEPT), every_s=0.1)


@pytest.mark.parametrize("path", ["/", f"/b/{BRANCH}?service=cash", "/t/"])
def test_the_first_visit_with_everything_that_is_kept_is_small(
    browser: Browser, picture: Picture, wire: Wire, path: str
) -> None:
    token = picture.ticket("waiting") if path == "/t/" else ""
    with phone(browser, wire.url) as page:
        page.goto(f"{path}{token}{'&' if '?' in path else '?'}lang=hi")
        _installed(page)
        assert wire.down_bytes < BUDGET_BYTES


def test_a_phone_can_install_it(browser: Browser, picture: Picture, wire: Wire) -> None:
    with phone(browser, wire.url) as page:
        page.add_init_script(OLD_SHELL)
        page.goto("/?lang=fr")
        _installed(page)
        tools = page.context.new_cdp_session(page)
        assert tools.send("Page.getAppManifest")["errors"] == []
        assert [one["errorId"] for one in tools.send("Page.getInstallabilityErrors")["installabilityErrors"]] in (
            [],
            ["in-incognito"],
        )
        manifest = page.evaluate("fetch(document.querySelector('link[rel=manifest]').href).then((answer) => answer.json())")
        assert (manifest["lang"], manifest["display"], manifest["start_url"]) == ("fr", "standalone", "/")
        assert {(icon["sizes"], icon["purpose"]) for icon in manifest["icons"]} == {
            ("192x192", "any"), ("512x512", "any"), ("192x192", "maskable"), ("512x512", "maskable"),
        }  # fmt: skip
        for icon in manifest["icons"]:
            width = page.evaluate(WIDTH, icon["src"])
            assert f"{width}x{width}" == icon["sizes"]


def test_without_a_network_the_last_known_ticket_is_shown_with_its_age(browser: Browser, picture: Picture, wire: Wire) -> None:
    token = picture.ticket("waiting", "A077")
    with phone(browser, wire.url) as page:
        page.goto(f"/t/{token}?lang=en")
        expect(page.locator("#live-text")).to_have_text("Live")
        _installed(page)
        wire.cut()
        page.reload()
        expect(page.get_by_role("alert")).to_have_text("This phone is not connected.")
        expect(page.locator("#number")).to_have_text("A077")
        expect(page.locator("#live-text")).to_contain_text("As it was at ")
        page.goto("/")
        expect(page.locator("#number")).to_have_text("A077")
        assert page.evaluate("fetch('/api/v1/branches').then(() => 'kept', () => 'away')") == "away"
        wire.mend()
        picture.change(token, status="cancelled")
        page.goto(f"/t/{token}")
        expect(page.locator("#sentence")).to_have_text("This place was given up.")


def test_without_a_network_and_a_ticket_it_says_what_would_stand_here(browser: Browser, picture: Picture, wire: Wire) -> None:
    with phone(browser, wire.url) as page:
        page.goto("/?lang=en")
        _installed(page)
        page.goto("/?lang=ar")
        until(lambda: 'dir="rtl"' in page.evaluate("caches.match('/offline').then((kept) => kept.text())"), every_s=0.1)
        wire.cut()
        page.goto("/me")
        expect(page.get_by_text("أنت غير متصل بالإنترنت.")).to_be_visible()
        wire.mend()
        page.get_by_role("button", name="حاول مرة أخرى").click()
        expect(page.get_by_role("heading", name="تذاكري")).to_be_visible()


def test_an_open_ticket_says_since_when_it_is_not_live(browser: Browser, picture: Picture, wire: Wire) -> None:
    token = picture.ticket("waiting", "A078")
    with phone(browser, wire.url) as page:
        page.goto(f"/t/{token}?lang=en")
        expect(page.locator("#live-text")).to_have_text("Live")
        wire.cut()
        expect(page.get_by_role("alert")).to_contain_text("This page is not live since ", timeout=60_000)
        expect(page.locator("#number")).to_have_text("A078")
        wire.mend()
        page.evaluate("dispatchEvent(new Event('online'))")
        expect(page.locator("#trouble")).to_be_hidden(timeout=60_000)


def test_an_open_ticket_says_how_old_the_branchs_news_are(browser: Browser, picture: Picture, wire: Wire) -> None:
    token = picture.ticket("waiting", "A079")
    picture.heard(minutes_ago=3)
    with phone(browser, wire.url) as page:
        page.goto(f"/t/{token}?lang=en")
        expect(page.locator("#live-text")).to_contain_text("Last heard from the branch ")
        page.goto(f"/b/{BRANCH}")
        expect(page.locator("#away")).to_contain_text("Last heard from the branch ")
    picture.heard(minutes_ago=-60)


def test_a_browser_without_streams_asks_again_and_again(browser: Browser, cloud: CloudProcess, picture: Picture) -> None:
    token = picture.ticket("waiting", "A080")
    with phone(browser, cloud.url) as page:
        page.add_init_script("delete window.EventSource")
        page.goto(f"/t/{token}?lang=en")
        expect(page.locator("#number")).to_have_text("A080")
        picture.change(token, status="cancelled")
        expect(page.locator("#sentence")).to_have_text("This place was given up.", timeout=60_000)
