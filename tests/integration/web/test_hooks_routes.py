"""Webhooks as administrators make them, over HTTP and over a restart."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.api import Program, Receiver, is_in_form
from tests.support.waiting import until
from tests.support.web import POLITE_S, Visitor, WebBranch

HOOKS = "/api/v1/hooks"


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebBranch]:
    with WebBranch(tmp_path_factory.mktemp("hooks-routes")) as running:
        yield running


@pytest.fixture(scope="module")
def ada(branch: WebBranch) -> Visitor:
    return branch.person("ada")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as listening:
        yield listening


@pytest.fixture
def hook(ada: Visitor, receiver: Receiver) -> Iterator[dict[str, Any]]:
    made = ada.post(HOOKS, {"url": receiver.url, "events": ["ticket_joined"]})
    assert made.status_code == 200, made.text
    yield made.json()
    ada.post(f"{HOOKS}/{made.json()['id']}", method="DELETE")


def deliveries(visitor: Visitor, hook: str) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = visitor.get(f"{HOOKS}/{hook}/deliveries").json()["deliveries"]
    return told


def test_a_hook_tells_its_secret_once(ada: Visitor, hook: dict[str, Any]) -> None:
    assert hook["secret"].startswith("whsec_")
    for path in (HOOKS, f"{HOOKS}/{hook['id']}"):
        assert hook["secret"] not in ada.get(path).text
    renewed = ada.post(f"{HOOKS}/{hook['id']}/secret").json()
    assert renewed["secret"] != hook["secret"]


def test_what_is_joined_is_sent_and_stands_in_the_log(ada: Visitor, receiver: Receiver, hook: dict[str, Any]) -> None:
    ticket = ada.post("/api/v1/tickets", {"service": "cash", "phone": "+250788555111", "name": "Jo"}).json()["result"]
    (got,) = receiver.wait_for(1)
    assert got.event["number"] == ticket["number"]
    assert b"788555111" not in got.body
    until(lambda: deliveries(ada, hook["id"])[0]["state"] == "delivered", every_s=POLITE_S)
    (line,) = deliveries(ada, hook["id"])
    assert (line["attempts"], line["status"], line["payload"]["ticket"]) == (1, 200, ticket["ticket"])


def test_a_test_is_sent_and_anything_can_be_sent_again(ada: Visitor, receiver: Receiver, hook: dict[str, Any]) -> None:
    sent = ada.post(f"{HOOKS}/{hook['id']}/test").json()
    first = receiver.wait_for(1)[0]
    assert first.event == {"id": sent["event"], "type": "test", "at": first.event["at"], "hook": hook["id"]}
    again = ada.post(f"{HOOKS}/{hook['id']}/deliveries/{sent['delivery']}/again").json()
    assert again["delivery"] != sent["delivery"]
    assert receiver.wait_for(2)[1].event == first.event


def test_the_log_is_read_page_by_page(ada: Visitor, receiver: Receiver, hook: dict[str, Any]) -> None:
    for _ in range(3):
        ada.post(f"{HOOKS}/{hook['id']}/test")
    page = ada.get(f"{HOOKS}/{hook['id']}/deliveries", limit=2).json()
    rest = ada.get(f"{HOOKS}/{hook['id']}/deliveries", limit=2, before=page["before"]).json()
    assert [len(page["deliveries"]), len(rest["deliveries"]), rest["before"]] == [2, 1, None]


def test_a_hook_is_changed_and_switched_off(ada: Visitor, receiver: Receiver, hook: dict[str, Any]) -> None:
    body = {"url": f"{receiver.url}/other", "events": [], "active": False}
    changed = ada.post(f"{HOOKS}/{hook['id']}", body, method="PUT").json()
    assert (changed["url"], changed["events"], changed["active"]) == (body["url"], [], False)
    refused = ada.post(f"{HOOKS}/{hook['id']}/test")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "hook_off")


@pytest.mark.parametrize(
    "body",
    [{}, {"url": "ftp://a/"}, {"url": "http://169.254.169.254/x"}, {"url": 7}, {"url": "http://a/", "events": ["eaten"]},
     {"url": "http://a/", "events": "ticket_joined"}, {"url": "http://u:p@a/"}],
)  # fmt: skip
def test_what_is_no_hook_is_refused(ada: Visitor, body: dict[str, Any]) -> None:
    answer = ada.post(HOOKS, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid")


def test_an_unknown_hook_or_delivery_is_said_so(ada: Visitor, hook: dict[str, Any]) -> None:
    asked = [("GET", "/nix"), ("PUT", "/nix"), ("DELETE", "/nix"), ("POST", "/nix/test"), ("POST", "/nix/secret"),
             ("GET", "/nix/deliveries"), ("POST", f"/{hook['id']}/deliveries/99999/again"),
             ("POST", f"/{hook['id']}/deliveries/x/again"), ("POST", f"/{hook['id']}/deliveries/{'9' * 30}/again")]  # fmt: skip
    for method, path in asked:
        answer = ada.post(HOOKS + path, {"url": "http://a/"} if method == "PUT" else None, method=method)
        assert answer.status_code == 404, (method, path, answer.text)
        assert is_in_form(answer)


def test_only_administrators_have_a_hand_in_hooks(branch: WebBranch, hook: dict[str, Any]) -> None:
    strangers = [branch.person("max"), branch.person("eve"), Program(branch, "read", "tickets", "counters", "services")]
    for stranger in strangers:
        for method, path in (("GET", ""), ("POST", ""), ("GET", f"/{hook['id']}"), ("PUT", f"/{hook['id']}"),
                             ("DELETE", f"/{hook['id']}"), ("POST", f"/{hook['id']}/test"),
                             ("POST", f"/{hook['id']}/secret"), ("GET", f"/{hook['id']}/deliveries")):  # fmt: skip
            assert stranger.post(HOOKS + path, {"url": "http://a/"}, method=method).status_code == 403
        assert stranger.get("/admin/hooks").status_code in {303, 403}
    assert branch.person().get(HOOKS).status_code == 401


def test_a_branch_has_a_bounded_number_of_hooks(ada: Visitor) -> None:
    made = []
    while (answer := ada.post(HOOKS, {"url": "http://127.0.0.1:9/", "active": False})).status_code == 200:
        made.append(answer.json()["id"])
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "too_many_hooks")
    for one in made:
        ada.post(f"{HOOKS}/{one}", method="DELETE")
    assert len(made) == 20


def test_what_was_not_delivered_is_delivered_after_a_power_cut(branch: WebBranch, ada: Visitor, receiver: Receiver) -> None:
    hook = ada.post(HOOKS, {"url": receiver.url, "events": ["ticket_joined"]}).json()["id"]
    receiver.leave()
    tickets = {ada.post("/api/v1/tickets", {"service": "cards"}).json()["result"]["ticket"] for _ in range(5)}
    branch.kill()
    receiver.come()
    branch.start()
    until(lambda: {got.event["ticket"] for got in receiver.got} >= tickets)
    again = branch.person("ada")
    until(lambda: {line["state"] for line in deliveries(again, hook)} == {"delivered"}, every_s=POLITE_S)
