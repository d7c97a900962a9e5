"""Signing in and out over HTTP, on a real branch: cookies, marks against foreign pages, waits, one-time codes."""

import hashlib
import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from typing import Any

import pytest
import requests

from branch_server.web.store.store import Store
from tests.support.waiting import PATIENCE_S, until
from tests.support.web import PINS, SETUP, Visitor, WebBranch

SESSION = "/api/v1/session"
NEWCOMERS = """
[[staff]]
id = "zoe"
name = "Zoe"
role = "admin"

[[staff]]
id = "yan"
name = "Yan"

[[staff]]
id = "xia"
name = "Xia"
services = ["cash"]
pin = "118812"
"""
_hosts = count(1)


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebBranch]:
    with WebBranch(tmp_path_factory.mktemp("session"), SETUP + NEWCOMERS) as branch:
        yield branch


def stranger(branch: WebBranch) -> Visitor:
    """Somebody at an address of their own, as a proxy on this machine tells it."""
    visitor = branch.person()
    visitor.http.headers["X-Forwarded-For"] = f"10.7.{next(_hosts)}.1"
    return visitor


def sign_in(visitor: Visitor, staff: str, pin: str) -> requests.Response:
    return visitor.post(SESSION, {"staff": staff, "pin": pin})


def code_of(branch: WebBranch, staff: str) -> str:
    found = re.search(rf"one-time code of {staff}: (\d+)", branch.stderr)
    assert found is not None
    return found.group(1)


def test_a_right_pin_signs_in_and_says_who_it_is(branch: WebBranch) -> None:
    visitor = stranger(branch)
    told = sign_in(visitor, "max", PINS["max"]).json()
    assert told["person"] == {"id": "max", "name": "Max", "role": "manager", "services": ["cash"], "language": "en"}
    assert told["new_pin"] is False
    assert visitor.get(SESSION).json()["person"] == told["person"]


def test_the_sessions_secret_is_for_the_server_alone(branch: WebBranch) -> None:
    answer = sign_in(stranger(branch), "eve", PINS["eve"])
    cookies = {line.partition("=")[0]: line for line in answer.raw.headers.getlist("set-cookie")}
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookies["foleni_session"].split("; "))
    assert "SameSite=strict" in cookies["foleni_csrf"]
    assert "HttpOnly" not in cookies["foleni_csrf"]
    assert not any("Secure" in line or "Max-Age" in line or "Domain" in line for line in cookies.values())


def test_behind_a_proxy_with_tls_the_cookies_are_for_tls_alone(branch: WebBranch) -> None:
    visitor = stranger(branch)
    visitor.http.headers["X-Forwarded-Proto"] = "https"
    answer = sign_in(visitor, "eve", PINS["eve"])
    assert all("Secure" in line for line in answer.raw.headers.getlist("set-cookie"))


def test_a_wrong_pin_and_nobody_get_the_same_answer(branch: WebBranch) -> None:
    answers = [sign_in(stranger(branch), staff, pin) for staff, pin in (("eve", "000000"), ("nobody", "000000"), ("zoe", "1"))]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert answers[0].json()["error"]["code"] == "wrong_pin"


def test_signing_out_ends_the_session_and_the_next_sign_in_has_another_secret(branch: WebBranch) -> None:
    visitor = stranger(branch)
    sign_in(visitor, "eve", PINS["eve"])
    secret = visitor.http.cookies["foleni_session"]
    assert visitor.post(SESSION, method="DELETE").status_code == 200
    assert requests.get(branch.url + SESSION, cookies={"foleni_session": secret}, timeout=PATIENCE_S).status_code == 401
    sign_in(visitor, "eve", PINS["eve"])
    assert visitor.http.cookies["foleni_session"] != secret


def test_a_new_sign_in_in_the_same_browser_ends_the_old_session(branch: WebBranch) -> None:
    visitor = stranger(branch)
    sign_in(visitor, "eve", PINS["eve"])
    secret = visitor.http.cookies["foleni_session"]
    sign_in(visitor, "max", PINS["max"])
    assert visitor.get(SESSION).json()["person"]["id"] == "max"
    assert requests.get(branch.url + SESSION, cookies={"foleni_session": secret}, timeout=PATIENCE_S).status_code == 401


