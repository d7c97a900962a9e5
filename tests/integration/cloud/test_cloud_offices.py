"""Organizations, branches, tokens, people, reports and the audit trail, over HTTP and by the command line."""

import csv
import io
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout

import pytest
import requests

from cloud import admin
from tests.support import offices
from tests.support.cloud import CloudProcess, Person
from tests.support.postgres import postgres
from tests.support.waiting import PATIENCE_S, until

A = "/api/v1"


@pytest.fixture(name="cloud", scope="module")
def _cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudProcess]:
    with CloudProcess(tmp_path_factory.mktemp("offices"), database=postgres().database()) as cloud:
        offices.set_up(cloud)
        yield cloud


@pytest.fixture(name="root", scope="module")
def _root(cloud: CloudProcess) -> Person:
    return offices.person(cloud, "admin", None, None, "+250788000001")


@pytest.fixture(name="manager", scope="module")
def _manager(cloud: CloudProcess) -> Person:
    return offices.person(cloud, "manager", "demo-bank", "main-street", "+250788000002")


def ask(cloud: CloudProcess, method: str, path: str, who: Person, body: object = None, **params: str) -> requests.Response:
    return requests.request(method, f"{cloud.url}{A}{path}", json=body, params=params, headers=who.headers, timeout=PATIENCE_S)


def command_line(cloud: CloudProcess, *words: str) -> str:
    """The last line that `foleni-cloud-admin` says."""
    said = io.StringIO()
    with redirect_stdout(said):
        assert admin.main(["--database", cloud.database, *words]) == 0
    return said.getvalue().splitlines()[-1]


def syncs(cloud: CloudProcess, branch: str, token: str) -> bool:
    """Whether a branch gets in with a token."""
    told = {"Authorization": f"Bearer {token}"}
    answer = requests.post(
        f"{cloud.url}{A}/sync/{branch}/events", json={"first": 1, "events": []}, headers=told, timeout=PATIENCE_S
    )
    return answer.status_code == 200


def test_an_organization_and_its_branch_are_made_once(cloud: CloudProcess, root: Person) -> None:
    assert ask(cloud, "POST", "/organizations", root, {"id": "clinic", "name": "Clinic"}).status_code == 201
    again = ask(cloud, "POST", "/organizations", root, {"id": "clinic", "name": "Other"})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "exists")
    made = ask(cloud, "POST", "/branches", root, {"id": "clinic-1", "organization": "clinic", "name": "Clinic 1"}).json()
    assert made["branch"]["code"] > 1
    assert syncs(cloud, "clinic-1", made["token"]["token"])
    assert not syncs(cloud, "clinic-1", made["token"]["token"] + "x")
    twice = ask(cloud, "POST", "/branches", root, {"id": "clinic-1", "organization": "clinic"})
    assert twice.json()["error"]["code"] == "exists"
    taken = ask(cloud, "PATCH", "/branches/clinic-1", root, {"code": 1})
    assert taken.json()["error"]["code"] == "code_taken"
    for bad in ({"id": "Clinic 2"}, {"id": "c2", "latitude": 99}, {"id": "c2", "time_zone": "Mars/Base"}):
        assert ask(cloud, "POST", "/branches", root, {"organization": "clinic", **bad}).status_code == 422


def test_a_token_rotates_with_an_overlap_and_is_revoked_within_a_second_or_so(cloud: CloudProcess, root: Person) -> None:
    first = command_line(cloud, "branch", "add", "clinic-2", "--organization", "demo-bank")
    second = ask(cloud, "POST", "/branches/clinic-2/tokens", root).json()
    assert second["older_until"] is not None
    assert syncs(cloud, "clinic-2", first)
    assert syncs(cloud, "clinic-2", second["token"])
    assert ask(cloud, "DELETE", f"/branches/clinic-2/tokens/{second['id']}", root).status_code == 204
    until(lambda: not syncs(cloud, "clinic-2", second["token"]))
    assert syncs(cloud, "clinic-2", first)
    third = command_line(cloud, "branch", "token", "clinic-2", "--overlap-min", "0")
    until(lambda: not syncs(cloud, "clinic-2", first))
    assert syncs(cloud, "clinic-2", third)
    command_line(cloud, "branch", "revoke", "clinic-2")
    until(lambda: not syncs(cloud, "clinic-2", third))
    assert second["token"] not in ask(cloud, "GET", "/branches/clinic-2/tokens", root).text


def test_a_manager_changes_what_is_left_to_managers(cloud: CloudProcess, manager: Person) -> None:
    body = {"address": "KN 4", "latitude": -1.94, "near_ahead": 5, "texts": {"near": {"en": "Soon, {number}."}}}
    changed = ask(cloud, "PATCH", "/branches/main-street", manager, body).json()
    assert {name: changed[name] for name in body} == body
    assert ask(cloud, "PATCH", "/branches/main-street", manager, {"is_active": False}).status_code == 403
    assert ask(cloud, "PATCH", "/branches/main-street", manager, {"address": None}).status_code == 422


