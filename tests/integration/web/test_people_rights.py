"""The rights matrix through the real routes: whatever is forbidden is tried, and refused, and changes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.waiting import PATIENCE_S
from tests.support.web import SETUP, Visitor, WebBranch

QUEUE, SERVICES, STAFF, SETTING_UP = "queue", "services", "staff", "setting up"
MAY = {
    "admin": {QUEUE, SERVICES, STAFF, SETTING_UP, "notice", "tokens", "hooks", "audit", "reports", "devices", "device orders"},
    "manager": {QUEUE, SERVICES, STAFF, "reports", "devices"},
    "staff": {QUEUE},
    "read": {"devices"},
    "tickets": {"tickets"},
    "counters": {"counters"},
    "services": {SERVICES},
    "reports": {"reports"},
    "metrics": set(),
    "nobody": set(),
}
STAFF_OF = {"admin": "ada", "manager": "max", "staff": "eve"}
SCOPES = ("read", "tickets", "counters", "services", "reports", "metrics")


@dataclass(frozen=True)
class Try:
    """A request, and the rights of which one allows it; `{ticket}` is a ticket of cash, `{strange}` one of cards."""

    method: str
    path: str
    rights: frozenset[str]
    body: dict[str, Any]
    strange: str = ""
    """The same request about what belongs to the service of others; no manager and no staff may do it."""


def at_tickets(verb: str, **body: Any) -> Try:
    return Try("POST", f"/tickets/{{ticket}}/{verb}", frozenset({QUEUE, "tickets"}), body, f"/tickets/{{strange}}/{verb}")


def at_counters(verb: str, **body: Any) -> Try:
    return Try("POST", f"/counters/c1/{verb}", frozenset({QUEUE, "counters"}), body, f"/counters/c4/{verb}")


def at_services(verb: str) -> Try:
    return Try("POST", f"/services/cash/{verb}", frozenset({SERVICES}), {}, f"/services/cards/{verb}")


def one(method: str, path: str, right: str, strange: str = "", **body: Any) -> Try:
    return Try(method, path, frozenset({right}), body, strange)


TRIES = [
    Try("POST", "/tickets", frozenset({QUEUE, "tickets"}), {"service": "cash", "channel": "staff"}),
    at_tickets("cancel"), at_tickets("check-in"), at_tickets("transfer", to_service="cash"), at_tickets("note", text="x"),
    at_tickets("priority", priority="priority"), at_tickets("rate", stars=5),
    at_counters("call-next"), at_counters("call-ticket", ticket="{ticket}"), at_counters("unpark", ticket="{ticket}"),
    at_counters("recall"), at_counters("start"), at_counters("complete"), at_counters("skip"), at_counters("no-show"),
    at_counters("park"), at_counters("undo"), at_counters("open", staff="eve"), at_counters("close"), at_counters("break"),
    at_services("open"), at_services("pause"), at_services("close"),
    one("POST", "/announce", "notice", text={"en": "x"}),
    one("GET", "/people", STAFF), one("POST", "/people", STAFF, name="N", services=["cash"]),
    one("PUT", "/people/gus", STAFF, "/people/ben", name="N", services=["cash"]),
    one("POST", "/people/gus/reset-pin", STAFF, "/people/ben/reset-pin"),
    one("POST", "/people/gus/sign-out", STAFF, "/people/ben/sign-out"),
    one("POST", "/people/gus/lift", STAFF, "/people/ben/lift"),
    one("POST", "/people/lift-address", "tokens", address="10.0.0.1"),
    one("GET", "/tokens", "tokens"), one("POST", "/tokens", "tokens", name="N", scopes=["read"]),
    one("DELETE", "/tokens/none", "tokens"), one("GET", "/audit.csv", "audit"),
    one("GET", "/hooks", "hooks"), one("GET", "/setup", SETTING_UP), one("PUT", "/setup/branch", SETTING_UP, value={}),
    one("DELETE", "/setup/service/none", SETTING_UP), one("GET", "/setup/export.toml", SETTING_UP),
    one("POST", "/setup/import", SETTING_UP, toml=""), one("GET", "/devices", "devices"),
    one("POST", "/devices/none/orders", "device orders", type="identify"), one("DELETE", "/people/gus", STAFF, "/people/ben"),
]  # fmt: skip
"""The removal comes last: whoever may remove gus does."""

PAGES = {
    "/console": QUEUE, "/reception": QUEUE, "/admin/people": STAFF, "/admin/tokens": "tokens",
    "/admin/audit": "audit", "/admin/hooks": "hooks", "/admin/move": SETTING_UP, "/admin/branch": SETTING_UP,
    "/reports": "reports", "/admin/devices/join": SETTING_UP,
}  # fmt: skip
"""`/me` is everybody's own."""