@pytest.mark.parametrize("cookie", ["", "x", "a" * 5000, "' OR 1=1 --", "é", "null"])
def test_a_session_that_is_none_is_nobody(branch: WebBranch, cookie: str) -> None:
    answer = requests.get(branch.url + SESSION, headers={"Cookie": f"foleni_session={cookie}".encode()}, timeout=PATIENCE_S)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "not_signed_in"


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://127.0.0.1:1", "null", "http://127.0.0.1.evil.example", "http://["]
)
def test_the_page_of_another_site_signs_nobody_in_and_changes_nothing(branch: WebBranch, origin: str) -> None:
    visitor = stranger(branch)
    body = {"staff": "eve", "pin": PINS["eve"]}
    assert visitor.http.post(branch.url + SESSION, json=body, headers={"Origin": origin}, timeout=PATIENCE_S).status_code == 403
    sign_in(visitor, "eve", PINS["eve"])
    marked = {"Origin": origin, "X-CSRF-Token": visitor.http.cookies["foleni_csrf"]}
    answer = visitor.http.delete(branch.url + SESSION, headers=marked, timeout=PATIENCE_S)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "wrong_origin")
    assert visitor.get(SESSION).status_code == 200


def test_a_referer_counts_where_no_origin_is_sent(branch: WebBranch) -> None:
    visitor = stranger(branch)
    sign_in(visitor, "eve", PINS["eve"])
    marked = {"Referer": "https://evil.example/x", "X-CSRF-Token": visitor.http.cookies["foleni_csrf"]}
    assert visitor.http.delete(branch.url + SESSION, headers=marked, timeout=PATIENCE_S).status_code == 403
    marked["Referer"] = f"{branch.url}/console"
    assert visitor.http.delete(branch.url + SESSION, headers=marked, timeout=PATIENCE_S).status_code == 200


@pytest.mark.parametrize("mark", [None, "", "x", "0" * 32, "é"])
@pytest.mark.parametrize("path", [SESSION, "/api/v1/people/eve", "/api/v1/tickets/01900000-0000-7000-8000-000000000001/cancel"])
def test_a_change_without_the_sessions_own_mark_is_refused(branch: WebBranch, path: str, mark: str | None) -> None:
    visitor = stranger(branch)
    sign_in(visitor, "ada", PINS["ada"])
    headers: dict[str, Any] = {"Origin": branch.url}
    if mark is not None:
        headers["X-CSRF-Token"] = mark.encode()
    method = "POST" if path.endswith("cancel") else "DELETE"
    answer = visitor.http.request(method, branch.url + path, headers=headers, json={}, timeout=PATIENCE_S)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "wrong_csrf")


def test_the_mark_of_another_session_is_not_ones_own(branch: WebBranch) -> None:
    one, other = stranger(branch), stranger(branch)
    sign_in(one, "eve", PINS["eve"])
    sign_in(other, "eve", PINS["eve"])
    headers = {"X-CSRF-Token": other.http.cookies["foleni_csrf"]}
    assert one.http.delete(branch.url + SESSION, headers=headers, timeout=PATIENCE_S).status_code == 403


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'"x"', b"null", b"\xff\xfe", b"[" * 5000, b'{"staff": "eve"}', b'{"staff": 5, "pin": "482913"}',
     b'{"staff": "", "pin": "1"}', b'{"staff": "eve", "pin": ""}', b'{"staff": "eve", "pin": ["482913"]}',
     b'{"staff": "' + b"x" * 70 + b'", "pin": "1"}', b'{"staff": "eve", "pin": "' + b"1" * 200 + b'"}',
     b'{"staff": {"$ne": null}, "pin": {"$ne": null}}'],
)  # fmt: skip
def test_a_body_that_is_no_sign_in_is_refused_in_the_contracts_form(branch: WebBranch, body: bytes) -> None:
    answer = stranger(branch).http.post(
        branch.url + SESSION, data=body, headers={"Content-Type": "application/json"}, timeout=PATIENCE_S
    )
    assert answer.status_code in {400, 422}
    assert set(answer.json()["error"]) == {"code", "message"}
    assert "482913" not in answer.text


@pytest.mark.parametrize(
    "staff", ["' OR '1'='1", "eve' --", "eve\x00", "EVE", "%", "*", "eve;drop table", "\u202eeve", "../eve"]
)
def test_a_name_is_a_name_and_nothing_else(branch: WebBranch, staff: str) -> None:
    assert sign_in(stranger(branch), staff, PINS["eve"]).status_code == 401


def test_a_very_long_request_is_turned_away(branch: WebBranch) -> None:
    answer = stranger(branch).http.post(branch.url + SESSION, data=b"x" * (3 * 1024 * 1024), timeout=PATIENCE_S)
    assert answer.status_code == 413


