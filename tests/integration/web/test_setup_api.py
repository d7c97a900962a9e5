"""The API behind the administration: rights, stale saves, faults, and the whole setup as a file, on a real branch."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.waiting import PATIENCE_S
from tests.support.web import SETUP, Visitor, WebBranch

API = "/api/v1/setup"


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebBranch]:
    with WebBranch(tmp_path_factory.mktemp("setup"), SETUP) as branch:
        yield branch


@pytest.fixture(scope="module")
def ada(branch: WebBranch) -> Visitor:
    return branch.person("ada")


def put(visitor: Visitor, path: str, value: Any, version: str | None = None) -> Any:
    return visitor.post(f"{API}/{path}", {"value": value, "version": version}, method="PUT")


def shown(visitor: Visitor, kind: str, thing: str) -> dict[str, Any]:
    return next(one for one in visitor.get(API).json()[kind] if one["value"]["id"] == thing)


@pytest.mark.parametrize("staff", ["max", "eve", None])
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("PUT", "/branch"), ("PUT", "/service/cash"), ("DELETE", "/service/cards"), ("GET", "/export.toml"),
     ("GET", "/stream"), ("POST", "/import/preview"), ("POST", "/import"), ("POST", "/test-ticket")],
)  # fmt: skip
def test_only_administrators_touch_the_setup(branch: WebBranch, staff: str | None, method: str, path: str) -> None:
    visitor = branch.person(staff)
    body: dict[str, Any] = {"value": {}, "version": None, "toml": "", "device": "kiosk-1"}
    answer = visitor.get(API + path) if method == "GET" else visitor.post(API + path, body, method=method)
    assert answer.status_code == (403 if staff else 401)
    assert answer.json()["error"]["code"] == ("not_allowed" if staff else "not_signed_in")


@pytest.mark.parametrize("page", ["", "/branch", "/services", "/counters", "/priorities", "/texts", "/move"])
def test_the_pages_are_the_administrators_own(branch: WebBranch, ada: Visitor, page: str) -> None:
    assert ada.get(f"/admin{page}").status_code == 200
    assert branch.person().get(f"/admin{page}").headers["location"].startswith("/sign-in")
    assert branch.person("eve").get(f"/admin{page}").status_code == 403


def test_a_manager_who_opens_the_administration_comes_to_a_page_of_their_own(branch: WebBranch) -> None:
    assert branch.person("max").get("/admin").headers["location"] == "/admin/people"


def test_a_service_is_added_changed_and_removed(ada: Visitor) -> None:
    value = {"prefix": "L", "name": {"en": "Loans"}}
    added = put(ada, "service/loans", value, "")
    assert added.status_code == 200, added.text
    changed = put(ada, "service/loans", {**added.json()["value"], "daily_limit": 40}, added.json()["version"])
    assert changed.json()["value"]["daily_limit"] == 40
    assert shown(ada, "service", "loans")["version"] == changed.json()["version"]
    gone = ada.post(f"{API}/service/loans?version={changed.json()['version']}", method="DELETE")
    assert gone.status_code == 200, gone.text
    assert "loans" not in ada.get(API).text
    assert ada.post(f"{API}/service/loans", method="DELETE").status_code == 200, "what is gone already is removed"


def test_a_save_of_what_somebody_else_changed_is_refused_and_says_who(branch: WebBranch, ada: Visitor) -> None:
    old = shown(ada, "priority", "vip")
    theirs = put(branch.person("ada"), "priority/vip", {**old["value"], "credit_min": 45}, old["version"])
    assert theirs.status_code == 200
    mine = put(ada, "priority/vip", {**old["value"], "name": {"en": "Guest"}}, old["version"])
    assert mine.status_code == 409
    assert mine.json()["error"] == {"code": "stale", "message": "Ada changed this in the meantime."}
    assert mine.json()["current"]["value"]["credit_min"] == 45
    assert shown(ada, "priority", "vip")["value"]["name"] == old["value"]["name"], "nothing was changed by it"
    again = put(
        ada, "priority/vip", {**mine.json()["current"]["value"], "name": {"en": "Guest"}}, mine.json()["current"]["version"]
    )
    assert again.status_code == 200


def test_of_two_saves_at_the_same_moment_one_is_refused(branch: WebBranch) -> None:
    people = [branch.person("ada") for _ in range(4)]
    old = shown(people[0], "priority", "appointment")
    with ThreadPoolExecutor(len(people)) as pool:
        asked = [pool.submit(put, one, "priority/appointment", {**old["value"], "credit_min": 40 + n}, old["version"])
                 for n, one in enumerate(people)]  # fmt: skip
        statuses = sorted(answer.result().status_code for answer in asked)
    assert statuses == [200, 409, 409, 409]


def test_a_save_of_what_somebody_else_removed_is_refused(ada: Visitor) -> None:
    made = put(ada, "priority/donor", {"name": {"en": "Donor"}, "credit_min": 5}, "").json()
    ada.post(f"{API}/priority/donor", method="DELETE")
    late = put(ada, "priority/donor", {**made["value"], "credit_min": 6}, made["version"])
    assert late.status_code == 409
    assert late.json()["current"] is None
    assert "removed" in late.json()["error"]["message"]


def test_a_new_thing_does_not_take_the_place_of_another(ada: Visitor) -> None:
    answer = put(ada, "service/cash", {"prefix": "K", "name": {"en": "Kash"}}, "")
    assert answer.status_code == 422
    assert [fault["field"] for fault in answer.json()["fields"]] == ["id"]


def test_all_faults_of_a_form_are_said_at_once_in_the_language_of_the_page(ada: Visitor) -> None:
    value = {"prefix": "abc", "name": {}, "service_time_s": "long", "max_priority_run": 0}
    english = put(ada, "service/faulty?lang=en", value)
    assert english.status_code == 422
    assert [fault["field"] for fault in english.json()["fields"]] == ["prefix", "name", "service_time_s", "max_priority_run"]
    french = put(ada, "service/faulty?lang=fr", value)
    assert french.json()["fields"][0]["message"] != english.json()["fields"][0]["message"]


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("service/copy", {"prefix": "A", "name": {"en": "Copy"}}, "prefix"),
        ("service/ax", {"prefix": "AX", "name": {"en": "AX"}}, "prefix"),
        ("counter/c9", {"label": "1", "services": ["cash"]}, "label"),
        ("counter/c9", {"label": "9", "services": ["lost"]}, "services"),
        ("counter/c9", {"label": "9", "services": ["cash"], "weights": {"cards": 1}}, ""),
        ("priority/normal", {"name": {"en": "Normal"}, "credit_min": 9}, "credit_min"),
        ("service/Bad_Id", {"prefix": "Q", "name": {"en": "Q"}}, "id"),
    ],
)
def test_what_the_queue_would_not_take_is_said_at_its_field(ada: Visitor, path: str, value: dict[str, Any], field: str) -> None:
    answer = put(ada, path, value)
    assert answer.status_code == 422, answer.text
    assert [fault["field"] for fault in answer.json()["fields"]] == [field]


def test_what_is_in_use_is_not_removed_and_says_why(ada: Visitor) -> None:
    served = ada.post(f"{API}/service/cash", method="DELETE")
    assert served.status_code == 409
    assert "Counter 1, 3 still serves it" in served.json()["error"]["message"]
    assert "pad-1" in ada.post(f"{API}/counter/c1", method="DELETE").json()["error"]["message"]
    assert ada.post(f"{API}/priority/vip", method="DELETE").status_code == 409


GARBAGE: list[Any] = [
    None, [], "x", {}, {"value": 3}, {"value": {"name": {"en": "x" * 501}}}, {"value": {"name": [[[]]]}},
    {"value": {}, "version": 7}, {"value": {"prefix": "A\u0000", "name": {"en": "\u0000"}}},
    {"value": {"daily_limit": 0, "prefix": "Z", "name": "Z"}},
]  # fmt: skip


@pytest.mark.parametrize("path", ["/service/garbage", "/branch", "/staff/ada", "/nothing/here", "/import"])
def test_garbage_is_refused_in_the_contracts_form_and_changes_nothing(branch: WebBranch, path: str) -> None:
    ada = branch.person("ada")
    before = ada.get(API).json()
    for body in GARBAGE:
        answer = ada.post(API + path, body, method="POST" if path == "/import" else "PUT")
        assert 400 <= answer.status_code < 500, (body, answer.text)
        assert set(answer.json()["error"]) >= {"code", "message"}
    assert ada.get(API).json() == before


def test_the_exported_file_changes_nothing_and_holds_no_secret(ada: Visitor) -> None:
    exported = ada.get(f"{API}/export.toml")
    assert "main-street.toml" in exported.headers["content-disposition"]
    assert not any(secret in exported.text for secret in ("482913", "argon2", "password =", "pin ="))
    answer = ada.post(f"{API}/import", {"toml": exported.text}).json()
    assert (answer["changes"], answer["refused"], answer["notes"]) == ([], [], [])


def test_an_import_is_shown_applied_and_then_has_nothing_more_to_do(ada: Visitor) -> None:
    toml = ada.get(f"{API}/export.toml").text + '\n[[service]]\nid = "visas"\nprefix = "V"\nname = "Visas"\n'
    toml = toml.replace('label = "2"', 'label = "Room 2"')
    plan = ada.post(f"{API}/import/preview", {"toml": toml}).json()
    assert [(one["what"], one["title"]) for one in plan["changes"]] == [
        ("added", "Service Visas"),
        ("changed", "Counter Room 2"),
    ]
    assert plan["changes"][1]["lines"] == ["Label: 2 → Room 2"]
    assert "visas" not in ada.get(API).text, "a preview does nothing"
    done = ada.post(f"{API}/import", {"toml": toml, "version": plan["version"]}).json()
    assert [one["id"] for one in done["changes"]] == ["visas", "c2"]
    assert shown(ada, "counter", "c2")["value"]["label"] == "Room 2"
    assert ada.post(f"{API}/import/preview", {"toml": toml}).json()["changes"] == []
    late = ada.post(f"{API}/import", {"toml": toml, "version": plan["version"]})
    assert late.status_code == 409
    assert late.json()["error"]["code"] == "stale"


def test_a_file_that_is_no_setup_says_all_that_is_wrong(ada: Visitor) -> None:
    answer = ada.post(f"{API}/import/preview", {"toml": '[branch]\nid = "?"\n[[service]]\nid = "x"\nprefix = "1"\n'})
    assert answer.status_code == 422
    assert len(answer.json()["faults"]) == 4


def test_a_device_that_is_not_there_prints_no_test_ticket(ada: Visitor) -> None:
    answer = ada.post(f"{API}/test-ticket", {"device": "kiosk-1"})
    assert answer.status_code == 200
    assert answer.json()["ok"] is False
    assert answer.json()["message"]


def test_hours_that_are_saved_stay_as_they_were_written(ada: Visitor) -> None:
    branch = ada.get(API).json()["branch"]
    hours = {"week": {"mon": ["08:00-12:30", "13:30-17:00"], "sun": ["00:00-24:00"]}}
    closures = [{"day": "2026-12-25", "until": None, "name": {"en": "Christmas"}}]
    saved = put(ada, "branch", {**branch["value"], "hours": hours, "closures": closures}, branch["version"])
    assert saved.status_code == 200, saved.text
    assert ada.get(API).json()["branch"]["value"]["hours"] == hours
    assert put(ada, "branch", branch["value"], saved.json()["version"]).status_code == 200


def test_scripts_are_one_module_and_sent_again_only_when_they_change(branch: WebBranch) -> None:
    first = branch.person().get("/static/base/base.js")
    assert first.headers["cache-control"] == "no-cache"
    again = branch.person().http.get(
        f"{branch.url}/static/base/base.js", headers={"If-None-Match": first.headers["etag"]}, timeout=PATIENCE_S
    )
    assert (again.status_code, again.content) == (304, b"")
    assert "immutable" in branch.person().get("/static/base/base.js?v=1").headers["cache-control"]
