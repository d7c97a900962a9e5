"""The frames of the counter units' line, as `docs/counter-units.md` defines them. Pure: text in, text out."""

import binascii
import re
from dataclasses import dataclass
from enum import StrEnum

MOST_BYTES = 80
"""The longest frame, its line end included."""
LAST_UNIT = 99
LAST_NUMBER = 255
"""Press numbers and revisions go from 1 to here and start again at 1; 0 means none."""

_FIELD = r"[A-Za-z0-9 ._/+-]{0,12}"
_FRAME = re.compile(rf"\$((\d\d):(\d{{1,3}}):([A-Z])((?::{_FIELD})*))\*([0-9A-F]{{4}})\r?".encode())
_FIELDS = re.compile(_FIELD)


class Kind(StrEnum):
    """What a frame says. The agent asks with the first three, a unit answers with the others."""

    POLL = "P"
    SHOW = "S"
    RESET = "R"
    HELLO = "H"
    IDLE = "I"
    ONCE = "K"
    TWICE = "D"
    LONG = "L"


ANSWERS = frozenset({Kind.HELLO, Kind.IDLE, Kind.ONCE, Kind.TWICE, Kind.LONG})
_KINDS = {kind.value for kind in Kind}


@dataclass(frozen=True, slots=True)
class Frame:
    """`number` is the press that an answer tells of, or that the agent acknowledges."""

    unit: int
    number: int
    kind: Kind
    fields: tuple[str, ...] = ()


def crc16(data: bytes) -> int:
    """CRC-16/CCITT-FALSE: polynomial 0x1021, start 0xFFFF, nothing reflected; `123456789` gives 0x29B1."""
    return binascii.crc_hqx(data, 0xFFFF)


def encode(frame: Frame) -> bytes:
    """The bytes of a frame; raises `ValueError` for what cannot be said in one."""
    if not (1 <= frame.unit <= LAST_UNIT and 0 <= frame.number <= LAST_NUMBER):
        raise ValueError(f"no unit {frame.unit} or number {frame.number}")
    if not all(_FIELDS.fullmatch(field) for field in frame.fields):
        raise ValueError(f"letters that a frame cannot carry: {frame.fields}")
    body = ":".join((f"{frame.unit:02}", str(frame.number), frame.kind.value, *frame.fields)).encode()
    line = b"$%s*%04X\n" % (body, crc16(body))
    if len(line) > MOST_BYTES:
        raise ValueError(f"a frame of {len(line)} bytes")
    return line


class Decoder:
    """Finds the frames in a stream of bytes, however it is cut. What is no frame is passed over; `spoilt` counts its lines."""

    def __init__(self) -> None:
        self.spoilt = 0
        self._rest = b""

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that became whole with `data`."""
        *lines, rest = (self._rest + data).split(b"\n")
        self._rest = rest if len(rest) < MOST_BYTES else rest[-MOST_BYTES:]
        frames = [decode(line) for line in lines if line.strip()]
        self.spoilt += frames.count(None)
        return [frame for frame in frames if frame is not None]

    def forget(self) -> None:
        """Drop what began before the line was opened again."""
        self._rest = b""


def decode(line: bytes) -> Frame | None:
    """The frame that ends a line (without its line feed); None where there is none, or one that was spoilt."""
    start = line.rfind(b"$")
    if start < 0 or len(line) - start >= MOST_BYTES:
        return None
    match = _FRAME.fullmatch(line, start)
    if match is None:
        return None
    body, unit, number, kind, fields, crc = match.groups()
    if int(crc, 16) != crc16(body) or kind.decode() not in _KINDS or not int(unit) or int(number) > LAST_NUMBER:
        return None
    return Frame(int(unit), int(number), Kind(kind.decode()), tuple(fields.decode().split(":")[1:]))
