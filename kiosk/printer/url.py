"""Where a printer is: `tcp://host:9100`, `usb://04b8:0e15`, `serial:///dev/ttyUSB0?baud=115200`, `file:///path`, `dummy://`."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

DEFAULT_PORT = 9100
DEFAULT_BAUD = 115_200

_USB = re.compile(r"([0-9a-fA-F]{4}):([0-9a-fA-F]{4})")
_BAUDS = (1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 921_600)
_OPTIONS = {
    "tcp": {"answers"},
    "usb": {"answers"},
    "serial": {"answers", "baud", "flow"},
    "file": set[str](),
    "dummy": set[str](),
}
_FORMS = "must be tcp://host:9100, usb://04b8:0e15, serial:///dev/ttyUSB0, file:///path or dummy://"


class Flow(StrEnum):
    """How a serial printer holds back the sender."""

    NONE = "none"
    RTSCTS = "rtscts"
    DSRDTR = "dsrdtr"
    XONXOFF = "xonxoff"


@dataclass(frozen=True, slots=True)
class PrinterUrl:
    """A parsed printer URL. With `?answers=no` a printer is never asked anything: for those that cannot tell their
    state, or do not know `GS r`. What they take counts as printed.
    """

    text: str
    scheme: str
    host: str = ""
    port: int = DEFAULT_PORT
    vendor: int = 0
    product: int = 0
    path: str = ""
    baud: int = DEFAULT_BAUD
    flow: Flow = Flow.NONE
    answers: bool = True

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises `ValueError`, which tells what is wrong."""
        try:
            parts = urlsplit(text)
            port = parts.port if parts.scheme == "tcp" else None
        except ValueError:
            raise ValueError("has a host or port that cannot be read") from None
        if parts.scheme not in _OPTIONS or parts.fragment:
            raise ValueError(_FORMS)
        options = _options(parts)
        answers = _one_of("answers", options.get("answers", "yes"), ("yes", "no")) == "yes"
        baud = int(_one_of("baud", options.get("baud", str(DEFAULT_BAUD)), tuple(map(str, _BAUDS))))
        flow = Flow(_one_of("flow", options.get("flow", Flow.NONE), tuple(Flow)))
        host, path = _place(parts)
        vendor, product = _usb_ids(parts)
        asked = answers and parts.scheme not in {"file", "dummy"}
        return cls(text, parts.scheme, host, port or DEFAULT_PORT, vendor, product, path, baud, flow, asked)

    def __str__(self) -> str:
        return self.text


def checked(text: str) -> str:
    """`text` where it is a printer URL; raises `ValueError` otherwise. A validator of settings."""
    PrinterUrl.parse(text)
    return text


def _options(parts: SplitResult) -> dict[str, str]:
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    known = _OPTIONS[parts.scheme]
    for name, _ in pairs:
        if name not in known:
            raise ValueError(f"{parts.scheme}:// knows no option {name!r}")
    return dict(pairs)


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(allowed)}")
    return value


def _place(parts: SplitResult) -> tuple[str, str]:
    """The host of a TCP printer, the path of a serial line or a file."""
    if parts.scheme == "tcp":
        if not parts.hostname or parts.path not in {"", "/"} or "@" in parts.netloc:
            raise ValueError("must be tcp://host:9100")
        return parts.hostname, ""
    if parts.scheme in {"serial", "file"}:
        path = unquote(parts.path)
        if parts.netloc or not path.startswith("/") or path.endswith("/") or "\0" in path:
            raise ValueError(f"must be {parts.scheme}:/// and an absolute path")
        return "", path
    if parts.path not in {"", "/"} or (parts.scheme == "dummy" and parts.netloc):
        raise ValueError(_FORMS)
    return "", ""


def _usb_ids(parts: SplitResult) -> tuple[int, int]:
    if parts.scheme != "usb":
        return 0, 0
    found = _USB.fullmatch(parts.netloc)
    if found is None:
        raise ValueError("must be usb://VENDOR:PRODUCT in hexadecimal, such as usb://04b8:0e15")
    return int(found[1], 16), int(found[2], 16)