def test_every_answer_carries_what_keeps_a_browser_safe(branch: WebBranch) -> None:
    for path in ("/sign-in", SESSION, "/no-such-page"):
        headers = stranger(branch).get(path).headers
        assert "script-src 'self'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"


def test_after_some_wrong_pins_a_person_must_wait(branch: WebBranch) -> None:
    answers = []

    def is_held() -> bool:
        answers.append(sign_in(stranger(branch), "xia", "999999"))
        return bool(answers[-1].status_code == 429)

    until(is_held)
    assert [answer.status_code for answer in answers[:3]] == [401] * 3
    assert answers[-1].json()["error"]["code"] == "too_many"
    assert int(answers[-1].headers["Retry-After"]) >= 1


def test_after_some_wrong_names_an_address_must_wait(branch: WebBranch) -> None:
    visitor, answers = stranger(branch), list[int]()

    def is_held() -> bool:
        answers.append(sign_in(visitor, f"nobody-{len(answers)}", "999999").status_code)
        return bool(answers[-1] == 429)

    until(is_held)
    assert answers[:10] == [401] * 10


def test_waits_outlive_a_restart_hold_back_a_right_pin_too_and_an_administrator_lifts_them(branch: WebBranch) -> None:
    branch.stop()
    store = Store(branch.data)
    for _ in range(20):
        store.failures.note(["staff:xia", "address:10.99.0.1"], time.time_ns() // 1000)
    store.close()
    branch.start()
    held = sign_in(stranger(branch), "xia", "118812")
    assert (held.status_code, held.json()["error"]["code"]) == (429, "too_many")
    assert 600 < int(held.headers["Retry-After"]) <= 900
    there = branch.person()
    there.http.headers["X-Forwarded-For"] = "10.99.0.1"
    assert sign_in(there, "eve", PINS["eve"]).status_code == 429
    assert sign_in(stranger(branch), "eve", PINS["eve"]).status_code == 200

    ada = branch.person("ada")
    told = ada.get("/api/v1/people").json()
    assert [one["id"] for one in told["people"] if one["locked_until"]] == ["xia"]
    assert "10.99.0.1" in [one["address"] for one in told["addresses"]]
    ada.post("/api/v1/people/xia/lift", {})
    ada.post("/api/v1/people/lift-address", {"address": "10.99.0.1"})
    assert sign_in(stranger(branch), "xia", "118812").status_code == 200
    assert sign_in(there, "eve", PINS["eve"]).status_code == 200


def test_a_one_time_code_works_once_and_leads_to_a_pin_and_nowhere_else(branch: WebBranch) -> None:
    visitor, code = stranger(branch), code_of(branch, "zoe")
    assert sign_in(visitor, "zoe", code).json()["new_pin"] is True
    refused = visitor.get("/api/v1/people")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "new_pin_needed")
    assert visitor.get("/admin").headers["location"] == "/sign-in/pin?next=%2Fadmin"
    assert sign_in(stranger(branch), "zoe", code).status_code == 401, "it is spent"
    for easy in ("12345", "123456", "000000", "short", "zoe"):
        answer = visitor.post(f"{SESSION}/pin", {"new": easy})
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid")
    assert visitor.post(f"{SESSION}/pin", {"new": "735192"}).json()["new_pin"] is False
    assert visitor.get("/api/v1/people").status_code == 200
    assert sign_in(stranger(branch), "zoe", "735192").status_code == 200
    branch.restart()
    assert sign_in(stranger(branch), "zoe", code).status_code == 401
    assert sign_in(stranger(branch), "zoe", "735192").status_code == 200


def test_a_code_that_two_use_at_once_lets_one_in(branch: WebBranch) -> None:
    code = code_of(branch, "yan")
    found: list[int] = []

    def enter() -> None:
        found.append(sign_in(stranger(branch), "yan", code).status_code)

    together = [threading.Thread(target=enter) for _ in range(4)]
    for one in together:
        one.start()
    for one in together:
        one.join()
    assert sorted(found) == [200, 401, 401, 401]


