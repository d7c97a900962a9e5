"""The plugin's document: who gets which rights, and what survives a rewrite."""

import base64
from typing import Any

from branch_server.adapters.mqtt.dynsec_document import (
    SERVER_USERNAME,
    WEB_USERNAME,
    PasswordHash,
    build_document,
    hash_password,
    password_hashes,
)
from branch_server.domain.asking import WEB
from foleni.ids import is_slug
from foleni.messages.setup import Device, DeviceKind

KIOSK = Device(id="kiosk-1", kind=DeviceKind.KIOSK)
TV = Device(id="tv-1", kind=DeviceKind.DISPLAY)
SALT = bytes(range(12))


def hashes(*names: str) -> dict[str, PasswordHash]:
    return {name: hash_password(f"word of {name}", SALT, 1) for name in (SERVER_USERNAME, WEB_USERNAME, *names)}


def rights(document: dict[str, Any], username: str) -> set[tuple[str, str]]:
    """The (kind, topic) pairs that an account has through all its roles."""
    roles = {role["rolename"]: role["acls"] for role in document["roles"]}
    client = next(client for client in document["clients"] if client["username"] == username)
    acls = [acl for role in client["roles"] for acl in roles[role["rolename"]]]
    assert all(acl["allow"] is True for acl in acls)
    return {(acl["acltype"], acl["topic"].removeprefix("foleni/b/")) for acl in acls}


def usernames(document: dict[str, Any]) -> list[str]:
    return [client["username"] for client in document["clients"]]


def test_a_hash_is_the_one_that_mosquitto_ctrl_makes() -> None:
    made = hash_password("pw1", base64.b64decode("bEKjmZLHVQXfwla/"), 101)
    assert made.password == "od1NUjfzH4WXuxDsrmkEAmLZDrAMgpbQ/OVtzpBVuTUkjFAAusSVxkd4jh517ohdJvUbMu6vcutLErxOkwmdDQ=="
    assert made.salt == "bEKjmZLHVQXfwla/"


def test_the_server_account_cannot_be_a_device() -> None:
    assert not is_slug(SERVER_USERNAME)


def test_a_device_writes_its_commands_its_status_and_what_came_of_its_orders_only() -> None:
    document = build_document("b", [KIOSK, TV], hashes("kiosk-1", "tv-1"))
    writes = {topic for kind, topic in rights(document, "kiosk-1") if kind == "publishClientSend"}
    assert writes == {f"devices/kiosk-1/{leaf}" for leaf in ("commands", "status", "outcomes")}


def test_a_device_reads_its_own_topics_and_the_state_only() -> None:
    document = build_document("b", [KIOSK, TV], hashes("kiosk-1", "tv-1"))
    own = {f"devices/tv-1/{leaf}" for leaf in ("replies", "config", "orders")}
    state = {"server", "services", "board", "counters/+", "events/+", "devices/+/status"}
    granted = rights(document, "tv-1")
    assert {topic for kind, topic in granted if kind == "publishClientReceive"} == own | state
    assert {topic for kind, topic in granted if kind.startswith("subscribe")} == own | state


def test_the_web_side_orders_devices_and_writes_nothing_else_of_theirs() -> None:
    granted = rights(build_document("b", [KIOSK], hashes("kiosk-1")), WEB_USERNAME)
    writes = {topic for kind, topic in granted if kind == "publishClientSend"}
    assert writes == {f"devices/{WEB}/commands", f"devices/{WEB}/status", "devices/+/orders"}
    assert ("subscribePattern", "devices/+/outcomes") in granted


def test_nothing_is_granted_by_default() -> None:
    default = build_document("b", [], hashes())["defaultACLAccess"]
    assert default == {
        "publishClientSend": False,
        "publishClientReceive": False,
        "subscribe": False,
        "unsubscribe": True,
    }


def test_a_device_that_is_gone_loses_account_and_role() -> None:
    earlier = build_document("b", [KIOSK, TV], hashes("kiosk-1", "tv-1"))
    document = build_document("b", [TV], hashes("tv-1"), earlier)
    assert usernames(document) == [SERVER_USERNAME, WEB_USERNAME, "tv-1"]
    assert not any("kiosk-1" in role["rolename"] for role in document["roles"])


def test_accounts_of_a_branch_that_was_here_before_are_dropped() -> None:
    earlier = build_document("old", [KIOSK], hashes("kiosk-1"))
    document = build_document("b", [TV], hashes("tv-1"), earlier)
    assert usernames(document) == [SERVER_USERNAME, WEB_USERNAME, "tv-1"]


def test_what_others_added_is_kept() -> None:
    button = {"username": "zigbee", "password": "x", "salt": "y", "iterations": 5, "roles": [{"rolename": "buttons"}]}
    role: dict[str, Any] = {"rolename": "buttons", "acls": []}
    earlier = {"clients": [button], "roles": [role], "groups": [{"groupname": "all"}]}
    document = build_document("b", [TV], hashes("tv-1"), earlier)
    assert button in document["clients"]
    assert role in document["roles"]
    assert document["groups"] == [{"groupname": "all"}]


def test_a_foreign_account_with_a_devices_name_gives_way() -> None:
    earlier = {"clients": [{"username": "tv-1", "roles": []}]}
    assert usernames(build_document("b", [TV], hashes("tv-1"), earlier)) == [SERVER_USERNAME, WEB_USERNAME, "tv-1"]


def test_hashes_are_read_back_as_they_were_written() -> None:
    known = hashes("tv-1")
    assert password_hashes(build_document("b", [TV], known)) == known


def test_malformed_hashes_and_documents_are_passed_over() -> None:
    good = hash_password("x", SALT, 1)
    damaged = [
        {"username": "short-salt", "password": good.password, "salt": "AAAA", "iterations": 1},
        {"username": "no-base64", "password": "?", "salt": good.salt, "iterations": 1},
        {"username": "no-rounds", "password": good.password, "salt": good.salt, "iterations": 0},
        {"username": 7, "password": good.password, "salt": good.salt, "iterations": 1},
        {"username": "no-password"},
        "nonsense",
    ]
    assert password_hashes({"clients": damaged}) == {}
    assert password_hashes({"clients": "nonsense"}) == {}
    assert password_hashes({}) == {}
