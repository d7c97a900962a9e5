"""Looking after colleagues, tokens and the audit log over HTTP, on a real branch."""

import csv
import io
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from branch_server.web.people.signing import MOST_NOTED
from foleni.ids import uuid7
from tests.support.waiting import PATIENCE_S
from tests.support.web import PINS, SETUP, Visitor, WebBranch

ROOT = Path(__file__).resolve().parents[3]
PEOPLE, SESSION, TOKENS = "/api/v1/people", "/api/v1/session", "/api/v1/tokens"


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebBranch]:
    with WebBranch(tmp_path_factory.mktemp("people"), SETUP) as branch:
        yield branch


@pytest.fixture(scope="module")
def ada(branch: WebBranch) -> Visitor:
    return branch.person("ada")


def added(ada: Visitor, name: str, **more: Any) -> tuple[str, str]:
    """The id of somebody new, and their one-time code."""
    answer = ada.post(PEOPLE, {"name": name, "services": ["cash"], **more})
    assert answer.status_code == 201, answer.text
    return answer.json()["person"]["id"], answer.json()["code"]


def settled(branch: WebBranch, ada: Visitor, name: str) -> tuple[str, Visitor]:
    """Somebody new who has chosen a PIN and is signed in."""
    staff, code = added(ada, name)
    visitor = branch.person().sign_in(staff, code)
    assert visitor.post(f"{SESSION}/pin", {"new": "735192"}).status_code == 200
    return staff, visitor


def shown(visitor: Visitor, staff: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in visitor.get(PEOPLE).json()["people"] if one["id"] == staff)
    return found


def lines(visitor: Visitor, **wanted: str) -> list[dict[str, str]]:
    answer = visitor.get("/api/v1/audit.csv", **wanted)
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_somebody_new_signs_in_with_a_code_and_then_with_a_pin_of_their_own(branch: WebBranch, ada: Visitor) -> None:
    staff, code = added(ada, "Aline Mukamana")
    assert (staff, shown(ada, staff)["sign_in"]) == ("aline-mukamana", "code")
    visitor = branch.person().sign_in(staff, code)
    assert visitor.get(SESSION).json()["new_pin"] is True
    visitor.post(f"{SESSION}/pin", {"new": "735192"})
    assert shown(ada, staff)["sign_in"] == "pin"
    assert branch.person().sign_in(staff, "735192").get(SESSION).json()["person"]["services"] == ["cash"]


def test_a_change_of_services_and_role_counts_from_the_next_request_on(branch: WebBranch, ada: Visitor) -> None:
    staff, visitor = settled(branch, ada, "Changing")
    asked = {"name": "Changing", "role": "manager", "services": ["cards", "cash"]}
    assert ada.post(f"{PEOPLE}/{staff}", asked, method="PUT").status_code == 200
    person = visitor.get(SESSION).json()["person"]
    assert (person["role"], person["services"]) == ("manager", ["cards", "cash"])
    assert visitor.get(PEOPLE).status_code == 200
    assert ada.post(f"{PEOPLE}/{staff}", {**asked, "role": "staff"}, method="PUT").status_code == 200
    assert visitor.get(PEOPLE).status_code == 403


def test_a_form_that_is_out_of_date_overwrites_nothing(ada: Visitor) -> None:
    staff, _ = added(ada, "Two Forms")
    was = {"name": "Two Forms", "role": "staff", "services": ["cash"], "active": True}
    first = ada.post(f"{PEOPLE}/{staff}", {**was, "name": "First", "was": was}, method="PUT")
    second = ada.post(f"{PEOPLE}/{staff}", {**was, "name": "Second", "was": was}, method="PUT")
    assert (first.status_code, second.status_code) == (200, 409)
    assert second.json()["error"]["code"] == "changed"
    assert shown(ada, staff)["name"] == "First"


