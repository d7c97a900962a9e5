"""The bytes of PUBLISH and PUBACK, and the waits between tries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foleni.link.backoff import Backoff
from foleni.link.packets import (
    Incoming,
    PacketError,
    body_in,
    decode_puback,
    decode_publish,
    encode_puback,
    encode_publish,
)

topics = st.text(min_size=1, max_size=300, alphabet=st.characters(exclude_categories=["Cs"]))


def body_of(packet: bytes) -> bytes:
    """What follows the fixed header."""
    end = next(at for at in range(1, 5) if packet[at] < 0x80)
    length = sum((packet[1 + place] & 0x7F) << 7 * place for place in range(end))
    assert len(packet) == 1 + end + length
    return packet[1 + end :]


@given(topics, st.binary(max_size=20_000), st.integers(1, 0xFFFF), st.booleans(), st.none() | st.integers(0, 2**32 - 1))
def test_a_publish_is_read_as_it_was_written(
    topic: str, payload: bytes, packet_id: int, retain: bool, expiry_s: int | None
) -> None:
    for qos in (0, 1):
        packet = encode_publish(topic, payload, packet_id, qos=qos, retain=retain, expiry_s=expiry_s)
        incoming = Incoming(topic, payload, retain, expiry_s, qos)
        assert decode_publish(packet[0], body_of(packet)) == (incoming, packet_id if qos else 0)


@given(st.binary(max_size=20_000), st.binary(max_size=5), st.binary(max_size=5), st.data())
def test_a_packet_is_found_in_a_buffer_once_it_is_whole(
    payload: bytes, before: bytes, after: bytes, data: st.DataObject
) -> None:
    packet = encode_publish("t", payload, 7)
    begin, end = body_in(before + packet + after, len(before)) or (0, 0)
    assert (before + packet + after)[begin:end] == body_of(packet)
    cut = data.draw(st.integers(0, len(packet) - 1))
    assert body_in(before + packet[:cut], len(before)) is None


def test_a_length_of_more_than_four_bytes_is_an_error() -> None:
    with pytest.raises(PacketError):
        body_in(b"\x30\xff\xff\xff\xff\x01", 0)


def test_other_properties_are_stepped_over() -> None:
    text = b"\x00\x02ab"
    properties = b"\x01\x01" + b"\x0b\x80\x01" + b"\x03" + text + b"\x26" + text * 2 + b"\x02\x00\x00\x00\x07" + b"\x09" + text
    incoming, _ = decode_publish(0x30, b"\x00\x01t" + bytes((len(properties),)) + properties + b"payload")
    assert incoming == Incoming("t", b"payload", expiry_s=7)


@given(st.integers(0x30, 0x3F), st.binary(max_size=60))
def test_spoilt_bytes_are_an_error_of_ours_or_a_message(first: int, body: bytes) -> None:
    try:
        decode_publish(first, body)
    except PacketError:
        return


@given(st.integers(1, 0xFFFF))
def test_a_puback_is_read_as_it_was_written(packet_id: int) -> None:
    assert decode_puback(encode_puback(packet_id)[2:]) == (packet_id, 0)
    assert decode_puback(packet_id.to_bytes(2, "big") + b"\x87\x00") == (packet_id, 0x87)
    with pytest.raises(PacketError):
        decode_puback(b"\x00")


def test_waits_double_up_to_the_cap_and_start_again_after_success() -> None:
    backoff = Backoff(1.0, 5.0, chance=lambda: 1.0)
    assert [backoff.next_s() for _ in range(5)] == [1, 2, 4, 5, 5]
    backoff.reset()
    assert backoff.next_s() == 1


@given(st.floats(0, 1, exclude_max=True), st.integers(0, 2000))
def test_a_wait_lies_between_floor_and_cap(chance: float, tries: int) -> None:
    backoff = Backoff(0.5, 8.0, floor_s=2.0, chance=lambda: chance)
    for _ in range(tries):
        backoff.next_s()
    assert 2.0 <= backoff.next_s() <= 10.0
