"""`foleni.txt` on the boot partition: what an installer decides, written with any editor on any PC."""

import codecs
import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from zoneinfo import available_timezones

MOST_BYTES = 64 * 1024
"""A file larger than this is no settings file."""
_SLUG = re.compile(r"[a-z0-9-]{1,32}")
_LINE = re.compile(r"\s*([A-Za-z_ -]+?)\s*[=:]\s*(.*?)\s*")
_KEY = re.compile(
    r"(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp[0-9]{3}|sk-ssh-ed25519@openssh\.com) [A-Za-z0-9+/=]+( [^\x00-\x1f]*)?"
)
_HOST_PORT = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(:([0-9]{1,5}))?")
_PRINTER = re.compile(r"(tcp|usb|serial|file|dummy)://\S*")
_MOST_PORT = 65_535
LANGUAGES = ("en", "fr", "rw")
ROTATIONS = ("0", "90", "180", "270")
SERVER_PORT = 8443


@dataclass(frozen=True, slots=True)
class Fault:
    """A line that could not be used. `line` counts from 1; 0 is the whole file."""

    line: int
    key: str
    reason: str

    def __str__(self) -> str:
        where = f"foleni.txt, line {self.line}" if self.line else "foleni.txt"
        return f"{where}: {self.key}: {self.reason}" if self.key else f"{where}: {self.reason}"


@dataclass(frozen=True, slots=True)
class BootFile:
    """What the file says, by key; what is not there, or was wrong, has its usual value (`get`)."""

    values: dict[str, str] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()

    def get(self, key: str, usual: str = "") -> str:
        return self.values.get(key, usual)


def read(raw: bytes) -> BootFile:
    """The file's values, and every fault at once. Windows' line ends, byte order marks, UTF-16 and quotes are taken as they
    come; a wrong line takes nothing from the right ones.
    """
    if len(raw) > MOST_BYTES:
        return BootFile(faults=(Fault(0, "", f"is larger than {MOST_BYTES // 1024} KiB"),))
    values: dict[str, str] = {}
    faults: list[Fault] = []
    for number, line in enumerate(_text(raw).splitlines(), 1):
        if line.strip(" \t\ufeff\x00") and not line.lstrip().startswith(("#", ";")):
            _take(number, line, values, faults)
    return BootFile(values, tuple(faults + _between(values)))


def _text(raw: bytes) -> str:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _take(number: int, line: str, values: dict[str, str], faults: list[Fault]) -> None:
    found = _LINE.fullmatch(line)
    if found is None:
        faults.append(Fault(number, "", f"“{_shown(line)}” is not of the form: name = value"))
        return
    key = re.sub(r"[ -]+", "_", found[1].lower())
    check = _CHECKS.get(key)
    if check is None:
        faults.append(Fault(number, _shown(found[1]), f"is not known; known are {', '.join(_CHECKS)}"))
    elif key in values:
        faults.append(Fault(number, key, "stands here a second time; the first counts"))
    elif text := _unquoted(found[2]):
        try:
            values[key] = check(text)
        except ValueError as error:
            faults.append(Fault(number, key, str(error)))


def _unquoted(text: str) -> str:
    for quotes in ('""', "''", "“”"):
        if len(text) > 1 and text[0] == quotes[0] and text[-1] == quotes[1]:
            return text[1:-1].strip()
    return text.split(" #", maxsplit=1)[0].strip()


def _shown(text: str) -> str:
    """A stranger's text on one short line."""
    plain = "".join(letter if letter.isprintable() else "?" for letter in text.strip())
    return plain if len(plain) <= 40 else f"{plain[:39]}…"


def _between(values: dict[str, str]) -> list[Fault]:
    """What is wrong only together with something else; the address is then left to the router."""
    faults = []
    fixed = values.get("network", "dhcp") != "dhcp"
    gateway = values.get("gateway")
    if gateway and not fixed:
        faults.append(Fault(0, "gateway", "needs a fixed address: network = 192.168.1.20/24"))
        del values["gateway"]
    elif gateway and ipaddress.ip_address(gateway) not in ipaddress.ip_interface(values["network"]).network:
        faults.append(Fault(0, "gateway", f"{gateway} cannot be reached from {values['network']}"))
        del values["gateway"]
    return faults


def _slug(text: str) -> str:
    if not _SLUG.fullmatch(text):
        raise ValueError("must be 1 to 32 of a-z, 0-9 and -")
    return text


def _one_of(*choices: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if text.lower() not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return text.lower()

    return check


def _timezone(text: str) -> str:
    known = {name.lower(): name for name in available_timezones()}
    if text.lower() not in known:
        raise ValueError("must be a time zone such as Africa/Kigali")
    return known[text.lower()]


def _network(text: str) -> str:
    if text.lower() == "dhcp":
        return "dhcp"
    try:
        found = ipaddress.ip_interface(text)
    except ValueError:
        found = None
    if found is None or "/" not in text or found.ip.is_unspecified or found.ip.is_loopback or found.ip.is_multicast:
        raise ValueError("must be dhcp, or an address with its network such as 192.168.1.20/24")
    return str(found)


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise ValueError("must be an address such as 192.168.1.1") from None


def _addresses(text: str) -> str:
    return " ".join(_address(part) for part in re.split(r"[\s,]+", text) if part)


def _hosts(text: str) -> str:
    hosts = [part for part in re.split(r"[\s,]+", text) if part]
    if not all(re.fullmatch(r"[A-Za-z0-9.:-]{1,253}", host) for host in hosts):
        raise ValueError("must be names or addresses of time servers")
    return " ".join(hosts)


def _server(text: str) -> str:
    found = _HOST_PORT.fullmatch(text.removeprefix("https://").rstrip("/"))
    if found is None or (found[3] and not 0 < int(found[3]) <= _MOST_PORT):
        raise ValueError("must be the branch server's address such as 192.168.1.10")
    return f"{found[1]}:{found[3] or SERVER_PORT}"


def _ssh_key(text: str) -> str:
    if not _KEY.fullmatch(text):
        raise ValueError("must be one public key: ssh-ed25519 AAAA… name")
    return text


def _printer(text: str) -> str:
    if not _PRINTER.fullmatch(text):
        raise ValueError("must be like tcp://192.168.1.50:9100, usb://04b8:0e15 or serial:///dev/foleni/…")
    return text


def _plain(text: str) -> str:
    if not text.isprintable() or len(text) > 1024:
        raise ValueError("has letters that cannot be read, or too many")
    return text


_CHECKS: dict[str, Callable[[str], str]] = {
    "branch": _slug,
    "language": _one_of(*LANGUAGES),
    "timezone": _timezone,
    "network": _network,
    "gateway": _address,
    "dns": _addresses,
    "ntp": _hosts,
    "server": _server,
    "rotation": _one_of(*ROTATIONS),
    "printer": _printer,
    "paper": _one_of("80mm", "58mm"),
    "sound": _one_of("on", "off"),
    "ssh_key": _ssh_key,
    "mqtt": _plain,
    "device": _slug,
}