def test_a_reset_shuts_out_the_old_pin_and_every_session(branch: WebBranch, ada: Visitor) -> None:
    staff, visitor = settled(branch, ada, "Forgetful")
    code = ada.post(f"{PEOPLE}/{staff}/reset-pin", {}).json()["code"]
    assert visitor.get(SESSION).status_code == 401
    assert branch.person().post(SESSION, {"staff": staff, "pin": "735192"}).status_code == 401
    assert branch.person().sign_in(staff, code).get(SESSION).json()["new_pin"] is True


def test_somebody_who_is_removed_or_switched_off_is_out_at_once_with_all_open_pages(branch: WebBranch, ada: Visitor) -> None:
    for how in ("removed", "switched off"):
        staff, visitor = settled(branch, ada, "Leaving")
        with visitor.http.get(f"{branch.url}/api/v1/stream", stream=True, timeout=PATIENCE_S) as stream:
            read = stream.iter_lines(chunk_size=1)
            next(read)
            if how == "removed":
                assert ada.post(f"{PEOPLE}/{staff}", method="DELETE").status_code == 200
            else:
                off = {"name": "Leaving", "services": ["cash"], "active": False}
                assert ada.post(f"{PEOPLE}/{staff}", off, method="PUT").status_code == 200
            assert b"event: over" in list(read), how
        assert visitor.get(SESSION).status_code == 401, how
        assert branch.person().post(SESSION, {"staff": staff, "pin": "735192"}).status_code == 401, how


def test_a_name_that_comes_back_has_nothing_of_its_old_pin(branch: WebBranch, ada: Visitor) -> None:
    staff, _ = settled(branch, ada, "Returning")
    ada.post(f"{PEOPLE}/{staff}", method="DELETE")
    again, code = added(ada, "Returning", id=staff)
    assert again == staff
    assert branch.person().post(SESSION, {"staff": staff, "pin": "735192"}).status_code == 401
    branch.person().sign_in(staff, code)


def test_the_only_administrator_stays_one(ada: Visitor) -> None:
    answers = [
        ada.post(f"{PEOPLE}/ada", method="DELETE"),
        ada.post(f"{PEOPLE}/ada", {"name": "Ada", "role": "staff"}, method="PUT"),
        ada.post(f"{PEOPLE}/ada", {"name": "Ada", "role": "admin", "active": False}, method="PUT"),
    ]
    assert [answer.status_code for answer in answers] == [403] * 3
    assert "only administrator" in answers[0].json()["error"]["message"]


def test_the_same_request_twice_adds_one_person(ada: Visitor) -> None:
    key = "01900000-0000-7000-8000-0000000000aa"
    first = ada.post(PEOPLE, {"id": "twice", "name": "Twice", "services": ["cash"]}, key=key)
    second = ada.post(PEOPLE, {"id": "twice", "name": "Twice", "services": ["cash"]}, key=key)
    assert (first.status_code, second.status_code) == (201, 409)
    assert [one["id"] for one in ada.get(PEOPLE).json()["people"]].count("twice") == 1


def test_a_request_without_an_id_that_comes_twice_adds_one_person(ada: Visitor) -> None:
    key = uuid7()
    first, second = (ada.post(PEOPLE, {"name": "Asked Again", "services": ["cash"]}, key=key) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 409)
    assert second.json()["error"]["code"] == "already_there"
    assert [one["id"] for one in ada.get(PEOPLE).json()["people"] if one["name"] == "Asked Again"] == ["asked-again"]


def test_two_of_one_name_who_are_added_at_once_are_two(branch: WebBranch) -> None:
    people = [branch.person("ada") for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda one: added(one, "Same Name")[0], people))
    assert sorted(made) == ["same-name", "same-name-2", "same-name-3", "same-name-4"]


