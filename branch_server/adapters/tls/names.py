"""By which names and addresses browsers and devices reach this machine, and for which of them a branch may vouch.

A branch's authority is limited to names of local networks and to addresses that the internet does not have (RFC 5280,
4.2.1.10): administrators' browsers trust it, and whoever stole its key shall not be their bank.
"""

import ipaddress
import socket
from collections.abc import Iterator
from pathlib import Path

from cryptography import x509

LOCAL_SUFFIXES = ("internal", "local", "localhost", "lan", "home.arpa")
LOCAL_NETWORKS = (
    *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8"),
    *("fc00::/7", "fe80::/10", "::1/128"),
)

_TEMPORARY, _NOT_YET_USED = 0x01, 0x40 | 0x08
_LINK_LOCAL_SCOPE = 0x20
_NET = Path("/proc/self/net")
"""Unlike /proc/net it is there in a sandbox too, and unlike a list of interfaces it needs no netlink socket."""


def own_names() -> frozenset[str]:
    """Host name and addresses of this machine. IPv6 addresses that change every day are left out."""
    hostname = socket.gethostname().lower().rstrip(".")
    found = {"localhost", "127.0.0.1", "::1", *_ipv4(), *_ipv6()}
    if hostname:
        found |= {hostname, f"{hostname.partition('.')[0]}.local"}
    return frozenset(found)


def founding_limits(hostname: str) -> x509.NameConstraints:
    """For what an authority that is made on this machine may ever vouch."""
    single = [hostname] if hostname and "." not in hostname else []
    names: list[x509.GeneralName] = [x509.DNSName(name) for name in (*LOCAL_SUFFIXES, *single)]
    networks: list[x509.GeneralName] = [x509.IPAddress(ipaddress.ip_network(network)) for network in LOCAL_NETWORKS]
    return x509.NameConstraints([*names, *networks], None)


def may_hold(authority: x509.Certificate, name: str) -> bool:
    """Whether the authority's limits allow it to vouch for a host name or address."""
    permitted = authority.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        suffixes = [each.value for each in permitted if isinstance(each, x509.DNSName)]
        return _is_host_name(name) and any(name == suffix or name.endswith(f".{suffix}") for suffix in suffixes)
    networks = [ipaddress.ip_network(str(each.value)) for each in permitted if isinstance(each, x509.IPAddress)]
    return any(address in network for network in networks)


def _is_host_name(name: str) -> bool:
    labels = name.split(".")
    return len(name) <= 253 and all(
        0 < len(label) <= 63 and label.isascii() and label.replace("-", "").isalnum() for label in labels
    )


def _ipv4() -> Iterator[str]:
    """As the kernel's routing table has them: also the second address of an interface."""
    address = ""
    for row in _rows("fib_trie"):
        branch, _, value = row.strip().partition("-- ")
        if branch == "|":
            address = value
        elif address and branch.startswith("/32 host LOCAL"):
            yield address


def _rows(file: str) -> list[str]:
    try:
        return (_NET / file).read_text(encoding="ascii").splitlines()
    except OSError:
        return []


def _ipv6() -> Iterator[str]:
    for row in _rows("if_inet6"):
        digits, _, _, scope, flags, _ = row.split()
        if int(scope, 16) != _LINK_LOCAL_SCOPE and not int(flags, 16) & (_TEMPORARY | _NOT_YET_USED):
            yield str(ipaddress.IPv6Address(bytes.fromhex(digits)))
