"""The bytes of MQTT 5's PUBLISH and PUBACK, the two packets that decide how fast the link is. Pure."""

from dataclasses import dataclass

PUBLISH = 0x30
PUBACK = 0x40
REFUSED = 0x80
"""Reason codes from here on mean no."""

_EXPIRY = 0x02
_FIXED_LENGTHS = {0x01: 1, _EXPIRY: 4, 0x23: 2}
_TEXTS = {0x03: 1, 0x08: 1, 0x09: 1, 0x26: 2}
_SUBSCRIPTION_ID = 0x0B


class PacketError(ValueError):
    """Bytes that are no MQTT 5 packet."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message from the broker. `retain` marks a value from before the subscription; `expiry_s` is what is left."""

    topic: str
    payload: bytes
    retain: bool = False
    expiry_s: int | None = None
    qos: int = 0


def body_in(buffer: bytes, at: int) -> tuple[int, int] | None:
    """Where the body of the packet at `at` begins and ends; None where it is not whole in `buffer`."""
    try:
        length, begin = (buffer[at + 1], at + 2) if buffer[at + 1] < 0x80 else _read_varint(buffer, at + 1)
    except IndexError:
        return None
    end = begin + length
    return (begin, end) if end <= len(buffer) else None


def encode_publish(
    topic: str, payload: bytes, packet_id: int, *, qos: int = 1, retain: bool = False, expiry_s: int | None = None
) -> bytes:
    """A whole PUBLISH packet. `packet_id` means nothing with QoS 0."""
    name = topic.encode()
    number = packet_id.to_bytes(2, "big") if qos else b""
    properties = b"\x00" if expiry_s is None else b"\x05\x02" + expiry_s.to_bytes(4, "big")
    length = 2 + len(name) + len(number) + len(properties) + len(payload)
    first = bytes((PUBLISH | qos << 1 | retain,))
    return b"".join((first, _varint(length), len(name).to_bytes(2, "big"), name, number, properties, payload))


def decode_publish(first: int, body: bytes) -> tuple[Incoming, int]:
    """The message and the packet id (0 with QoS 0) in what follows a PUBLISH packet's fixed header."""
    qos = first >> 1 & 3
    try:
        at = 2 + int.from_bytes(body[:2], "big")
        topic = body[2:at].decode()
        packet_id = 0
        if qos:
            packet_id = int.from_bytes(body[at : at + 2], "big")
            at += 2
        length, at = (body[at], at + 1) if body[at] < 0x80 else _read_varint(body, at)
        expiry_s = _expiry(body, at, at + length) if length else None
    except (IndexError, UnicodeDecodeError) as error:
        raise PacketError("cut or spoilt PUBLISH") from error
    if at + length > len(body) or qos == 3 or not topic:
        raise PacketError("cut or spoilt PUBLISH")
    return Incoming(topic, body[at + length :], bool(first & 1), expiry_s, qos), packet_id


def encode_puback(packet_id: int) -> bytes:
    return b"\x40\x02" + packet_id.to_bytes(2, "big")


def decode_puback(body: bytes) -> tuple[int, int]:
    """The packet id and the reason code in what follows a PUBACK packet's fixed header."""
    if len(body) < 2:
        raise PacketError("cut PUBACK")
    return int.from_bytes(body[:2], "big"), body[2] if len(body) > 2 else 0


def _varint(number: int) -> bytes:
    if number < 0x80:
        return bytes((number,))
    digits = bytearray()
    while number >= 0x80:
        digits.append(number & 0x7F | 0x80)
        number >>= 7
    digits.append(number)
    return bytes(digits)


def _read_varint(body: bytes, at: int) -> tuple[int, int]:
    number = 0
    for place in range(4):
        digit = body[at + place]
        number |= (digit & 0x7F) << 7 * place
        if digit < 0x80:
            return number, at + place + 1
    raise PacketError("a length of more than four bytes")


def _expiry(body: bytes, at: int, end: int) -> int | None:
    """The message expiry among the properties; the others are stepped over."""
    expiry_s = None
    while at < end:
        kind, at = body[at], at + 1
        if kind == _EXPIRY:
            expiry_s = int.from_bytes(body[at : at + 4], "big")
        if kind in _FIXED_LENGTHS:
            at += _FIXED_LENGTHS[kind]
        elif kind == _SUBSCRIPTION_ID:
            _, at = _read_varint(body, at)
        elif kind in _TEXTS:
            for _ in range(_TEXTS[kind]):
                at += 2 + int.from_bytes(body[at : at + 2], "big")
        else:
            raise PacketError(f"unknown property {kind:#x}")
    return expiry_s
