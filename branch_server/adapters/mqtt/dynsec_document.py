"""Accounts and rights of a branch in the form that Mosquitto's dynamic-security plugin keeps. Pure: no files, no clock."""

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from branch_server.domain.asking import WEB
from foleni.messages.setup import Device
from foleni.topics import Topics

Json = dict[str, Any]

SERVER_USERNAME = "foleni_server"
"""The branch server's account; the underscore keeps it apart from every device."""
WEB_USERNAME = "foleni_web"
"""The account of the branch's own web side."""
ROLE_ROOT = "foleni:"
"""How the names of all roles begin that a branch server has made."""
ITERATIONS = 1000
SALT_BYTES = 12

_ANY_BRANCH = Topics.ANY
_HASH_BYTES = 64
_CONTROL = "$CONTROL/dynamic-security/#"
_NOTHING_BY_DEFAULT = {
    "publishClientSend": False,
    "publishClientReceive": False,
    "subscribe": False,
    "unsubscribe": True,
}


@dataclass(frozen=True, slots=True)
class PasswordHash:
    """PBKDF2-HMAC-SHA512 of a password; hash (64 bytes) and salt (12 bytes) in base 64."""

    password: str
    salt: str
    iterations: int


def hash_password(password: str, salt: bytes, iterations: int = ITERATIONS) -> PasswordHash:
    """The hash for a `salt` of 12 bytes. The broker computes it at each connect, on its only thread."""
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, iterations, _HASH_BYTES)
    return PasswordHash(base64.b64encode(digest).decode(), base64.b64encode(salt).decode(), iterations)


def role_prefix(branch: str) -> str:
    """How the names of all our roles of a branch begin; an account with such a role is ours."""
    return f"{ROLE_ROOT}{branch}:"


def state_role(branch: str) -> Json:
    """What every device may read."""
    topics = Topics(branch)
    whole = (topics.server, topics.services, topics.board)
    per_name = (topics.counter(Topics.ANY), topics.event(Topics.ANY), topics.status(Topics.ANY))
    return _role(f"{role_prefix(branch)}state", _readable("subscribePattern", (*whole, *per_name)))


def device_role(branch: str, device: str) -> Json:
    """What one device alone may write and read."""
    topics = Topics(branch)
    writes = (topics.commands(device), topics.status(device), topics.outcomes(device))
    reads = (topics.replies(device), topics.config(device), topics.orders(device))
    return _role(
        f"{role_prefix(branch)}device:{device}",
        [*(_acl("publishClientSend", topic) for topic in writes), *_readable("subscribeLiteral", reads)],
    )


def device_roles(branch: str, device: str) -> list[Json]:
    """The roles of a device's account, by name."""
    return [{"rolename": role["rolename"]} for role in (device_role(branch, device), state_role(branch))]


def server_role(branch: str) -> Json:
    """Everything of the branch, and the plugin's control."""
    topics = (f"{Topics(branch).root}#", _CONTROL)
    writes = [_acl("publishClientSend", topic) for topic in topics]
    return _role(f"{role_prefix(branch)}server", [*writes, *_readable("subscribePattern", topics)])


def web_role(branch: str) -> Json:
    """What the branch's web side may do: ask commands, give orders to devices, and hear what comes of them."""
    topics = Topics(branch)
    writes = (topics.commands(WEB), topics.status(WEB), topics.orders(Topics.ANY))
    reads = (topics.replies(WEB), topics.outcomes(Topics.ANY))
    return _role(
        f"{role_prefix(branch)}web",
        [*(_acl("publishClientSend", topic) for topic in writes), *_readable("subscribePattern", reads)],
    )


