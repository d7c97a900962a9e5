"""A real branch with TLS lets boxes in by their codes, replaces them, and cuts them off."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from branch_server.adapters.tls.authority import BORROWED
from branch_server.web.joining.book import MOST_FROM_ONE
from foleni.finding import Finder
from foleni.link.link import State
from tests.support.joining import JoiningBranch, approve, joined, linked, look, renewed
from tests.support.waiting import PATIENCE_S, until
from tests.support.web import Visitor
from tests.support.web_devices import pictures_of

pytestmark = pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JoiningBranch]:
    with JoiningBranch(tmp_path_factory.mktemp("joining")) as branch:
        yield branch


@pytest.fixture(scope="module")
def ada(branch: JoiningBranch) -> Visitor:
    return branch.person("ada")


def device(ada: Visitor, name: str) -> dict[str, object]:
    """A device as the console has it now; empty where there is none."""
    told = ada.get("/api/v1/devices").json()["devices"]
    return next((one for one in told if one["id"] == name), {})


def test_a_box_is_let_in_and_works_with_what_it_was_given(branch: JoiningBranch, ada: Visitor) -> None:
    box = branch.box("kiosk", "ACME T100", "127.1.2.3").begin()
    assert box.ask().status_code == 202
    seen = look(ada, box.shows).json()
    assert (seen["kind"], seen["box"], seen["address"], seen["request"]) == ("kiosk", "ACME T100", "127.1.2.3", box.request)
    assert box.ask().status_code == 202
    assert approve(ada, box, "door", name={"en": "Main door"}, issuer="Q").json() == {"device": "door"}
    granted = box.granted()
    assert (granted.branch, granted.device, granted.kind, granted.name) == ("main-street", "door", "kiosk", "Main door")
    assert (granted.account, granted.mqtt_port) == ("door", branch.mqtts_port)
    with linked(box.mqtt(granted)) as link:
        until(lambda: link.state is State.UP)
    certificate = x509.load_pem_x509_certificate(granted.certificate.encode())
    assert certificate.subject.rfc4514_string() == "CN=door,O=main-street"
    assert certificate.public_key() == box.key.public_key()


def test_a_lost_answer_is_given_once_more(branch: JoiningBranch, ada: Visitor) -> None:
    box = branch.box()
    assert joined(ada, box, "kiosk-7") == box.granted()


def test_nothing_is_given_before_somebody_approved(branch: JoiningBranch) -> None:
    box = branch.box().begin()
    for answer in (box.ask(), box.reveal(), box.ask()):
        assert set(answer.json()) == {"expires_s", "again_s"}


def test_approving_twice_is_done_once(branch: JoiningBranch, ada: Visitor) -> None:
    box = branch.box().begin()
    first, again = approve(ada, box, "kiosk-twice"), approve(ada, box, "kiosk-twice")
    assert (first.status_code, again.json()) == (200, {"device": "kiosk-twice"})
    assert approve(ada, box, "kiosk-other").status_code != 200
    assert _times_saved(branch, "kiosk-twice") == 1
    assert not device(ada, "kiosk-other")


def test_a_broken_box_is_replaced_under_its_name_and_thrown_out(branch: JoiningBranch, ada: Visitor) -> None:
    old, new = branch.box("display", "old TV"), branch.box("display", "new TV")
    was = joined(ada, old, "hall-tv", name={"en": "Hall"})
    with linked(old.mqtt(was)) as link:
        until(lambda: link.state is State.UP)
        now = joined(ada, new, "hall-tv", replaces=True)
        until(lambda: link.state is not State.UP)
        with linked(new.mqtt(now)) as working:
            until(lambda: working.state is State.UP)
            assert link.state is not State.UP
    assert now.password != was.password
    assert device(ada, "hall-tv")["name"] == {"en": "Hall"}
    assert old.renew(was).status_code == 403
    assert old.ask().status_code == 410


def test_a_box_takes_the_place_only_of_its_own_kind(branch: JoiningBranch, ada: Visitor) -> None:
    box = branch.box("kiosk").begin()
    answer = approve(ada, box, "tv-1", replaces=True)
    assert (answer.status_code, answer.json()["fields"][0]["field"]) == (422, "id")
    assert approve(ada, box, "nobody", replaces=True).status_code == 422
    assert approve(ada, box, "tv-1").status_code == 422
    assert box.ask().status_code == 202


def test_a_counter_box_needs_its_counter(branch: JoiningBranch, ada: Visitor) -> None:
    box = branch.box("counter").begin()
    assert approve(ada, box, "pad-9").status_code == 422
    assert approve(ada, box, "pad-9", counter="nowhere").status_code != 200
    assert approve(ada, box, "pad-9", counter="c2").status_code == 200


def test_a_device_that_is_cut_off_is_out_and_stays_out(branch: JoiningBranch, ada: Visitor) -> None:
    box = branch.box()
    granted = joined(ada, box, "kiosk-cut")
    with linked(box.mqtt(granted)) as link:
        until(lambda: link.state is State.UP)
        assert ada.post("/api/v1/devices/kiosk-cut", method="DELETE").status_code == 200
        until(lambda: link.state is not State.UP)
    assert box.renew(granted).status_code == 403
    assert box.ask().status_code == 410
    with linked(box.mqtt(granted)) as link:
        until(lambda: link.state is State.WAITING)


def test_a_device_renews_its_certificate_without_the_old_one(branch: JoiningBranch, ada: Visitor) -> None:
    box = branch.box()
    granted = joined(ada, box, "kiosk-renewing")
    told = renewed(box.renew(granted))
    assert told.mqtt_port == branch.mqtts_port
    with linked(box.mqtt(granted, told.certificate)) as link:
        until(lambda: link.state is State.UP)
    assert box.renew(granted, "wrong").status_code == 403
    by_hand = {"device": "kiosk-1", "password": branch.account("kiosk-1").password, "csr": box.csr}
    assert box.post("/renew", by_hand).status_code == 403, "an account that a person carries is not renewed here"


def test_a_stolen_password_does_not_become_a_certificate(branch: JoiningBranch, ada: Visitor) -> None:
    granted = joined(ada, branch.box(), "kiosk-overheard")
    thief = branch.box()
    thief.welcome()
    assert thief.renew(granted).status_code == 403


def test_what_comes_in_twice_or_from_others_changes_nothing(branch: JoiningBranch, ada: Visitor) -> None:
    box, stranger = branch.box().begin(), branch.box()
    assert box.reveal().json().keys() == {"expires_s", "again_s"}
    assert box.ask(stranger.nonce).status_code == 404
    assert box.reveal(csr=stranger.csr).status_code == 409
    assert approve(ada, box, "kiosk-calm").status_code == 200
    granted = box.granted()
    assert box.ask(stranger.nonce).status_code == 404
    assert box.reveal(csr=stranger.csr).status_code == 409
    assert box.granted() == granted


def test_who_reveals_what_it_did_not_commit_itself_to_is_out(branch: JoiningBranch) -> None:
    box = branch.box()
    box.welcome()
    assert box.commit().status_code == 201
    assert box.reveal(csr=branch.box().csr).status_code == 409
    assert box.reveal().status_code == 404


@pytest.mark.parametrize(
    "csr",
    ["-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n", "-----BEGIN CERTIFICATE REQUEST-----"],
)
def test_what_is_no_signing_request_is_refused(branch: JoiningBranch, csr: str) -> None:
    box = branch.box()
    box.welcome()
    box.commit()
    assert box.reveal(csr=csr).status_code == 422
    assert box.reveal().status_code == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/requests", {}),
        ("/requests", {"commit": "zz", "kind": "kiosk", "version": "1"}),
        ("/requests", {"commit": "ab" * 32, "kind": "console", "version": "1"}),
        ("/requests", {"commit": "ab" * 32, "kind": "kiosk", "version": "1", "box": "x" * 65}),
        ("/requests/no-uuid/answer", {"nonce": "no"}),
        ("/renew", {"device": "../etc", "password": "x", "csr": "-----BEGIN "}),
    ],
)
def test_what_cannot_be_read_is_refused(branch: JoiningBranch, path: str, body: dict[str, str]) -> None:
    box = branch.box()
    box.welcome()
    assert box.post(path, body).status_code == 422


def test_only_administrators_see_who_asks_and_let_in(branch: JoiningBranch) -> None:
    box = branch.box().begin()
    manager = branch.person("max")
    for answer in (look(manager, box.shows), approve(manager, box, "kiosk-max"), manager.get("/api/v1/joining")):
        assert answer.status_code == 403
    stranger = branch.person()
    assert stranger.get("/api/v1/joining").status_code == 401
    assert look(stranger, box.shows).status_code == 401
    sent = stranger.get("/admin/devices/join", code=box.shows)
    assert sent.headers["location"].endswith(f"code%3D{box.shows}"), "who signs in first comes back with the code"
    assert box.ask().status_code == 202


def test_the_console_hears_of_a_box_and_never_of_its_code(branch: JoiningBranch, ada: Visitor) -> None:
    box = branch.box("kiosk", "heard of").begin()
    for picture in pictures_of(ada, "/api/v1/devices/stream", "joining"):
        if any(asked["request"] == box.request for asked in picture["asking"]):
            assert box.shows not in json.dumps(picture)
            return
    raise AssertionError("the console was never told")


def test_a_box_that_is_turned_away_hears_it(branch: JoiningBranch, ada: Visitor) -> None:
    box = branch.box().begin()
    assert ada.post(f"/api/v1/joining/{box.request}/refuse", {}).status_code == 200
    assert (box.ask().status_code, box.ask().json()["error"]["code"]) == (410, "refused")
    assert look(ada, box.shows).status_code == 404
    assert ada.post(f"/api/v1/joining/{box.request}/refuse", {}).status_code == 409


def test_the_audit_log_says_who_let_in_what(branch: JoiningBranch, ada: Visitor) -> None:
    box = branch.box("kiosk", "audited box")
    joined(ada, box, "kiosk-audited")
    page = ada.get("/admin/audit").text
    assert "audited box" in page
    assert box.shows not in page


def test_an_exported_setup_names_no_machine_and_an_import_keeps_it(branch: JoiningBranch, ada: Visitor) -> None:
    box = branch.box()
    granted = joined(ada, box, "kiosk-kept")
    exported = ada.get("/api/v1/setup/export.toml").text
    assert "kiosk-kept" in exported
    assert not re.search(r"^box = ", exported, re.MULTILINE)
    with linked(box.mqtt(granted)) as link:
        until(lambda: link.state is State.UP)
        saved = device(ada, "kiosk-kept")
        value = {**saved["value"], "box": None, "name": {"en": "Kept"}}  # type: ignore[dict-item]
        assert ada.post("/api/v1/devices/kiosk-kept", {"value": value, "version": None}, method="PUT").status_code == 200
        assert device(ada, "kiosk-kept")["value"]["box"] == saved["value"]["box"]  # type: ignore[index]
        assert link.state is State.UP


def test_the_branch_announces_itself_with_its_authority(branch: JoiningBranch, ada: Visitor) -> None:
    port = int(branch.url.rsplit(":", 1)[1])
    finder = Finder(addresses=lambda: ["127.0.0.1"])
    finder.start()
    try:
        until(lambda: any(found.port == port for found in finder.found), 2 * PATIENCE_S)
        found = next(found for found in finder.found if found.port == port)
    finally:
        finder.stop()
    authority = x509.load_pem_x509_certificate(branch.ca.read_bytes())
    assert (found.branch, found.name, found.role) == ("main-street", "Main Street", "primary")
    assert found.ca == authority.fingerprint(SHA256()).hex()


def test_a_flood_from_one_address_is_bounded(branch: JoiningBranch) -> None:
    boxes = [branch.box(address="127.1.1.1") for _ in range(MOST_FROM_ONE + 1)]
    for box in boxes:
        box.welcome()
    answers = [box.commit() for box in boxes]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) >= 1


def test_what_was_approved_when_the_power_went_is_done_once_in_the_end(branch: JoiningBranch) -> None:
    """The branch has another address after it."""
    box = branch.box().begin()
    assert approve(branch.person("ada"), box, "kiosk-dark").status_code == 200
    branch.kill()
    branch.start()
    ada, box.url = branch.person("ada"), branch.url
    assert box.ask().status_code == 404
    assert device(ada, "kiosk-dark")
    other = branch.box().begin()
    assert approve(ada, other, "kiosk-dark").status_code == 422
    granted = joined(ada, box, "kiosk-dark")
    with linked(box.mqtt(granted)) as link:
        until(lambda: link.state is State.UP)
    assert _times_saved(branch, "kiosk-dark") == 1


def test_a_server_without_the_authoritys_key_lets_nobody_in_and_keeps_those_who_have_joined(branch: JoiningBranch) -> None:
    """As the second server of a pair does. The last of this file."""
    box = branch.box()
    granted = joined(branch.person("ada"), box, "kiosk-before")
    branch.kill()
    (branch.data / "tls" / "ca.key").unlink()
    (branch.data / "tls" / BORROWED).touch()
    branch.start()
    box.url = branch.url
    assert box.commit().status_code == 404
    assert box.renew(granted).status_code == 503
    assert branch.person("ada").get("/admin/devices/join").status_code == 200
    with linked(box.mqtt(granted)) as link:
        until(lambda: link.state is State.UP)


def _times_saved(branch: JoiningBranch, name: str) -> int:
    """How many events of the log say that this device was saved."""
    with closing(sqlite3.connect(f"file:{branch.data / 'branch.db'}?mode=ro", uri=True)) as log:
        about = "select count(*) from events where type = 'device_saved' and data like ?"
        return int(log.execute(about, (f'%"{name}"%',)).fetchone()[0])
