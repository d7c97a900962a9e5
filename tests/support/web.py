"""A branch with its web side, people who sign in over HTTP, and a real Chromium."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import requests
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.support.branch import BranchProcess
from tests.support.waiting import PATIENCE_S

SETUP = """
[branch]
id = "main-street"
name = { en = "Main Street", fr = "Rue Principale", ar = "الشارع الرئيسي" }
organization = "Demo Bank"
time_zone = "Africa/Kigali"
languages = ["en", "fr", "rw"]
remote_issuer = "R"

[[priority]]
id = "priority"
name = { en = "Elderly, pregnant, disabled", fr = "Personnes prioritaires", ar = "كبار السن والحوامل وذوو الإعاقة" }
credit_min = 30

[[service]]
id = "cash"
prefix = "A"
name = { en = "Cash", fr = "Caisse", rw = "Amafaranga", ar = "النقد" }
service_time_s = 180

[[service]]
id = "enquiries"
prefix = "B"
name = { en = "Enquiries", fr = "Renseignements", rw = "Ibibazo", ar = "الاستعلامات" }
service_time_s = 420

[[service]]
id = "cards"
prefix = "D"
name = { en = "Cards", fr = "Cartes", rw = "Amakarita", ar = "البطاقات" }
service_time_s = 300

[[counter]]
id = "c1"
label = "1"
services = ["cash", "enquiries"]

[[counter]]
id = "c2"
label = "2"
services = ["enquiries"]

[[counter]]
id = "c3"
label = "3"
services = ["cards", "cash"]

[[device]]
id = "kiosk-1"
kind = "kiosk"
issuer = "X"

[[device]]
id = "tv-1"
kind = "display"

[[device]]
id = "pad-1"
kind = "counter"
counter = "c1"

[[device]]
id = "desk"
kind = "console"

[[staff]]
id = "ada"
name = "Ada"
role = "admin"
pin = "482913"

[[staff]]
id = "max"
name = "Max"
role = "manager"
services = ["cash"]
pin = "571246"

[[staff]]
id = "eve"
name = "Eve"
role = "staff"
services = ["cash", "enquiries"]
pin = "903817"

[[staff]]
id = "ben"
name = "Ben"
role = "staff"
services = ["cards"]
pin = "264059"
"""
PINS = {"ada": "482913", "max": "571246", "eve": "903817", "ben": "264059"}

POLITE_S = 0.05
"""So often at most a test looks whether something has come true: the API turns away who asks more than 100 times a second."""

_ADDRESS = re.compile(r"(https?://[^\s,]+)")


class WebBranch(BranchProcess):
    """A branch server with its web side on a free port; `url` is where."""

    def __init__(self, directory: Path, setup: str = SETUP, http: str = "127.0.0.1:0", arguments: Sequence[str] = ()) -> None:
        super().__init__(directory, setup, arguments=("--http", http, *arguments))

    @property
    def url(self) -> str:
        """The address that the running server has said, without a slash at its end."""
        found = _ADDRESS.search(self.ready_line)
        assert found is not None, self.ready_line
        return found.group(1)

    def person(self, staff: str | None = None) -> "Visitor":
        """Somebody with an HTTP client; signed in where `staff` is named."""
        visitor = Visitor(self.url)
        return visitor if staff is None else visitor.sign_in(staff)


class Visitor:
    """One HTTP client with its cookies. Answers come as they are: no status raises."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = requests.Session()

    def sign_in(self, staff: str, pin: str | None = None) -> Self:
        answer = self.post("/api/v1/session", {"staff": staff, "pin": pin or PINS[staff]})
        assert answer.status_code == 200, answer.text
        return self

    def get(self, path: str, **params: Any) -> requests.Response:
        return self.http.get(self.url + path, params=params, timeout=PATIENCE_S, allow_redirects=False)

    def post(self, path: str, body: Any = None, *, key: str | None = None, method: str = "POST") -> requests.Response:
        headers = {"Origin": self.url, "X-CSRF-Token": self.http.cookies.get("foleni_csrf", "")}
        if key is not None:
            headers["Idempotency-Key"] = key
        return self.http.request(method, self.url + path, json=body, headers=headers, timeout=PATIENCE_S)


@contextmanager
def chromium(program: str = "chromium-headless-shell") -> Iterator[Browser]:
    """Debian's Chromium, which talks to nobody but the page's server. Without any window, which costs half of the processor;
    notifications are shown by the whole `chromium` only.
    """
    expect.set_options(timeout=PATIENCE_S * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=f"/usr/bin/{program}",
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                  "--disable-component-update", "--disable-sync"],
        )  # fmt: skip
        try:
            yield browser
        finally:
            browser.close()


def signed_in(browser: Browser, branch: WebBranch, staff: str, **options: Any) -> BrowserContext:
    """A browser window of its own in which `staff` is signed in; `options` are those of `Browser.new_context`."""
    context = browser.new_context(base_url=branch.url, **options)
    answer = context.request.post("/api/v1/session", data={"staff": staff, "pin": PINS[staff]}, headers={"Origin": branch.url})
    assert answer.ok, answer.text()
    return context
