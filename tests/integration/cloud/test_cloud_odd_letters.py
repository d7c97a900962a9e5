"""What nobody should send or ask stops nothing: odd letters, a setup that makes no sense, staff as customers."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.support import offices
from tests.support.cloud import CloudProcess, Person
from tests.support.fake_branch import FakeBranch
from tests.support.postgres import postgres
from tests.support.waiting import PATIENCE_S

A = "/api/v1"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudProcess]:
    with CloudProcess(tmp_path_factory.mktemp("odd-letters"), database=postgres().database()) as running:
        yield running


@pytest.fixture(scope="module")
def branch(cloud: CloudProcess) -> FakeBranch:
    made = FakeBranch(cloud, cloud.branch("odd", "demo-bank"), "odd")
    made.opens("cash")
    made.tell_all()
    return made


@pytest.fixture(scope="module")
def root(cloud: CloudProcess) -> Person:
    return offices.person(cloud, "admin", None, None, "+250788000009")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "me", {"name": "a\0b"}),
        ("POST", "queues/odd/join", {"service": "cash", "name": "a\0b"}),
        ("PATCH", "branches/odd", {"address": "a\0b"}),
        ("POST", "organizations", {"id": "odd-bank", "name": "a\0b"}),
        ("GET", "audit?by=%00", None),
        ("POST", "staff/tickets/%00/skip", {}),
        ("DELETE", "people/roles/%00", None),
        ("PATCH", "people/%00", {"is_active": True}),
        ("DELETE", "branches/odd/tokens/%00", None),
    ],
)
def test_a_zero_in_a_text_is_refused(
    cloud: CloudProcess, branch: FakeBranch, root: Person, method: str, path: str, body: Any
) -> None:
    answer = requests.request(method, f"{cloud.url}{A}/{path}", json=body, headers=root.headers, timeout=PATIENCE_S)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid"), branch.branch


def test_the_link_of_a_ticket_that_is_none_leads_to_a_calm_page(cloud: CloudProcess) -> None:
    assert requests.get(f"{cloud.url}/t/%00abc", timeout=PATIENCE_S).status_code == 404


def test_a_language_that_no_header_can_carry_is_left_away(cloud: CloudProcess, branch: FakeBranch, root: Person) -> None:
    ticket = cloud.post(f"{A}/queues/{branch.branch}/join", {"service": "cash"}, root).json()
    page = f"{cloud.url}/t/{ticket['token']}"
    answer = requests.post(f"{page}/cancel?lang=\u4e2d", allow_redirects=False, timeout=PATIENCE_S)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/t/{ticket['token']}")


def test_a_branch_that_describes_itself_oddly_is_listed_and_can_be_joined(cloud: CloudProcess, root: Person) -> None:
    odd = FakeBranch(cloud, cloud.branch("strange", "demo-bank"), "strange")
    odd.opens("cash")
    told = {"name": {"English": "No", "en": "x" * 600}, "business_day_starts": "99:99", "hours": [1], "time_zone": "../x"}
    odd.event("branch_saved", branch=told | {"languages": [5], "remote_issuer": "R"})
    odd.event("announced", text={"English": "No", "en": "y" * 600})
    odd.tell_all()
    listed = cloud.get(f"{A}/branches").json()["branches"]
    assert [(one["name"], one["hours"]) for one in listed if one["id"] == "strange"] == [({"en": "x" * 500}, None)]
    assert cloud.post(f"{A}/queues/strange/join", {"service": "cash"}, root).status_code == 200


def test_staff_look_at_a_ticket_of_their_branch_and_cannot_act_as_its_customer(cloud: CloudProcess, branch: FakeBranch) -> None:
    ada = cloud.person("+250788000001")
    path = f"{A}/tickets/{cloud.post(f'{A}/queues/{branch.branch}/join', {'service': 'cash'}, ada).json()['id']}"
    clerk = offices.person(cloud, "staff", "demo-bank", branch.branch, "+250788000002")
    seen = cloud.get(f"{path}/status", clerk).json()
    assert (seen["service"], seen["token"], seen["url"]) == ("cash", "", "")
    acts: list[tuple[str, Any]] = [("cancel", {}), ("check-in", {}), ("rate", {"stars": 5})]
    assert [cloud.post(f"{path}/{act}", body, clerk).status_code for act, body in acts] == [404, 404, 404]
    elsewhere = offices.person(cloud, "staff", "demo-bank", "strange", "+250788000003")
    assert cloud.get(f"{path}/status", elsewhere).status_code == 404