@pytest.mark.parametrize(
    "body",
    [None, [], {}, {"name": ""}, {"name": "   "}, {"name": "x" * 500}, {"name": "X", "role": "god"},
     {"name": "X", "id": "No Slug"}, {"name": "X", "services": "cash"}, {"name": "X", "services": ["' OR 1=1"]},
     {"name": {"en": "X"}}],
)  # fmt: skip
def test_a_description_that_is_none_is_refused_in_the_contracts_form(ada: Visitor, body: Any) -> None:
    answer = ada.post(PEOPLE, body)
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "invalid"


def test_a_service_that_is_not_there_is_refused_by_the_branch(ada: Visitor) -> None:
    answer = ada.post(PEOPLE, {"name": "X", "services": ["no-such-service"]})
    assert answer.status_code in {404, 409, 422}
    assert set(answer.json()["error"]) >= {"code", "message"}


def test_a_manager_sees_and_gives_what_is_his(branch: WebBranch, ada: Visitor) -> None:
    staff, _ = added(ada, "Cashier")
    max_ = branch.person("max")
    seen = [one["id"] for one in max_.get(PEOPLE).json()["people"]]
    assert staff in seen
    assert not {"ada", "max", "ben", "eve"} & set(seen), "eve works for enquiries too"
    page = max_.get("/admin/people").text
    assert "482913" not in page
    assert '"manager"' not in page


def test_a_token_works_within_its_scopes_until_it_is_revoked_and_its_streams_end(branch: WebBranch, ada: Visitor) -> None:
    made = ada.post(TOKENS, {"name": "Site", "scopes": ["read", "tickets"]}).json()
    visitor = branch.person()
    visitor.http.headers["Authorization"] = f"Bearer {made['text']}"
    assert visitor.get("/api/v1/services").status_code == 200
    assert visitor.get("/api/v1/people").status_code == 403
    told = ada.get(TOKENS)
    assert made["text"] not in told.text
    assert next(one for one in told.json()["tokens"] if one["name"] == "Site")["used_at"] is not None
    with visitor.http.get(f"{branch.url}/api/v1/stream", stream=True, timeout=PATIENCE_S) as stream:
        read = stream.iter_lines(chunk_size=1)
        next(read)
        assert ada.post(f"{TOKENS}/{made['token']['id']}", method="DELETE").json()["token"]["state"] == "revoked"
        assert b"event: over" in list(read)
    assert visitor.get("/api/v1/services").status_code == 401


@pytest.mark.parametrize(
    "body",
    [{}, {"name": "", "scopes": ["read"]}, {"name": "X", "scopes": []}, {"name": "X", "scopes": ["admin"]},
     {"name": "X\n", "scopes": "read"}, {"name": "X", "scopes": ["read"], "until": "2001-01-01"},
     {"name": "X", "scopes": ["read"], "until": "9999-12-31"}, {"name": "X", "scopes": ["read"], "until": "soon"},
     {"name": "x" * 65, "scopes": ["read"]}],
)  # fmt: skip
def test_a_token_that_makes_no_sense_is_not_made(ada: Visitor, body: Any) -> None:
    before = ada.get(TOKENS).json()
    assert ada.post(TOKENS, body).status_code == 422
    assert ada.get(TOKENS).json() == before


def test_a_token_with_an_end_says_which_day(ada: Visitor) -> None:
    made = ada.post(TOKENS, {"name": "Until", "scopes": ["metrics"], "until": "2099-06-30"}).json()["token"]
    assert made["ends_at"] == "2099-06-30T22:00:00.000Z", "midnight in Kigali"


def test_a_code_from_the_command_line_lets_in_whoever_lost_the_pin_while_all_runs(branch: WebBranch, ada: Visitor) -> None:
    staff, _ = settled(branch, ada, "Lost")
    made = rescued(branch, staff)
    assert made.returncode == 0, made.stderr
    code = made.stdout.strip().rsplit(" ", 1)[1]
    assert branch.person().post(SESSION, {"staff": staff, "pin": "735192"}).status_code == 401
    assert branch.person().sign_in(staff, code).get(SESSION).json()["new_pin"] is True
    unknown = rescued(branch, "nobody")
    assert unknown.returncode == 1
    assert "there is nobody with the id nobody" in unknown.stderr