def test_a_colleague_gets_a_role_by_phone_and_loses_it(cloud: CloudProcess, manager: Person) -> None:
    body = {"phone": "+250 788 000 077", "name": "Eve", "role": "staff", "branch": "main-street"}
    held = ask(cloud, "POST", "/people", manager, body).json()
    again = ask(cloud, "POST", "/people", manager, body).json()
    assert (held["id"], held["phone"], held["organization"]) == (again["id"], "+250788000077", "demo-bank")
    assert held["id"] in ask(cloud, "GET", "/people", manager, branch="main-street").text
    assert ask(cloud, "POST", "/people", manager, {**body, "role": "manager"}).status_code == 403
    assert ask(cloud, "DELETE", f"/people/roles/{held['id']}", manager).status_code == 204
    assert held["id"] not in ask(cloud, "GET", "/people", manager).text


def test_the_last_administrator_of_everything_stays(cloud: CloudProcess, root: Person) -> None:
    mine = next(one for one in ask(cloud, "GET", "/people", root).json()["people"] if one["user"] == root.user)
    refused = ask(cloud, "DELETE", f"/people/roles/{mine['id']}", root)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "wrong_state")


def test_reports_tell_of_the_branches_that_are_ones_own(cloud: CloudProcess, root: Person, manager: Person) -> None:
    days = {"from": offices.day(15), "to": offices.day(0)}
    whole = ask(cloud, "GET", "/reports/branches", root, **days).json()
    rows = {row["name"]: row for row in whole["rows"]}
    assert rows["main-street"]["tickets"] > rows["airport"]["tickets"] > 0 == rows["harbour"]["tickets"]
    assert whole["total"]["tickets"] == sum(row["tickets"] for row in whole["rows"])
    assert 0 < rows["airport"]["no_show_rate"] < 1
    assert 5 * 60 <= rows["airport"]["mean_wait_s"] <= 13 * 60
    assert [row["name"] for row in ask(cloud, "GET", "/reports/branches", manager, **days).json()["rows"]] == ["main-street"]
    by_day = ask(cloud, "GET", "/reports/days", manager, **days).json()
    assert len(by_day["rows"]) == 16
    assert by_day["total"]["tickets"] == rows["main-street"]["tickets"]
    file = ask(cloud, "GET", "/reports/branches", root, **days, format="csv")
    table = list(csv.DictReader(io.StringIO(file.text)))
    assert {row["branch"]: int(row["tickets"]) for row in table} == {name: row["tickets"] for name, row in rows.items()}
    for bad in ({"from": "2026-13-01"}, {"from": "yesterday"}, {"from": "2026-02-01", "to": "2026-01-01"}):
        assert ask(cloud, "GET", "/reports/days", root, **bad).status_code == 422


def test_everything_stands_in_the_audit_trail(cloud: CloudProcess, root: Person, manager: Person) -> None:
    ask(cloud, "PATCH", "/branches/main-street", manager, {"near_ahead": 4})
    line = ask(cloud, "GET", "/audit", manager, branch="main-street", action="edit_branch").json()["lines"][0]
    assert (line["who"], line["subject"], line["outcome"]) == (manager.user, "near_ahead", "ok")
    assert line["request"]
    page = ask(cloud, "GET", "/audit", root, limit="2").json()
    older = ask(cloud, "GET", "/audit", root, limit="2", before=str(page["next"])).json()
    assert [one["n"] for one in page["lines"]] > [one["n"] for one in older["lines"]]
    assert ask(cloud, "GET", "/audit", manager, organization="demo-bank").status_code == 403


@pytest.mark.parametrize(
    "words",
    [
        "branch add X_Y --organization demo-bank",
        "branch token nowhere",
        "admin add 123",
        "admin add +250788000009 --organization no",
    ],
)
def test_the_command_line_says_what_is_wrong(cloud: CloudProcess, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert admin.main(["--database", cloud.database, *words.split()]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("foleni-cloud-admin: ")
    assert len(said.err.splitlines()) == 1


def test_a_wrong_call_ends_the_program_with_status_2() -> None:
    command = [sys.executable, "-m", "cloud.admin", "--database", "sqlite:///nowhere.sqlite", "dance"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_S)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)


def test_keys_rotate_while_everybody_stays_signed_in(cloud: CloudProcess, root: Person) -> None:
    command_line(cloud, "keys", "rotate")
    assert cloud.get(f"{A}/me", root).status_code == 200


def ring(cloud: CloudProcess, manager: Person) -> None:
    """Whoever looks at the branch looks again."""
    assert ask(cloud, "PATCH", "/branches/main-street", manager, {"near_ahead": 3}).status_code == 200


def test_a_live_queue_goes_on_when_its_page_has_exchanged_the_cookie_and_ends_with_the_sign_in(
    cloud: CloudProcess, manager: Person
) -> None:
    cookie = offices.cookie_of(cloud, manager)
    sent = {"Cookie": f"foleni_session={cookie}", "Origin": cloud.url}
    stream = f"{cloud.url}/office/main-street/stream"
    with requests.get(stream, headers=sent, stream=True, timeout=PATIENCE_S) as live:
        told = (line.removeprefix(b"event: ") for line in live.iter_lines() if line.startswith(b"event: "))
        assert next(told) == b"queue"
        for _ in range(2):
            renewed = requests.post(f"{cloud.url}{A}/auth/refresh", headers=sent, timeout=PATIENCE_S)
            sent["Cookie"] = f"foleni_session={renewed.cookies['foleni_session']}"
        ring(cloud, manager)
        assert next(told) in {b"queue", b"beat"}
        requests.post(f"{cloud.url}{A}/auth/sign-out", headers=sent, timeout=PATIENCE_S)
        ring(cloud, manager)
        assert next(told) == b"over"
