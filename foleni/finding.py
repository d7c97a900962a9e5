"""Branch servers say on the LAN where they are (DNS-SD, `_foleni._tcp`), and boxes listen for them.

Anybody on the LAN can announce anything. What is found is a place to knock at, never a proof: that is the code which a person
compares, and for a box that has joined already the fingerprint of its branch's authority.
"""

import hashlib
import ipaddress
import logging
import re
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, cast

import ifaddr
from zeroconf import DNSQuestionType, IPVersion, ServiceBrowser, ServiceInfo, ServiceListener, Zeroconf
from zeroconf import Error as ZeroconfError

from foleni.ids import is_slug

_log = logging.getLogger(__name__)

SERVICE = "_foleni._tcp.local."
VERSION = "1"
Role = Literal["primary", "standby"]
Addresses = Callable[[], Sequence[str]]
"""This machine's IPv4 addresses on which to speak and to listen, asked again and again."""

_LOOK_S = 3.0
_ASK_MS = 2000
_STOP_S = 0.8
_MOST_FOUND = 64
_TO_ALL = DNSQuestionType.QM
"""Answers shall come to everybody: those to one address reach only one of the programs of a machine that listen."""
_MOST_NAME_BYTES = 200
_ROLES = frozenset({"primary", "standby"})
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """A branch server as it announces itself; `ca` is the SHA-256 of its authority, in hexadecimal."""

    branch: str
    role: Role
    host: str
    port: int
    ca: str
    name: str

    @classmethod
    def of(cls, info: ServiceInfo) -> "Found | None":
        """What an announcement says; None where it is not one of ours."""
        said = {_text(key): _text(value or b"") for key, value in info.properties.items()}
        branch, ca, role = said.get("branch", ""), said.get("ca", ""), said.get("role", "primary")
        if said.get("v") != VERSION or not is_slug(branch) or not _FINGERPRINT.fullmatch(ca) or role not in _ROLES:
            return None
        hosts = info.parsed_addresses(IPVersion.V4Only)
        if not hosts or not info.port:
            return None
        name = "".join(letter for letter in said.get("name", "") if letter.isprintable())[:64]
        return cls(branch, cast("Role", role), _nearest(hosts), info.port, ca, name or branch)


def lan_addresses() -> list[str]:
    """All IPv4 addresses of this machine but loopback."""
    return [address for address, _ in _own_networks() if not ipaddress.ip_address(address).is_loopback]


def find(branch: str | None, seconds: float, *, addresses: Addresses = lan_addresses) -> list[Found]:
    """All branch servers, or those of one branch, that are heard within so many seconds. The whole time is listened: who
    answers first need not be honest.
    """
    finder = Finder(addresses=addresses)
    finder.start()
    try:
        time.sleep(seconds)
        return [found for found in finder.found if branch in {None, found.branch}]
    finally:
        finder.stop()