def rescued(branch: WebBranch, staff: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "branch_server.web.people.rescue", "--data", str(branch.data), staff]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_what_people_did_is_found_again(branch: WebBranch, ada: Visitor) -> None:
    ticket = ada.post("/api/v1/tickets", {"service": "enquiries"}).json()["result"]
    eve = branch.person("eve")
    eve.post("/api/v1/counters/c2/open", {})
    eve.post("/api/v1/counters/c2/call-next", {})
    eve.post("/api/v1/services/cash/close", {})
    story = lines(ada, number=ticket["number"])
    assert [(line["action"], line["who"], line["outcome"]) for line in story] == [
        ("call_next", "eve", "ok"), ("join", "ada", "ok"),
    ]  # fmt: skip
    assert {line["tickets"] for line in story} == {ticket["number"]}
    refused = lines(ada, who="eve", outcome="refused")[0]
    assert (refused["action"], refused["subject"], refused["outcome"]) == ("close_service", "cash", "not_allowed")
    assert refused["address"] == "127.0.0.1"
    page = ada.get("/admin/audit", who="eve").text
    assert "Next one called" in page
    assert ticket["number"] in page


def test_exports_sign_ins_and_resets_are_lines_and_no_secret_is(branch: WebBranch, ada: Visitor) -> None:
    branch.person().post(SESSION, {"staff": "eve", "pin": "735511"})
    branch.person().post(SESSION, {"staff": "735533", "pin": "735522"})
    branch.person("eve")
    staff, code = added(ada, "Traced")
    found = ada.get("/api/v1/audit.csv").text
    done = {(line["action"], line["outcome"]) for line in lines(ada, about="signing")}
    assert {("sign_in", "ok"), ("sign_in", "wrong_pin"), ("reset_pin", "ok")} <= done
    assert lines(ada, about="access")[0]["action"] == "export_audit"
    assert ("unknown", "wrong_pin") in {(line["who"], line["outcome"]) for line in lines(ada, who="unknown")}
    assert not any(secret in found for secret in ("735511", "735522", "735533", code, PINS["eve"]))
    assert staff in found


def test_no_cell_of_the_file_is_a_formula(ada: Visitor) -> None:
    staff, _ = added(ada, "=cmd|' /C calc'!A0")
    ada.post(f"{PEOPLE}/{staff}/sign-out", {})
    ada.post(TOKENS, {"name": "@SUM(1)", "scopes": ["read"]})
    assert not any(cell.startswith(("=", "@", "+")) for line in lines(ada) for cell in line.values())


@pytest.mark.parametrize(
    "query",
    [{"from": "x"}, {"from": "2026-02-30"}, {"before": "' OR 1=1"}, {"who": "%"}, {"number": "'"}, {"about": "x"},
     {"to": "0001-01-01"}, {"to": "9999-12-31"}, {"from": "0001-01-01"}],
)  # fmt: skip
def test_a_filter_that_makes_no_sense_breaks_nothing(ada: Visitor, query: dict[str, str]) -> None:
    assert ada.get("/admin/audit", **query).status_code == 200
    assert ada.get("/api/v1/audit.csv", **query).status_code in {200, 422}


def test_a_flood_of_wrong_pins_fills_nothing(branch: WebBranch, ada: Visitor) -> None:
    before, tries = len(lines(ada, outcome="refused")), 2 * MOST_NOTED + 1
    for n in range(tries):
        visitor = branch.person()
        visitor.http.headers["X-Forwarded-For"] = f"10.8.0.{n}"
        assert visitor.post(SESSION, {"staff": f"nobody-{n}", "pin": "x"}).status_code == 401
    assert len(lines(ada, outcome="refused")) - before < tries
