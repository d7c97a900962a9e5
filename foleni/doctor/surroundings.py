"""The network and the printer: what is outside the box."""

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import ifaddr

from foleni.doctor.box import Box
from foleni.doctor.finding import Finding, bad, ok, warn

_ANSWER_S = 4.0
_CABLE = "Is the network cable in, and do the lamps beside it burn? Try another cable and another socket of the switch."
_PRINTER_DO = "Is it on, and is its cable in? Its address is printed by holding the feed key while it is switched on."
_GATEWAY_FLAG = 0x2
_DLE_EOT_CAUSE, _DLE_EOT_PAPER = b"\x10\x04\x02", b"\x10\x04\x04"
_ESTABLISHED = "01"


def check_network(box: Box) -> Iterator[Finding]:
    unplugged = [card.parent.name for card in _cards(box.places.sys) if _text(card) == "0"]
    addresses = lan_addresses()
    if not addresses:
        cards = f" ({', '.join(unplugged)} has no link)" if unplugged else ""
        yield bad(f"the box has no address in the network{cards}", _CABLE)
        return
    yield ok(f"the box has the address {', '.join(addresses)}")
    if any(ipaddress.ip_address(address).is_link_local for address in addresses) and len(addresses) == 1:
        yield warn("nobody gave the box an address, it chose one by itself", "Is the router on? Does it give addresses (DHCP)?")
    if not has_gateway(_text(box.places.proc / "net/route")):
        yield warn("the box knows no way out of the LAN", "Only the cloud, the time and far backups need one.")
    yield from _names(box)


def lan_addresses() -> list[str]:
    """This machine's IPv4 addresses, loopback left out."""
    found = [str(ip.ip) for card in ifaddr.get_adapters() for ip in card.ips if ip.is_IPv4]
    return [address for address in found if not ipaddress.ip_address(address).is_loopback]


def has_gateway(table: str) -> bool:
    """Whether the kernel's table of routes has one to everywhere."""
    rows = (line.split() for line in table.splitlines()[1:])
    return any(len(row) > 3 and row[1] == "00000000" and int(row[3], 16) & _GATEWAY_FLAG for row in rows)


def _names(box: Box) -> Iterator[Finding]:
    """Whether the cloud's name is found, where there is a cloud."""
    program = box.program("branch")
    cloud = program.settings.get("cloud") if program is not None else None
    host = urlsplit(str(cloud)).hostname if cloud else None
    if host is None:
        return
    try:
        place = socket.getaddrinfo(host, urlsplit(str(cloud)).port or 443, type=socket.SOCK_STREAM)[0][4]
        socket.create_connection((str(place[0]), int(place[1])), _ANSWER_S).close()
    except socket.gaierror as error:
        yield warn(f"the name {host} of the cloud is not found: {error.strerror}", "Look at the name server: resolvectl.")
    except OSError as error:
        yield warn(f"the cloud does not answer at {host}: {error}", "The branch goes on without it. Look at the router.")
    else:
        yield ok(f"the cloud answers at {host}")


def check_printer(box: Box) -> Iterator[Finding]:
    program = box.program("kiosk")
    url = str(program.settings.get("printer", "")) if program is not None else ""
    if not url or url.startswith("dummy:"):
        if program is not None:
            yield warn("the kiosk has no printer", "Set printer in /etc/foleni/kiosk.toml: docs/printers.md.")
        return
    try:
        parts = urlsplit(url)
        port = parts.port if parts.scheme == "tcp" else None
    except ValueError as error:
        yield bad(f"the printer's address {url} is not understood: {error}", "Set printer in /etc/foleni/kiosk.toml.")
        return
    if parts.scheme == "tcp":
        yield from _network_printer(box, parts.hostname or "", port or 9100, asks="answers=no" not in parts.query)
    elif parts.scheme == "usb":
        yield from _usb_printer(box, *parts.netloc.lower().partition(":")[::2])
    elif parts.scheme == "serial":
        yield from _serial_printer(Path(parts.path))


def _network_printer(box: Box, host: str, port: int, *, asks: bool) -> Iterator[Finding]:
    place = f"the printer at {host}:{port}"
    try:
        sock = socket.create_connection((host, port), _ANSWER_S)
    except OSError as error:
        if _is_in_use(box, port):
            yield ok(f"{place} is in use by the kiosk; how it is, the console shows")
        else:
            yield bad(f"{place} does not answer: {error}", _PRINTER_DO)
        return
    with sock:
        if not asks:
            yield ok(f"{place} takes connections")
            return
        sock.settimeout(_ANSWER_S)
        yield from _state_of(sock, place)


def _state_of(sock: socket.socket, place: str) -> Iterator[Finding]:
    """By DLE EOT 2 and 4 of the ESC/POS command reference."""
    try:
        cause, paper = (_asked(sock, query) for query in (_DLE_EOT_CAUSE, _DLE_EOT_PAPER))
    except OSError:
        yield warn(f"{place} takes connections and does not tell how it is", "If it prints, add ?answers=no to its address.")
        return
    if cause & 0x04:
        yield bad(f"{place} has an open cover", "Close it until it clicks.")
    elif paper & 0x60 or cause & 0x20:
        yield bad(f"{place} is out of paper", "Put a new roll in.")
    elif cause & 0x40:
        yield bad(f"{place} says that it is broken", "Switch it off and on; look for jammed paper at the cutter.")
    elif paper & 0x0C:
        yield warn(f"{place} has little paper left", "Put a new roll beside it.")
    else:
        yield ok(f"{place} is ready and has paper")


def _asked(sock: socket.socket, query: bytes) -> int:
    sock.sendall(query)
    answer = sock.recv(1)
    if not answer:
        raise ConnectionResetError
    return answer[0]


def _usb_printer(box: Box, vendor: str, product: str) -> Iterator[Finding]:
    for device in (box.places.sys / "bus/usb/devices").glob("*"):
        if (_text(device / "idVendor"), _text(device / "idProduct")) == (vendor, product):
            yield ok(f"the printer {vendor}:{product} is on USB")
            return
    yield bad(f"no printer {vendor}:{product} is on USB", f"{_PRINTER_DO} ls /dev/foleni shows the printers that are found.")


def _serial_printer(path: Path) -> Iterator[Finding]:
    if path.is_char_device():
        yield ok(f"the printer's port {path} is there")
    else:
        yield bad(f"the printer's port {path} is not there", f"{_PRINTER_DO} ls /dev/foleni shows the ports that are found.")


def _is_in_use(box: Box, port: int) -> bool:
    """Whether this machine has a connection to that port: many printers take only one."""
    rows = (line.split() for line in _text(box.places.proc / "net/tcp").splitlines()[1:])
    return any(row[3] == _ESTABLISHED and int(row[2].rpartition(":")[2], 16) == port for row in rows if len(row) > 3)


def _cards(sys: Path) -> list[Path]:
    return [card for card in sorted((sys / "class/net").glob("*/carrier")) if (card.parent / "device").exists()]


def _text(path: Path) -> str:
    with suppress(OSError):
        return path.read_text("ascii", errors="replace").strip()
    return ""
