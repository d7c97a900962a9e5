"""What a box can say of itself to people: which machine it is, where it is on the LAN, whether its clock is set."""

import socket
from datetime import UTC, datetime
from pathlib import Path

from foleni.finding import lan_addresses
from foleni.settings import HostPort

_MODELS = ("/sys/class/dmi/id/product_name", "/proc/device-tree/model")
_MOST_LETTERS = 64
_EARLIEST = datetime(2026, 11, 1, tzinfo=UTC)
"""No clock that is right shows a time before this program was written."""


def model() -> str:
    """The machine's maker's name for it and its host name, as far as there are such; at most 64 letters."""
    named = (_line(Path(path)) for path in _MODELS)
    parts = (next((name for name in named if name), ""), socket.gethostname())
    return ", ".join(part for part in parts if part)[:_MOST_LETTERS]


def own_address(server: HostPort | None) -> str | None:
    """This box's address on the LAN, seen from a server where that is known; None where it has none."""
    if server is None:
        return next(iter(lan_addresses()), None)
    try:
        family, kind, protocol, _, there = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, kind, protocol) as route:
            route.connect(there)  # sends nothing
            return str(route.getsockname()[0])
    except OSError:
        return next(iter(lan_addresses()), None)


def is_clock_wrong(now: datetime | None = None) -> bool:
    """Whether this machine's clock has certainly lost the time."""
    return (now or datetime.now(UTC)) < _EARLIEST


def _line(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return "".join(letter for letter in text if letter.isprintable()).strip()