def test_a_pin_is_changed_by_whoever_knows_it_and_all_other_sessions_end(branch: WebBranch) -> None:
    here, there = stranger(branch), stranger(branch)
    for visitor in (here, there):
        sign_in(visitor, "ben", PINS["ben"])
    assert here.post(f"{SESSION}/pin", {"old": "111222", "new": "a new password"}).status_code == 401
    assert here.post(f"{SESSION}/pin", {"old": PINS["ben"], "new": PINS["ben"]}).status_code == 422
    assert here.post(f"{SESSION}/pin", {"old": PINS["ben"], "new": "a new password"}).status_code == 200
    assert here.get(SESSION).status_code == 200
    assert there.get(SESSION).status_code == 401
    assert sign_in(stranger(branch), "ben", PINS["ben"]).status_code == 401
    assert sign_in(stranger(branch), "ben", "a new password").status_code == 200


def test_a_session_outlives_a_restart_and_ends_when_its_time_is_over_as_a_token_does(branch: WebBranch) -> None:
    fresh, idle, old, program = (stranger(branch) for _ in range(4))
    ids = {}
    for name, visitor in (("fresh", fresh), ("idle", idle), ("old", old)):
        sign_in(visitor, "eve", PINS["eve"])
        ids[name] = hashlib.sha256(visitor.http.cookies["foleni_session"].encode()).hexdigest()
    made = branch.person("ada").post("/api/v1/tokens", {"name": "T", "scopes": ["read"], "until": "2099-01-01"}).json()
    program.http.headers["Authorization"] = f"Bearer {made['text']}"
    assert program.get("/api/v1/services").status_code == 200
    branch.stop()
    with closing(sqlite3.connect(branch.data / "web.db")) as web, web:
        hour_us = 3_600_000_000
        web.execute("UPDATE sessions SET seen_at = seen_at - ? WHERE digest = ?", (8 * hour_us, ids["idle"]))
        web.execute("UPDATE sessions SET begun_at = begun_at - ? WHERE digest = ?", (24 * hour_us, ids["old"]))
        web.execute("UPDATE tokens SET ends_at = made_at + 1 WHERE id = ?", (made["token"]["id"],))
    branch.start()
    for visitor in (fresh, idle, old, program):
        visitor.url = branch.url
    assert [visitor.get(SESSION).status_code for visitor in (fresh, idle, old)] == [200, 401, 401]
    assert program.get("/api/v1/services").status_code == 401


def test_signing_out_everywhere_ends_every_session_and_the_streams_that_are_open_in_them(branch: WebBranch) -> None:
    here, there = stranger(branch), stranger(branch)
    for visitor in (here, there):
        sign_in(visitor, "eve", PINS["eve"])
    with there.http.get(f"{branch.url}/api/v1/stream", stream=True, timeout=PATIENCE_S) as stream:
        lines = stream.iter_lines(chunk_size=1)
        assert next(lines) == b"retry: 1000"
        assert here.post(f"{SESSION}/sign-out-everywhere", {}).status_code == 200
        assert b"event: over" in list(lines)
    assert there.get(SESSION).status_code == 401
    assert here.get(SESSION).status_code == 401


def test_the_language_that_somebody_chose_follows_them_to_every_machine(branch: WebBranch) -> None:
    visitor = stranger(branch)
    sign_in(visitor, "eve", PINS["eve"])
    assert visitor.post(f"{SESSION}/language", {"language": "tlh"}, method="PUT").status_code == 422
    assert visitor.post(f"{SESSION}/language", {"language": "ar"}, method="PUT").status_code == 200
    elsewhere = stranger(branch)
    assert sign_in(elsewhere, "eve", PINS["eve"]).json()["person"]["language"] == "ar"
    assert 'dir="rtl"' in elsewhere.get("/me").text


def test_the_door_sends_people_on_to_pages_of_ours_only(branch: WebBranch) -> None:
    visitor = stranger(branch)
    assert visitor.get("/me").headers["location"] == "/sign-in?next=%2Fme"
    sign_in(visitor, "max", PINS["max"])
    assert visitor.get("/sign-in", next="/admin/audit?number=A042").headers["location"] == "/admin/audit?number=A042"
    assert visitor.get("/sign-in", next="//evil.example/").headers["location"] == "/console"
    assert visitor.get("/").headers["location"] == "/sign-in"


def test_a_page_that_is_not_theirs_says_so_in_words(branch: WebBranch) -> None:
    visitor = stranger(branch)
    sign_in(visitor, "max", PINS["max"])
    visitor.http.headers["Accept"] = "text/html"
    refused = visitor.get("/admin/tokens")
    assert refused.status_code == 403
    assert "This page is not for you" in refused.text
    missing = visitor.get("/no-such-page")
    assert missing.status_code == 404
    assert "There is no such page" in missing.text
