"""A real branch server keeps bundles and plans, and gives each to those only who may have it."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from foleni.messages.updates import SERVER, Answer, Offer, Report
from foleni.settings import HostPort
from foleni.updating.asking import BranchServer, Place
from foleni.updating.errors import BranchAwayError
from foleni.updating.program import place_of
from tests.support.bundles import KIOSK, Workshop, check_tools
from tests.support.update_machine import BROKEN, FOREIGN, GOOD, SICK, RealWorld, UpdateMachine
from tests.support.web import Visitor, WebBranch

SERVER_BOX = "foleni-server-amd64"


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    check_tools()
    return Workshop(tmp_path_factory.mktemp("workshop"))


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebBranch]:
    with WebBranch(tmp_path_factory.mktemp("updates")) as branch:
        yield branch


@pytest.fixture(scope="module")
def ada(branch: WebBranch) -> Visitor:
    return branch.person("ada")


@pytest.fixture(scope="module")
def newer(ada: Visitor, workshop: Workshop) -> dict[str, object]:
    """A bundle for kiosks that lies on the server."""
    return brought(ada, workshop.bundle("0.2.0", payload_bytes=1_500_000))


def brought(visitor: Visitor, bundle: Path) -> dict[str, object]:
    answer = sent(visitor, bundle.read_bytes())
    assert answer.status_code == 201, answer.text
    stored: dict[str, object] = answer.json()
    return stored


def sent(visitor: Visitor, content: bytes) -> requests.Response:
    headers = {"Origin": visitor.url, "X-CSRF-Token": visitor.http.cookies.get("foleni_csrf", "")}
    return visitor.http.put(f"{visitor.url}/api/v1/updates/bundles", data=content, headers=headers, timeout=30)


def box(branch: WebBranch, device: str = "kiosk-1", password: str | None = None) -> BranchServer:
    at = HostPort.parse(branch.url.removeprefix("http://"))
    return BranchServer(Place(at, device, branch.account(device).password if password is None else password, plain=True))


def report(version: str = "0.1.0", compatible: str = KIOSK, **more: object) -> Report:
    return Report.model_validate({"compatible": compatible, "version": version, "slot": "a", **more})


def planned(visitor: Visitor, **body: object) -> dict[str, object]:
    answer = visitor.post("/api/v1/updates/plans", body)
    assert answer.status_code == 200, answer.text
    plan: dict[str, object] = answer.json()
    return plan


def test_a_plan_is_offered_and_the_bundle_comes_as_it_was_brought(
    branch: WebBranch, ada: Visitor, newer: dict[str, object], workshop: Workshop, tmp_path: Path
) -> None:
    kiosk = box(branch)
    assert kiosk.ask(report()) == Answer()
    plan = planned(ada, sha256=newer["sha256"], when="now")
    answer = kiosk.ask(report())
    assert answer.offer is not None
    assert (answer.offer.plan, answer.offer.version, answer.restart) == (plan["id"], "0.2.0", False)
    heard: list[int] = []
    kiosk.fetch(answer.offer, tmp_path / "x.raucb", heard.append)
    assert (tmp_path / "x.raucb").read_bytes() == workshop.bundle("0.2.0").read_bytes()
    assert heard == sorted(heard)
    assert heard[-1] == 100
    assert kiosk.ask(report(step="installed", plan=plan["id"])).restart
    assert planned(ada, sha256=newer["sha256"], when="hold")["id"] == plan["id"], "the same choice is the same plan"
    assert kiosk.ask(report(step="installed", plan=plan["id"])) == Answer()
    assert planned(ada, sha256=newer["sha256"], when="now", again=True)["id"] != plan["id"]


def test_a_fetch_goes_on_where_the_line_broke(
    branch: WebBranch, newer: dict[str, object], workshop: Workshop, tmp_path: Path
) -> None:
    whole = workshop.bundle("0.2.0").read_bytes()
    (tmp_path / "y.raucb.partial").write_bytes(whole[:777_777])
    offer = Offer.model_validate({"plan": "0197a3c2-5b1e-7c40-9d2f-3a1b5c7d9e01", "version": "0.2.0", **newer})
    heard: list[int] = []
    box(branch).fetch(offer, tmp_path / "y.raucb", heard.append)
    assert (tmp_path / "y.raucb").read_bytes() == whole
    assert heard[0] > 45, "what was there was not fetched again"


def test_what_is_not_what_was_offered_is_thrown_away(branch: WebBranch, newer: dict[str, object], tmp_path: Path) -> None:
    offer = Offer.model_validate({"plan": "0197a3c2-5b1e-7c40-9d2f-3a1b5c7d9e01", "version": "0.2.0", **newer})
    (tmp_path / "z.raucb.partial").write_bytes(b"\0" * 1000)
    with pytest.raises(BranchAwayError, match="fetched anew"):
        box(branch).fetch(offer, tmp_path / "z.raucb", lambda _percent: None)
    assert list(tmp_path.iterdir()) == []
    box(branch).fetch(offer, tmp_path / "z.raucb", lambda _percent: None)


def test_nobody_but_the_branchs_boxes_gets_anything(branch: WebBranch, ada: Visitor, newer: dict[str, object]) -> None:
    path = f"/updates/v1/bundles/{newer['sha256']}"
    url, password = branch.url, branch.account("kiosk-1").password
    assert requests.get(url + path, timeout=30).status_code == 401
    assert requests.get(url + path, auth=("kiosk-1", "guess"), timeout=30).status_code == 401
    assert requests.get(url + path, auth=("kiosk-1", ""), timeout=30).status_code == 401
    assert requests.get(url + path, auth=("stranger", password), timeout=30).status_code == 403
    assert requests.get(url + path, auth=("../kiosk-1", password), timeout=30).status_code == 403
    assert requests.get(url + path, auth=(SERVER, password), timeout=30).status_code == 401
    assert requests.get(url + path, headers={"Authorization": "Basic %%%"}, timeout=30).status_code == 401
    assert ada.get(path).status_code == 401, "a person's session is no box's account"
    kept = requests.get(url + path, auth=("kiosk-1", password), headers={"Range": "bytes=0-3"}, timeout=30)
    assert (kept.status_code, kept.content) == (206, b"hsqs")
    with pytest.raises(BranchAwayError, match="401"):
        box(branch, password="guess").ask(report())


def test_paths_and_reports_that_nobody_means_are_refused(branch: WebBranch) -> None:
    signed = ("kiosk-1", branch.account("kiosk-1").password)
    for path in ("0" * 64, "..%2fplans.json", "plans.json", "A" * 64):
        answer = requests.get(f"{branch.url}/updates/v1/bundles/{path}", auth=signed, timeout=30)
        assert answer.status_code in {404, 422}, path
    for body in (b"", b"[]", b'{"compatible":"x"}', b'{"compatible":"UP","version":"1","slot":"a"}', b"\xff" * 100):
        assert requests.post(f"{branch.url}/updates/v1/ask", data=body, auth=signed, timeout=30).status_code == 422


def test_only_an_administrator_brings_and_plans(branch: WebBranch, newer: dict[str, object]) -> None:
    max_, stranger = branch.person("max"), branch.person()
    for visitor, status in ((max_, 403), (stranger, 401)):
        assert sent(visitor, b"hsqs").status_code == status
        assert visitor.get("/api/v1/updates").status_code == status
        assert visitor.post("/api/v1/updates/plans", {"sha256": newer["sha256"], "when": "now"}).status_code == status
        assert visitor.post(f"/api/v1/updates/bundles/{newer['sha256']}", method="DELETE").status_code == status
    ada_without_mark = branch.person("ada").http.put(f"{branch.url}/api/v1/updates/bundles", data=b"hsqs", timeout=30)
    assert ada_without_mark.status_code == 403


def test_a_file_that_is_no_bundle_is_refused_and_leaves_nothing(
    branch: WebBranch, ada: Visitor, workshop: Workshop, newer: dict[str, object]
) -> None:
    real = workshop.bundle("0.2.0").read_bytes()
    folder = branch.data / "updates"
    before = sorted(path.name for path in folder.iterdir())
    for content in (b"", b"hello", b"hsqs", real[:-1], real[: len(real) // 2], real[:-8] + b"\xff" * 8, b"hsqs" + b"\0" * 5000):
        answer = sent(ada, content)
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid"), content[:20]
    assert sorted(path.name for path in folder.iterdir()) == before
    assert brought(ada, workshop.bundle("0.2.0"))["sha256"] == newer["sha256"], "the same bundle twice is there once"


def test_a_larger_file_than_there_is_room_for_is_turned_away_before_it_comes(branch: WebBranch, ada: Visitor) -> None:
    headers = {"Origin": ada.url, "X-CSRF-Token": ada.http.cookies["foleni_csrf"], "Content-Length": str(3 * 1024**3)}
    request = requests.Request("PUT", f"{branch.url}/api/v1/updates/bundles", headers=headers).prepare()
    request.headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in ada.http.cookies.items())
    request.headers["Content-Length"] = str(3 * 1024**3)
    assert requests.Session().send(request, timeout=30).status_code == 413
    assert ada.post("/api/v1/updates/plans", {"sha256": "0" * 64, "when": "now", "x": "y" * 3_000_000}).status_code == 413


def test_an_older_version_needs_a_deliberate_choice(branch: WebBranch, ada: Visitor, workshop: Workshop) -> None:
    older = brought(ada, workshop.bundle("0.0.9"))
    kiosk = box(branch)
    kiosk.ask(report("0.1.0"))
    refused = ada.post("/api/v1/updates/plans", {"sha256": older["sha256"], "when": "now"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "older")
    planned(ada, sha256=older["sha256"], when="now", downgrade=True)
    offer = kiosk.ask(report("0.1.0")).offer
    assert offer is not None
    assert offer.downgrade
    held = ada.post(f"/api/v1/updates/bundles/{older['sha256']}", method="DELETE")
    assert (held.status_code, held.json()["error"]["code"]) == (409, "wrong_state")
    assert ada.post(f"/api/v1/updates/plans/{KIOSK}", method="DELETE").status_code == 200
    assert kiosk.ask(report("0.1.0")).offer is None
    assert ada.post(f"/api/v1/updates/bundles/{older['sha256']}", method="DELETE").status_code == 200
    assert ada.post(f"/api/v1/updates/bundles/{older['sha256']}", method="DELETE").status_code == 200


def test_the_console_sees_how_each_box_stands(branch: WebBranch, ada: Visitor, newer: dict[str, object]) -> None:
    plan = planned(ada, sha256=newer["sha256"], when="now", again=True)
    outcome = {"plan": plan["id"], "version": "0.2.0", "came": "rolled_back", "reason": "its application was not healthy"}
    box(branch).ask(report(step="fetching", plan=plan["id"], percent=40))
    assert _box(ada)["state"] == "fetching"
    box(branch).ask(report(outcome=outcome, other="0.0.8"))
    told = _box(ada)
    assert (told["state"], told["outcome"]["reason"]) == ("rolled_back", "its application was not healthy")
    assert box(branch).ask(report(outcome=outcome)).offer is None, "what did not work is not offered again by itself"
    box(branch).ask(report(outcome=outcome, other="0.0.8"))
    way_back = planned(ada, compatible=KIOSK, version="0.0.8", when="now")
    offer = box(branch).ask(report(outcome=outcome, other="0.0.8")).offer
    assert offer is not None
    assert (offer.plan, offer.sha256, offer.version) == (way_back["id"], None, "0.0.8")
    missing = ada.post("/api/v1/updates/plans", {"compatible": KIOSK, "version": "0.0.7", "when": "now"})
    assert missing.json()["error"]["code"] == "not_there"
    audited = ada.get("/admin/audit").text
    assert "Update planned" in audited


def test_the_servers_own_box_asks_on_this_machine(branch: WebBranch, tmp_path: Path) -> None:
    own = branch.data / "updates/own.json"
    assert own.stat().st_mode & 0o777 == 0o600
    (tmp_path / "branch").symlink_to(branch.data)
    place = place_of(tmp_path)
    assert place is not None
    assert place.account == SERVER
    assert BranchServer(place).ask(report("0.1.0", SERVER_BOX)) == Answer()


def test_what_is_planned_outlives_the_server(branch: WebBranch, ada: Visitor, newer: dict[str, object]) -> None:
    plan = planned(ada, sha256=newer["sha256"], when="now", again=True)
    (branch.data / "updates/0.incoming").write_bytes(b"cut off")
    branch.kill()
    branch.start()
    ada.url = branch.url
    ada.sign_in("ada")
    offer = box(branch).ask(report()).offer
    assert offer is not None
    assert offer.plan == plan["id"]
    assert not (branch.data / "updates/0.incoming").exists()
    known = json.loads((branch.data / "updates/plans.json").read_bytes())["known"]
    assert set(known) >= {"kiosk-1"}


def test_a_device_that_was_cut_off_gets_nothing_more(branch: WebBranch, ada: Visitor) -> None:
    password = branch.account("desk").password
    assert box(branch, "desk", password).ask(report("0.1.0")) is not None
    version = next(one for one in ada.get("/api/v1/devices").json()["devices"] if one["id"] == "desk")["version"]
    assert ada.post(f"/api/v1/devices/desk?version={version}", method="DELETE").status_code == 200
    with pytest.raises(BranchAwayError, match="403"):
        box(branch, "desk", password).ask(report("0.1.0"))
    assert all(one["id"] != "desk" for kind in ada.get("/api/v1/updates").json()["kinds"] for one in kind["boxes"])


def test_a_box_ends_with_what_was_chosen_whatever_happens_on_the_way(
    branch: WebBranch, ada: Visitor, workshop: Workshop
) -> None:
    bundles = {version: workshop.bundle(version) for version in (*GOOD, BROKEN, SICK)}
    bundles[FOREIGN] = workshop.bundle(FOREIGN, signer="stranger")
    digests = {version: str(brought(ada, bundle)["sha256"]) for version, bundle in bundles.items()}
    UpdateMachine.world = RealWorld(ada, box(branch), digests)
    is_deep = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
    runs = settings(
        max_examples=150 if is_deep else 6, stateful_step_count=25, deadline=None, derandomize=not is_deep, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    run_state_machine_as_test(UpdateMachine, settings=runs)


def _box(ada: Visitor, name: str = "kiosk-1") -> dict[str, Any]:
    boxes = [one for kind in ada.get("/api/v1/updates").json()["kinds"] for one in kind["boxes"]]
    found: dict[str, Any] = next(one for one in boxes if one["id"] == name)
    return found
