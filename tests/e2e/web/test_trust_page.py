"""How a browser comes to trust the branch's own certificate: the page in a real browser, and what it hands out."""

import hashlib
import re
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from branch_server import fingerprint
from tests.support.axe import faults_of
from tests.support.waiting import PATIENCE_S
from tests.support.web import WebBranch

WINDOWS = [{"width": 1280, "height": 800}, {"width": 320, "height": 640}]
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1"


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebBranch]:
    with WebBranch(tmp_path_factory.mktemp("trusted"), arguments=("--http-tls",)) as branch:
        yield branch


def opened(browser: Browser, branch: WebBranch, **options: object) -> Page:
    """A page of somebody who went on in spite of the warning."""
    context = browser.new_context(base_url=branch.url, ignore_https_errors=True, **options)  # type: ignore[arg-type]
    return context.new_page()


def test_a_browser_warns_of_a_branch_that_it_does_not_know(browser: Browser, branch: WebBranch) -> None:
    context = browser.new_context(base_url=branch.url)
    with pytest.raises(Exception, match="ERR_CERT_AUTHORITY_INVALID"):
        context.new_page().goto("/sign-in")
    context.close()


@pytest.mark.variants(2)
@pytest.mark.parametrize("language", ["en", "fr", "ar"])
@pytest.mark.parametrize("window", WINDOWS, ids=["desk", "phone"])
def test_the_door_leads_to_the_page_which_can_be_read_by_everybody(
    browser: Browser, branch: WebBranch, language: str, window: dict[str, int]
) -> None:
    page = opened(browser, branch, viewport=window, locale=language)
    page.goto(f"/sign-in?lang={language}")
    page.locator("a[href='/trust']").click()
    expect(page.locator("h1")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == language
    assert faults_of(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.context.close()


def test_the_fingerprint_of_page_file_command_and_authority_is_one(
    browser: Browser, branch: WebBranch, capsys: pytest.CaptureFixture[str]
) -> None:
    pem = (branch.data / "tls" / "ca.pem").read_text(encoding="ascii")
    right = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest().upper()
    page = opened(browser, branch)
    page.goto("/trust")
    assert re.sub(r"\s", "", page.locator(".trust-print").inner_text()) == right
    file = page.request.get("/trust/ca.crt")
    assert file.headers["content-type"] == "application/x-x509-ca-cert"
    assert hashlib.sha256(file.body()).hexdigest().upper() == right
    page.context.close()
    assert fingerprint.main(["--data", str(branch.data)]) == 0
    assert capsys.readouterr().out.replace(" ", "").strip() == right


def test_who_trusts_the_file_gets_no_warning_and_is_kept_to_tls(branch: WebBranch) -> None:
    with requests.Session() as visitor:
        visitor.trust_env = False
        visitor.verify = str(branch.data / "tls" / "ca.pem")
        answer = visitor.get(f"{branch.url}/sign-in", timeout=PATIENCE_S)
        assert answer.status_code == 200
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_the_steps_of_ones_own_system_are_open(browser: Browser, branch: WebBranch) -> None:
    page = opened(browser, branch, user_agent=IPHONE, viewport={"width": 390, "height": 844})
    page.goto("/trust")
    assert page.locator("details[open] summary").all_inner_texts() == ["iPhone, iPad"]
    page.get_by_text("Windows", exact=True).click()
    expect(page.get_by_text("Trusted Root Certification Authorities")).to_be_visible()
    page.context.close()


def test_without_an_authority_the_command_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fingerprint.main(["--data", str(tmp_path)]) == 1
    assert "ca.pem: No such file" in capsys.readouterr().err
    (tmp_path / "tls").mkdir()
    (tmp_path / "tls" / "ca.pem").write_text("x")
    assert fingerprint.main(["--data", str(tmp_path)]) == 1
    assert "is damaged" in capsys.readouterr().err
