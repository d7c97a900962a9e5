"""Where a webhook may go: over HTTP or HTTPS to a host, but to no address that only machines themselves should reach."""

import ipaddress
from urllib.parse import urlsplit

MOST_LETTERS = 500
_METADATA = frozenset(ipaddress.ip_address(one) for one in ("100.100.100.200", "192.0.0.192", "fd00:ec2::254"))
"""Where clouds tell a machine its secrets, beside the link-local addresses."""


def fault_of(url: str) -> str:
    """What is wrong with a URL, in words; empty where nothing is."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "This is no URL."
    if len(url) > MOST_LETTERS or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return f"A URL has at most {MOST_LETTERS} ASCII letters and no spaces."
    if parts.scheme not in {"http", "https"} or not host or port == 0:
        return "Give a URL such as https://example.org/foleni."
    if parts.username is not None or parts.password is not None:
        return "A URL here has no user name or password: each delivery is signed instead."
    return "Webhooks may not go to this address." if is_forbidden(host) else ""


def is_forbidden(host: str) -> bool:
    """Whether `host` is an address that no webhook goes to: link-local (metadata services of clouds live there), multicast,
    or none at all. The LAN and this machine itself are allowed. A name is no address; what it leads to is looked at then.
    """
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address.sixtofour or address
    is_odd = address.is_link_local or address.is_multicast or address.is_unspecified
    return is_odd or address in _METADATA or (address.is_reserved and not address.is_loopback)
