"""The phone's pages in every state and language: they fit, they are clean, and scripts say what the server says."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.axe import faults_of
from tests.support.cloud import CloudProcess
from tests.support.phone import BRANCH, Picture, phone
from tests.support.waiting import until

LANGUAGES = ("en", "fr", "rw", "ar", "hi", "pt", "sw")
SIDEWAYS = "document.documentElement.scrollWidth - innerWidth"
SMALL_TARGETS = """() => [...document.querySelectorAll("a, button, input, select, textarea")]
    .filter((one) => one.offsetParent && !one.closest(".star") && !one.closest("p.lead, .skip"))
    .filter((one) => (one.closest("label.tick") || one).getBoundingClientRect().height < 47.5)
    .map((one) => one.outerHTML.slice(0, 120))"""
SHIFTS = """
window.shifted = 0;
const seen = new PerformanceObserver((list) => list.getEntries().forEach((one) => { shifted += one.value; }));
seen.observe({type: "layout-shift", buffered: true});
"""
DRAWN = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
DIFFERENT = """async (tokens) => {
    const parts = ["service", "number", "where", "live", "tiles", "sentence", "detail"], found = [];
    const told = (root) => parts.map((id) => root.getElementById(id)).map((one) =>
        [one.id, one.hidden, one.hidden ? "" : one.textContent.replace(/\\s+/g, " ").trim(), one.className]);
    for (const token of tokens) {
        const answer = await fetch("/t/" + token + "?lang=" + foleni.language);
        const root = new DOMParser().parseFromString(await answer.text(), "text/html");
        const given = JSON.parse(root.getElementById("ticket").textContent);
        const face = foleni.faceOf(given.view, given.names, Date.now()), is = (id) => !root.getElementById(id).hidden;
        foleni.drawFace(face);
        const served = [told(root), root.body.className, root.title];
        served.push(...["check-in", "give-up", "rate", "again", "leaving"].map(is));
        const acts = [face.canCheckIn, face.canCancel, face.canRate, face.isOver, face.mayLeave].map(Boolean);
        const mine = [told(document), document.body.className, face.title, ...acts];
        if (JSON.stringify(served) !== JSON.stringify(mine)) { found.push([served, mine]); }
    }
    return found;
}"""


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[CloudProcess, dict[str, str]]]:
    """A cloud, and a ticket in each state."""
    with CloudProcess(tmp_path_factory.mktemp("looks")) as cloud:
        picture = Picture(cloud)
        called = {"counter": "c1", "calls": 1, "called_at": 1_790_000_000_000_000}
        yield (
            cloud,
            {
                "waiting": picture.ticket("waiting", "A041"),
                "parting": picture.ticket("waiting", "A099"),
                "next": picture.ticket("waiting", "B001", service="enquiries", checked_in_at=1, skips=1),
                "provisional": picture.ticket("waiting", "AR01", provisional=True),
                "appointment": picture.ticket("waiting", "AB1042", appointment=1_790_000_000_000_000, service="cards"),
                "today": picture.ticket("waiting", "D001", appointment=time.time_ns() // 1000 + 1_000_000, service="cards"),
                "asked": picture.ticket("asked", None),
                "called": picture.ticket("called", "A040", **called),
                "serving": picture.ticket("serving", "A039", **called),
                "parked": picture.ticket("parked", "A038"),
                "completed": picture.ticket("completed", "A037", stars=4),
                "no_show": picture.ticket("no_show", "A036"),
                "cancelled": picture.ticket("cancelled", "A035"),
                "given_up": picture.ticket("waiting", "A034", cancel_wanted=True),
                "expired": picture.ticket("expired", "A033"),
                "refused": picture.ticket("refused", None),
            },
        )


def _check(page: Page) -> None:
    until(lambda: page.evaluate(SIDEWAYS) <= 0, every_s=0.05)
    assert faults_of(page) == []
    assert page.evaluate(SMALL_TARGETS) == []


@pytest.mark.variants(1)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_page_is_clean_and_made_for_thumbs(
    browser: Browser, picture: tuple[CloudProcess, dict[str, str]], language: str
) -> None:
    cloud, tickets = picture
    with phone(browser, cloud.url, service_workers="block") as page:
        pages = [
            "/",
            "/?q=nowhere",
            f"/b/{BRANCH}",
            f"/b/{BRANCH}?service=cash",
            f"/b/{BRANCH}?service=cards",
            "/me",
            "/offline",
        ]
        states = ("waiting", "called", "completed", "refused") if language == "en" else ("waiting", "completed")
        for path in (*(pages if language == "en" else pages[3:6]), *(f"/t/{tickets[one]}" for one in states)):
            page.goto(f"{path}{'&' if '?' in path else '?'}lang={language}")
            assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
            _check(page)
        page.goto(f"/t/{tickets['waiting']}?ask=cancel&lang={language}")
        expect(page.locator("#cancel")).to_be_visible()
        _check(page)


@pytest.mark.variants(2)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_fits_the_smallest_phone_and_scripts_say_what_the_server_says(
    browser: Browser, picture: tuple[CloudProcess, dict[str, str]], language: str
) -> None:
    cloud, tickets = picture
    with phone(browser, cloud.url, width=320, service_workers="block") as page:
        shown = (f"/t/{tickets[one]}" for one in ("completed", "called", "provisional", "appointment"))
        for path in ("/", f"/b/{BRANCH}?service=cash", *shown):
            page.goto(f"{path}{'&' if '?' in path else '?'}lang={language}")
            assert page.locator("html").get_attribute("lang") == language
            assert page.evaluate(SIDEWAYS) <= 0, path
        assert page.evaluate(DIFFERENT, list(tickets.values())) == []


def test_pages_work_without_scripts(browser: Browser, picture: tuple[CloudProcess, dict[str, str]]) -> None:
    cloud, tickets = picture
    with phone(browser, cloud.url, java_script_enabled=False) as page:
        page.goto("/")
        page.get_by_label("Branch or town").fill("main")
        page.get_by_role("button", name="Find", exact=True).click()
        page.get_by_role("link", name="Main Street").click()
        page.get_by_role("link", name="Cash").click()
        assert "your browser must run scripts" in (page.locator("noscript").text_content() or "")
        page.goto(f"/t/{tickets['waiting']}")
        expect(page.locator("#number")).to_have_text("A041")
        assert page.locator("noscript meta[http-equiv=refresh]").count() == 1
        page.get_by_role("button", name="Give up my place").click()
        expect(page.get_by_role("button", name="Yes, give it up")).to_be_visible()


def test_a_place_is_given_up_without_scripts_and_only_from_our_own_page(
    browser: Browser, picture: tuple[CloudProcess, dict[str, str]]
) -> None:
    cloud, tickets = picture
    token = tickets["parting"]
    with phone(browser, cloud.url, java_script_enabled=False) as page:
        forged = page.request.post(f"/t/{token}/cancel", headers={"Origin": "https://elsewhere.example.org"})
        assert forged.status == 403
        page.goto(f"/t/{token}?ask=cancel")
        page.get_by_role("button", name="Yes, give it up").click()
        expect(page.locator("#sentence")).to_have_text("This place was given up.")
        page.goto(f"/t/{tickets['completed']}")
        page.get_by_role("button", name="Send").click()
        expect(page.locator("#number")).to_have_text("A037")


def test_the_nearest_branch_is_found_on_a_tap(browser: Browser, picture: tuple[CloudProcess, dict[str, str]]) -> None:
    cloud, _ = picture
    here = {"latitude": -1.95, "longitude": 30.0612345}
    with phone(browser, cloud.url, permissions=["geolocation"], geolocation=here) as page:
        page.goto("/?lang=en")
        page.get_by_role("button", name="Branches near me").click()
        expect(page.get_by_role("heading", name="Near you")).to_be_visible()
        expect(page.get_by_role("link", name="Main Street")).to_contain_text("0.7 km")
        assert "30.061" in page.url
        assert "30.0612" not in page.url


def test_nothing_moves_when_the_live_ticket_comes(browser: Browser, picture: tuple[CloudProcess, dict[str, str]]) -> None:
    cloud, tickets = picture
    with phone(browser, cloud.url) as page:
        page.add_init_script(SHIFTS)
        page.goto(f"/t/{tickets['waiting']}")
        with page.expect_response(lambda answer: answer.url.endswith("/status")):
            page.evaluate("foleni.ticket.look()")
        until(lambda: page.evaluate(DRAWN))
        assert page.evaluate("shifted") < 0.01


def test_the_code_at_the_door_is_drawn_for_branches_that_there_are(picture: tuple[CloudProcess, dict[str, str]]) -> None:
    cloud, _ = picture
    assert f"{cloud.url}/b/{BRANCH}" in cloud.get(f"/b/{BRANCH}/code.svg").text
    assert cloud.get("/b/none/code.svg").status_code == 404


def test_a_link_that_leads_nowhere_says_so_calmly(browser: Browser, picture: tuple[CloudProcess, dict[str, str]]) -> None:
    cloud, _ = picture
    with phone(browser, cloud.url) as page:
        for path, words in (
            ("/t/AAAAAAAAAAAAAAAAAAAAAA", "We do not know this ticket."),
            ("/b/none", "We do not know this branch."),
        ):
            answer = page.goto(path)
            assert answer is not None
            assert answer.status == 404
            expect(page.get_by_role("heading", name=words)).to_be_visible()