class _OnTheLan:
    """Something that speaks mDNS, and begins anew where this machine's addresses change: a cable comes late, a lease ends."""

    _what = ""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        self._known: tuple[str, ...] = ()
        self._zeroconf: Zeroconf | None = None
        self._due = threading.Event()
        self._stopping = False
        self._failing = False
        self._thread = threading.Thread(target=self._run, name=self._what, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends in good order: others forget us at once."""
        self._stopping = True
        self._due.set()
        self._thread.join(_STOP_S)

    def _run(self) -> None:
        while not self._stopping:
            self._due.clear()
            try:
                self._look()
                self._failing = False
            except Exception as error:  # noqa: BLE001 - whatever the network does, it is looked at again
                level = logging.DEBUG if self._failing else logging.WARNING
                _log.log(level, "%s: the network does not carry it: %r", self._what, error)
                self._failing = True
                self._close()
            self._due.wait(_LOOK_S)
        self._close()

    def _look(self) -> None:
        now = tuple(sorted(self._addresses()))
        if now != self._known or (now and self._zeroconf is None):
            self._close()
            if now:
                self._zeroconf = Zeroconf(interfaces=list(now), ip_version=IPVersion.V4Only)
                self._opened(self._zeroconf, now)
            self._known = now
        elif self._zeroconf is not None:
            self._looked(self._zeroconf, now)

    def _close(self) -> None:
        self._known = ()
        zeroconf, self._zeroconf = self._zeroconf, None
        if zeroconf is not None:
            with suppress(OSError, ZeroconfError, RuntimeError):
                zeroconf.close()

    def _opened(self, zeroconf: Zeroconf, addresses: Sequence[str]) -> None:
        raise NotImplementedError

    def _looked(self, zeroconf: Zeroconf, addresses: Sequence[str]) -> None:
        """Nothing about the addresses has changed."""


class Announcement(_OnTheLan):
    """Announces a branch server; a part of its program. Whatever the LAN does, it never disturbs the queue."""

    _what = "announcing"

    def __init__(
        self, branch: str, name: str, port: int, ca: str, role: Role = "primary", *, addresses: Addresses = lan_addresses
    ) -> None:
        super().__init__(addresses)
        self._branch, self._port, self._ca = branch, port, ca
        self._said = (name, role)
        self._info: ServiceInfo | None = None

    def says(self, name: str, role: Role) -> None:
        """From now on it is called so, and is this. From any thread."""
        if (name, role) != self._said:
            self._said = (name, role)
            self._due.set()

    def _opened(self, zeroconf: Zeroconf, addresses: Sequence[str]) -> None:
        self._info = self._told(addresses)
        zeroconf.register_service(self._info, allow_name_change=True)

    def _looked(self, zeroconf: Zeroconf, addresses: Sequence[str]) -> None:
        told = self._told(addresses, self._info.name if self._info is not None else None)
        if self._info is None or told.text != self._info.text:
            self._info = told
            zeroconf.update_service(told)

    def _told(self, addresses: Sequence[str], name: str | None = None) -> ServiceInfo:
        spoken, role = self._said
        mark = hashlib.sha256(f"{uuid.getnode()} {self._port}".encode()).hexdigest()[:8]
        return ServiceInfo(
            SERVICE,
            name or f"{self._branch}-{mark}.{SERVICE}",
            port=self._port,
            parsed_addresses=list(addresses),
            server=f"foleni-{mark}.local.",
            properties={"v": VERSION, "branch": self._branch, "name": _shortened(spoken), "ca": self._ca, "role": role},
        )


class Finder(_OnTheLan, ServiceListener):
    """Listens for branch servers as long as it runs; `changed` is called on a thread of its own whenever `found` is new."""

    _what = "finding"

    def __init__(self, changed: Callable[[], object] = lambda: None, *, addresses: Addresses = lan_addresses) -> None:
        super().__init__(addresses)
        self._changed = changed
        self._heard: dict[str, Found] = {}
        self._browser: ServiceBrowser | None = None

    @property
    def found(self) -> tuple[Found, ...]:
        """Who announces themselves now, in an order that stays."""
        return tuple(sorted(self._heard.values()))

    def add_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        if name not in self._heard and len(self._heard) >= _MOST_FOUND:
            return
        info = zc.get_service_info(type_, name, _ASK_MS, _TO_ALL)
        self._put(name, Found.of(info) if info is not None else None)

    update_service = add_service

    def remove_service(self, zc: Zeroconf, type_: str, name: str) -> None:  # noqa: ARG002 - the library's interface
        self._put(name, None)

    def _put(self, name: str, found: Found | None) -> None:
        if self._heard.get(name) == found:
            return
        others = {known: other for known, other in self._heard.items() if known != name}
        self._heard = others | ({name: found} if found is not None else {})
        self._changed()

    def _opened(self, zeroconf: Zeroconf, addresses: Sequence[str]) -> None:  # noqa: ARG002 - all that it listens on
        self._browser = ServiceBrowser(zeroconf, SERVICE, listener=self, question_type=_TO_ALL)

    def _close(self) -> None:
        if self._browser is not None:
            with suppress(OSError, ZeroconfError, RuntimeError):
                self._browser.cancel()
        self._browser = None
        self._heard = {}
        super()._close()


def _nearest(hosts: Sequence[str]) -> str:
    """The address that lies in a network of ours, where there is one: a server may have several."""
    networks = [network for _, network in _own_networks()]
    return next((host for host in hosts if any(ipaddress.ip_address(host) in network for network in networks)), hosts[0])


def _own_networks() -> list[tuple[str, ipaddress.IPv4Network]]:
    return [
        (ip.ip, ipaddress.IPv4Network(f"{ip.ip}/{ip.network_prefix}", strict=False))
        for adapter in ifaddr.get_adapters()
        for ip in adapter.ips
        if isinstance(ip.ip, str)
    ]


def _shortened(name: str) -> str:
    """So much of a name as an entry of an announcement can hold."""
    return name.encode()[:_MOST_NAME_BYTES].decode(errors="ignore")


def _text(raw: bytes) -> str:
    return raw.decode(errors="replace")
