"""Where an HTTP server may listen without TLS."""

import ipaddress
from pathlib import Path

from foleni.settings import HostPort


def unsafe(http: HostPort, cert: Path | None, key: Path | None, *, plain: bool) -> str:
    """Why these settings would send secrets in the clear, or cannot work; empty where they are well."""
    if (cert is None) != (key is None):
        return "--http-cert and --http-key go together"
    if cert is None and not plain and not is_loopback(http.host):
        return "--http is not loopback: give --http-cert and --http-key, or --http-plain behind a proxy that has TLS"
    return ""


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