def build_document(
    branch: str,
    devices: Iterable[Device],
    hashes: Mapping[str, PasswordHash],
    earlier: Json | None = None,
) -> Json:
    """The plugin's whole document: the server, the devices, and what others had put into `earlier` beside our accounts.

    `hashes` holds one for every device, for `SERVER_USERNAME` and for `WEB_USERNAME`.
    """
    present = list(devices)
    ours = _house(branch, hashes)
    ours += [_client(each.id, hashes, device_roles(branch, each.id), client_id_of(each)) for each in present]
    roles = [*_house_roles(branch), *(device_role(branch, each.id) for each in present)]
    kept = earlier or {}
    taken = {client["username"] for client in ours}
    return {
        "defaultACLAccess": dict(_NOTHING_BY_DEFAULT),
        "clients": ours + [other for other in _foreign_clients(kept) if other["username"] not in taken],
        "groups": _dicts(kept, "groups"),
        "roles": roles + [role for role in _dicts(kept, "roles") if not _is_ours(role)],
    }


def build_house_document(hashes: Mapping[str, PasswordHash], earlier: Json) -> Json:
    """The plugin's document of a broker that serves one branch and does not know yet which: the server and its web side, with
    their rights on any; all others stay as they are.
    """
    ours, roles = _house(_ANY_BRANCH, hashes), _house_roles(_ANY_BRANCH)
    names, taken = {role["rolename"] for role in roles}, {client["username"] for client in ours}
    return {
        "defaultACLAccess": dict(_NOTHING_BY_DEFAULT),
        "clients": ours + [other for other in _dicts(earlier, "clients") if other.get("username") not in taken],
        "groups": _dicts(earlier, "groups"),
        "roles": roles + [role for role in _dicts(earlier, "roles") if role.get("rolename") not in names],
    }


def client_id_of(device: Device) -> str | None:
    """The only MQTT client id with which the device's account can be used; None where any will do. A machine that has joined
    runs our program, which is known by its device's id; what people install chooses its own.
    """
    return device.id if device.box is not None else None


def password_hashes(document: Json) -> dict[str, PasswordHash]:
    """The usable hashes of a document, by username. The plugin drops an account whose hash it finds malformed."""
    found = {}
    for client in _dicts(document, "clients"):
        match client:
            case {"username": str(name), "password": str(password), "salt": str(salt), "iterations": int(iterations)}:
                if iterations > 0 and _size(salt) == SALT_BYTES and _size(password) == _HASH_BYTES:
                    found[name] = PasswordHash(password, salt, iterations)
    return found


def _role(name: str, acls: list[Json]) -> Json:
    return {"rolename": name, "acls": acls}


def _acl(kind: str, topic: str) -> Json:
    return {"acltype": kind, "topic": topic, "allow": True}


def _readable(kind: str, topics: Iterable[str]) -> list[Json]:
    return [_acl(each, topic) for topic in topics for each in (kind, "publishClientReceive")]


def _house(branch: str, hashes: Mapping[str, PasswordHash]) -> list[Json]:
    web = [{"rolename": role["rolename"]} for role in (web_role(branch), state_role(branch))]
    server = [{"rolename": server_role(branch)["rolename"]}]
    return [_client(SERVER_USERNAME, hashes, server), _client(WEB_USERNAME, hashes, web)]


def _house_roles(branch: str) -> list[Json]:
    return [server_role(branch), web_role(branch), state_role(branch)]


def _client(username: str, hashes: Mapping[str, PasswordHash], roles: list[Json], client_id: str | None = None) -> Json:
    known = hashes[username]
    return {
        "username": username,
        **({} if client_id is None else {"clientid": client_id}),
        "password": known.password,
        "salt": known.salt,
        "iterations": known.iterations,
        "roles": roles,
    }


def _foreign_clients(document: Json) -> Iterator[Json]:
    for client in _dicts(document, "clients"):
        if isinstance(client.get("username"), str) and not any(_is_ours(role) for role in _dicts(client, "roles")):
            yield client


def _is_ours(role: Json) -> bool:
    return str(role.get("rolename", "")).startswith(ROLE_ROOT)


def _dicts(parent: Json, key: str) -> list[Json]:
    value = parent.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _size(encoded: str) -> int:
    try:
        return len(base64.b64decode(encoded, validate=True))
    except ValueError:
        return 0
