"""Every route of the API, by everybody, at the own branch and at others': a new route needs a decision here."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from fastapi.routing import APIRoute

from cloud.app import create_app
from cloud.bus.bus import LocalBus
from cloud.people import accounts
from cloud.people.rights import Role
from cloud.settings import CloudSettings
from cloud.site import Site
from cloud.store.database import Database
from foleni.ids import uuid7
from tests.support import offices
from tests.support.cloud import CloudProcess, Person, add_person
from tests.support.waiting import PATIENCE_S

OPEN, SIGNED, BRANCH, GATEWAY = "anybody", "whoever is signed in", "the branch's token", "the gateway's secret"
STAFF, MANAGER, ADMIN, ROOT = "staff", "manager", "admin", "root"
HELD: dict[str, frozenset[str]] = {
    "nobody": frozenset(),
    "user": frozenset({SIGNED}),
    "staff here": frozenset({SIGNED, STAFF}),
    "manager here": frozenset({SIGNED, STAFF, MANAGER}),
    "admin here": frozenset({SIGNED, STAFF, MANAGER, ADMIN}),
    "root": frozenset({SIGNED, STAFF, MANAGER, ADMIN, ROOT}),
    "staff elsewhere": frozenset({SIGNED}),
    "manager elsewhere": frozenset({SIGNED}),
    "admin elsewhere": frozenset({SIGNED}),
}
"""What each of them is at main-street of demo-bank."""


@dataclass(frozen=True)
class Decision:
    """Who may; and how the route is asked about main-street."""

    floor: str
    path: dict[str, str] | None = None
    params: dict[str, str] | None = None
    body: Callable[[], Any] | None = None


def press() -> dict[str, str]:
    return {"counter": "c1"}


def service() -> dict[str, str]:
    return {"service": "cash"}


HERE = {"branch": "main-street"}
A = "/api/v1"
TABLE: dict[tuple[str, str], Decision] = {
    **{("POST", f"{A}/auth/{name}"): Decision(OPEN) for name in ("otp/request", "otp/verify", "refresh", "sign-out")},
    **{("GET", f"{A}/{name}"): Decision(OPEN) for name in (
        "organizations", "branches", "branches/{branch}", "branches/{branch}/services", "tickets/{key}/status",
        "tickets/{key}/stream", "push/key",
    )},
    **{("POST", f"{A}/tickets/{{key}}/{name}"): Decision(OPEN) for name in ("cancel", "check-in", "rate")},
    ("POST", f"{A}/queues/{{branch}}/join"): Decision(OPEN),
    ("POST", f"{A}/ussd/inbound"): Decision(GATEWAY),
    ("POST", f"{A}/ussd/inbound/{{key}}"): Decision(GATEWAY),
    **{(method, f"{A}/sync/{{branch}}/{name}"): Decision(BRANCH) for method, name in (
        ("POST", "events"), ("GET", "events"), ("GET", "commands"), ("POST", "replies"),
    )},
    ("POST", f"{A}/auth/sign-out-everywhere"): Decision(SIGNED),
    ("GET", f"{A}/me"): Decision(SIGNED),
    ("PATCH", f"{A}/me"): Decision(SIGNED, body=dict),
    ("DELETE", f"{A}/me"): Decision(SIGNED),
    ("GET", f"{A}/me/tickets"): Decision(SIGNED),
    ("POST", f"{A}/me/push"): Decision(SIGNED, body=dict),
    ("DELETE", f"{A}/me/push/{{subscription}}"): Decision(SIGNED, {"subscription": "none"}),
    ("GET", f"{A}/staff/branches"): Decision(SIGNED),
    ("GET", f"{A}/staff/queues/{{branch}}"): Decision(STAFF, HERE),
    ("POST", f"{A}/staff/queues/{{branch}}/call-next"): Decision(STAFF, HERE, body=press),
    ("POST", f"{A}/staff/tickets/{{ticket}}/skip"): Decision(STAFF, {"ticket": "$called"}, body=dict),
    **{("POST", f"{A}/staff/queues/{{branch}}/{name}"): Decision(MANAGER, HERE, body=service) for name in (
        "pause", "resume", "close",
    )},
    ("GET", f"{A}/branches/{{branch}}/notifications"): Decision(MANAGER, HERE),
    ("GET", f"{A}/branches/{{branch}}/settings"): Decision(MANAGER, HERE),
    ("PATCH", f"{A}/branches/{{branch}}"): Decision(MANAGER, HERE, body=dict),
    ("GET", f"{A}/reports/branches"): Decision(MANAGER, params=HERE),
    ("GET", f"{A}/reports/days"): Decision(MANAGER, params=HERE),
    ("GET", f"{A}/audit"): Decision(MANAGER, params=HERE),
    ("GET", f"{A}/people"): Decision(MANAGER, params=HERE),
    ("POST", f"{A}/people"): Decision(MANAGER, body=lambda: {**HERE, "phone": "+250788000099", "role": "staff"}),
    ("DELETE", f"{A}/people/roles/{{role}}"): Decision(MANAGER, {"role": "$role"}),
    ("GET", f"{A}/branches/{{branch}}/tokens"): Decision(ADMIN, HERE),
    ("POST", f"{A}/branches/{{branch}}/tokens"): Decision(ADMIN, HERE),
    ("DELETE", f"{A}/branches/{{branch}}/tokens/{{token}}"): Decision(ADMIN, {**HERE, "token": "none"}),
    ("POST", f"{A}/branches"): Decision(ADMIN, body=lambda: {"id": uuid7()[-12:], "organization": "demo-bank"}),
    ("GET", f"{A}/organizations/{{organization}}/settings"): Decision(ADMIN, {"organization": "demo-bank"}),
    ("PATCH", f"{A}/organizations/{{organization}}"): Decision(ADMIN, {"organization": "demo-bank"}, body=dict),
    ("POST", f"{A}/organizations"): Decision(ROOT, body=lambda: {"id": uuid7()[-12:], "name": "New"}),
    ("PATCH", f"{A}/people/{{user}}"): Decision(ROOT, {"user": "none"}, body=lambda: {"is_active": True}),
}  # fmt: skip
"""Whoever may not gets 403, a stranger 401; whoever may gets anything else, such as 404 for what is not there."""
ASKED = [key for key, decision in TABLE.items() if decision.floor in {SIGNED, STAFF, MANAGER, ADMIN, ROOT}]
LAST = {("DELETE", f"{A}/me"), ("POST", f"{A}/auth/sign-out-everywhere")}
"""Nobody is signed in after these."""


@pytest.fixture(name="cloud", scope="module")
def _cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudProcess]:
    with CloudProcess(tmp_path_factory.mktemp("rights")) as cloud:
        offices.set_up(cloud)
        offices.heard(cloud, "main-street", 60)
        yield cloud


@pytest.fixture(name="everybody", scope="module")
def _everybody(cloud: CloudProcess) -> dict[str, Person | None]:
    def one(number: int, role: Any, organization: str | None = None, branch: str | None = None) -> Person:
        return offices.person(cloud, role, organization, branch, f"+25078800001{number}")

    return {
        "nobody": None,
        "user": one(0, None),
        "staff here": one(1, "staff", "demo-bank", "main-street"),
        "manager here": one(2, "manager", "demo-bank", "main-street"),
        "admin here": one(3, "admin", "demo-bank"),
        "root": one(4, "admin"),
        "staff elsewhere": one(5, "staff", "demo-bank", "airport"),
        "manager elsewhere": one(6, "manager", "demo-bank", "airport"),
        "admin elsewhere": one(7, "admin", "other-bank"),
    }


def test_every_route_has_a_decision(tmp_path: Path) -> None:
    settings = CloudSettings.model_validate({"http": "127.0.0.1:0", "database": f"sqlite:///{tmp_path / 'cloud.sqlite'}"})
    database = Database(settings.database, threads=1)
    database.open()
    try:
        app = create_app(Site(settings, database, LocalBus(), "http://127.0.0.1", "boot"))
    finally:
        database.close()
    routes = {(method, route.path) for route in _api_routes(app.routes) for method in route.methods or ()}
    described = {(method, path) for method, path in routes if not path.startswith(("/api/docs", f"{A}/openapi"))}
    assert described == set(TABLE)


def test_who_may_what(cloud: CloudProcess, everybody: dict[str, Person | None]) -> None:
    asked = [(name, key) for key in ASKED if key not in LAST for name in HELD]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda one: _ask(cloud, everybody[one[0]], *one[1]), asked))
    wrong = {
        (name, *key): status
        for (name, key), status in zip(asked, answers, strict=True)
        if not _fits(name, TABLE[key].floor, status, key[1])
    }
    assert wrong == {}


def test_a_stranger_erases_and_ends_nothing(cloud: CloudProcess) -> None:
    assert [_ask(cloud, None, *key) for key in LAST] == [401, 401]


def test_pages_of_other_branches_are_closed(cloud: CloudProcess, everybody: dict[str, Person | None]) -> None:
    for path, name, status in (
        ("/office/main-street", "staff elsewhere", 403), ("/office/main-street", "staff here", 200),
        ("/office/main-street/settings", "staff here", 403), ("/office/main-street/stream", "staff elsewhere", 403),
        ("/office/users", "staff here", 403), ("/office/audit", "staff here", 403), ("/office/reports", "staff here", 403),
        ("/office/reports?branch=main-street", "manager elsewhere", 403),
        ("/office/audit?place=branch:main-street", "manager elsewhere", 403),
        ("/office/nowhere", "root", 404), ("/office/main-street", "nobody", 303),
    ):  # fmt: skip
        who = everybody[name]
        cookies = {"foleni_session": offices.cookie_of(cloud, who)} if who is not None else {}
        answer = requests.get(cloud.url + path, cookies=cookies, timeout=PATIENCE_S, allow_redirects=False)
        assert (path, name, answer.status_code) == (path, name, status)


def test_a_role_that_was_taken_is_gone_with_the_next_request(cloud: CloudProcess) -> None:
    who = offices.person(cloud, None, None, None, "+250788000031")
    role = cloud.run(lambda c: accounts.grant(c, who.user, Role("staff", "demo-bank", "main-street"), offices.now()))
    assert cloud.get(f"{A}/staff/queues/main-street", who).status_code == 200
    cloud.run(lambda c: accounts.withdraw(c, role))
    assert cloud.get(f"{A}/staff/queues/main-street", who).status_code == 403


def _fits(name: str, floor: str, status: int, path: str) -> bool:
    if name == "nobody":
        return status == 401
    if path == f"{A}/people" and name in {"manager elsewhere", "admin elsewhere"} and status == 200:
        return True  # an empty list: those whom they look after there
    return (status not in {401, 403}) if floor in HELD[name] else status == 403


def _ask(cloud: CloudProcess, who: Person | None, method: str, path: str) -> int:
    decision = TABLE[method, path]
    for field, value in (decision.path or {}).items():
        path = path.replace(f"{{{field}}}", _made(cloud, value))
    body = decision.body() if decision.body is not None else None
    headers = who.headers if who is not None else {}
    asked = requests.request(method, cloud.url + path, json=body, params=decision.params, headers=headers, timeout=PATIENCE_S)
    return asked.status_code


def _made(cloud: CloudProcess, value: str) -> str:
    """What has to be there first."""
    if value == "$role":
        return cloud.run(
            lambda c: accounts.grant(
                c, add_person(c, f"+25078{uuid7()[-7:]}", "Bo").user, Role("staff", "demo-bank", "main-street"), offices.now()
            )
        )
    if value == "$called":
        queue = cloud.run(lambda c: offices.called_ticket(c, "main-street"))
        return str(queue)
    return value


def _api_routes(routes: Any) -> Iterator[APIRoute]:
    for route in routes:
        if isinstance(route, APIRoute):
            if route.path.startswith("/api/"):
                yield route
        elif hasattr(route, "original_router"):
            yield from _api_routes(route.original_router.routes)