MORE = """
[[counter]]
id = "c4"
label = "4"
services = ["cards"]

[[staff]]
id = "gus"
name = "Gus"
services = ["cash"]
pin = "637281"
"""


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebBranch]:
    with WebBranch(tmp_path_factory.mktemp("rights"), SETUP + MORE) as branch:
        yield branch


@pytest.fixture(scope="module")
def people(branch: WebBranch) -> dict[str, Visitor]:
    """Everybody: signed in, with a token, or neither."""
    ada = branch.person("ada")
    ada.post("/api/v1/people/eve", {"name": "Eve", "services": ["cash"]}, method="PUT")
    found = {role: branch.person(staff) for role, staff in STAFF_OF.items()} | {"nobody": branch.person()}
    for scope in SCOPES:
        found[scope] = branch.person()
        text = ada.post("/api/v1/tokens", {"name": scope, "scopes": [scope]}).json()["text"]
        found[scope].http.headers["Authorization"] = f"Bearer {text}"
    return found


@pytest.fixture(scope="module")
def tickets(people: dict[str, Visitor]) -> dict[str, str]:
    def given(service: str) -> str:
        answer = people["admin"].post("/api/v1/tickets", {"service": service, "channel": "staff"})
        return str(answer.json()["result"]["ticket"])

    return {"ticket": given("cash"), "strange": given("cards")}


def asked(visitor: Visitor, tried: Try, path: str, tickets: dict[str, str]) -> Any:
    path, body = path.format(**tickets), {name: _filled(value, tickets) for name, value in tried.body.items()}
    if tried.method == "GET":
        return visitor.get(f"/api/v1{path}")
    return visitor.post(f"/api/v1{path}", body, method=tried.method)


def _filled(value: Any, tickets: dict[str, str]) -> Any:
    return value.format(**tickets) if isinstance(value, str) else value


@pytest.mark.parametrize("tried", TRIES, ids=lambda tried: f"{tried.method} {tried.path}")
def test_a_route_refuses_exactly_those_whom_the_matrix_refuses(
    people: dict[str, Visitor], tickets: dict[str, str], tried: Try
) -> None:
    for who, rights in MAY.items():
        answer = asked(people[who], tried, tried.path, tickets)
        if who == "nobody":
            assert (answer.status_code, answer.json()["error"]["code"]) == (401, "not_signed_in"), who
        elif rights & tried.rights:
            assert answer.status_code not in {401, 403}, (who, answer.text)
        else:
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_allowed"), (who, answer.text)


@pytest.mark.parametrize(
    "tried", [tried for tried in TRIES if tried.strange], ids=lambda tried: f"{tried.method} {tried.strange}"
)
def test_nothing_is_done_to_the_services_of_others(people: dict[str, Visitor], tickets: dict[str, str], tried: Try) -> None:
    for who in ("manager", "staff"):
        answer = asked(people[who], tried, tried.strange, tickets)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_allowed"), (who, answer.text)


@pytest.mark.parametrize(("path", "right"), PAGES.items())
def test_a_page_opens_to_exactly_those_who_may_see_it(people: dict[str, Visitor], path: str, right: str) -> None:
    for who in STAFF_OF:
        assert people[who].get(path).status_code == (200 if right in MAY[who] else 403), who
    for nobody in ("nobody", "read", "counters"):
        assert people[nobody].get(path).headers["location"].startswith("/sign-in?next="), nobody


@pytest.mark.parametrize("path", ["/api/v1/session", "/api/v1/session/pin", "/api/v1/session/sign-out-everywhere"])
def test_a_token_is_no_person_with_a_pin(people: dict[str, Visitor], path: str) -> None:
    assert people["read"].get("/api/v1/session").status_code == 401
    method = "DELETE" if path.endswith("session") else "POST"
    assert people["read"].post(path, {"new": "735192"}, method=method).status_code == 401


def test_a_token_needs_no_mark_and_no_origin(people: dict[str, Visitor]) -> None:
    visitor = people["tickets"]
    answer = visitor.http.post(
        f"{visitor.url}/api/v1/tickets", json={"service": "enquiries"}, headers={"Origin": "https://x.example"}
    )
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer x", "bearer fol_x", "Basic eDp5", "fol_x", "Bearer " + "x" * 4000]
)
def test_a_token_that_is_none_opens_nothing_even_beside_a_session(branch: WebBranch, header: str) -> None:
    visitor = branch.person("ada")
    answer = visitor.http.get(f"{branch.url}/api/v1/people", headers={"Authorization": header}, timeout=PATIENCE_S)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "not_signed_in")
