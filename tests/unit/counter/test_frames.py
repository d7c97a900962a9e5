"""The frames of the units' line: whatever happens to the bytes, never a wrong press."""

import string
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counter.firmware import foleni_unit
from counter.line.frames import LAST_NUMBER, MOST_BYTES, Decoder, Frame, Kind, crc16, decode, encode

_letters = st.text(string.ascii_uppercase + string.digits + " -._/+", max_size=12)
_frames = st.builds(
    Frame,
    st.integers(1, 99),
    st.integers(0, LAST_NUMBER),
    st.sampled_from(Kind),
    st.lists(_letters, max_size=4).map(tuple),
)
_noise = st.binary(max_size=120)


def _pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[begin:end] for begin, end in pairwise(edges)]


def test_the_printed_frame_has_the_printed_sum() -> None:
    assert encode(Frame(7, 12, Kind.ONCE, ("NEXT",))) == b"$07:12:K:NEXT*0A3F\n"
    assert crc16(b"123456789") == foleni_unit.crc16(b"123456789") == 0x29B1


@given(_frames)
def test_what_is_encoded_is_decoded(frame: Frame) -> None:
    line = encode(frame)
    assert len(line) <= MOST_BYTES
    assert Decoder().feed(line) == [frame]
    assert Decoder().feed(line.replace(b"\n", b"\r\n")) == [frame]


@given(_frames)
def test_the_reference_unit_writes_and_reads_the_same_bytes(frame: Frame) -> None:
    line = foleni_unit.encode(frame.unit, frame.number, frame.kind.value, *frame.fields)
    assert line == encode(frame)
    assert foleni_unit.decode(line[:-1]) == [f"{frame.unit:02}", str(frame.number), frame.kind.value, *frame.fields]


@given(st.lists(_frames, max_size=5), st.lists(st.integers(0, 1000), max_size=20))
def test_frames_may_come_in_any_pieces(frames: list[Frame], cuts: list[int]) -> None:
    decoder = Decoder()
    data = b"".join(encode(frame) for frame in frames)
    assert [frame for piece in _pieces(data, cuts) for frame in decoder.feed(piece)] == frames
    one_by_one = Decoder()
    assert [frame for byte in data for frame in one_by_one.feed(bytes((byte,)))] == frames
    assert decoder.spoilt == one_by_one.spoilt == 0


@given(_noise, _frames, _noise, _frames)
def test_after_noise_the_next_frame_is_found(before: bytes, first: Frame, between: bytes, second: Frame) -> None:
    decoder = Decoder()
    found = decoder.feed(before + b"\n" + encode(first) + between + b"\n" + encode(second))
    assert [frame for frame in found if frame in (first, second)] == [first, second]


@given(_noise)
def test_noise_is_no_frame(noise: bytes) -> None:
    assert Decoder().feed(noise + b"\n") == []


@given(_frames, st.data())
def test_a_frame_with_a_changed_byte_is_no_frame(frame: Frame, data: st.DataObject) -> None:
    line = bytearray(encode(frame))
    place = data.draw(st.integers(0, len(line) - 2))
    line[place] ^= data.draw(st.integers(1, 255))
    assert Decoder().feed(bytes(line)) in ([], [frame])  # the same frame only where the line end became another
    assert decode(bytes(line[:-1])) != frame


@given(_frames, _frames, st.data())
def test_two_frames_that_ran_into_each_other_give_at_most_the_second(one: Frame, other: Frame, data: st.DataObject) -> None:
    first = encode(one)
    cut = data.draw(st.integers(1, len(first) - 1))
    assert Decoder().feed(first[:cut] + encode(other)) == [other]
    assert foleni_unit.decode((first[:cut] + encode(other))[:-1]) == foleni_unit.decode(encode(other)[:-1])


@given(_noise)
def test_the_reference_unit_survives_noise(noise: bytes) -> None:
    unit = foleni_unit.Unit(1)
    assert unit.feed(noise, 0) == b""
    assert unit.feed(b"\n" + encode(Frame(1, 0, Kind.RESET)), 1).startswith(b"$01:0:H:")


def test_a_line_without_end_is_not_kept() -> None:
    decoder = Decoder()
    for _ in range(1000):
        decoder.feed(b"$07:12:K:" + b"N" * 1000)
    assert decoder.feed(b"\n") == []
    assert decoder.feed(encode(Frame(7, 12, Kind.ONCE, ("NEXT",)))) == [Frame(7, 12, Kind.ONCE, ("NEXT",))]


@pytest.mark.parametrize(
    "frame",
    [
        Frame(0, 1, Kind.IDLE),
        Frame(100, 1, Kind.IDLE),
        Frame(1, 256, Kind.IDLE),
        Frame(1, 1, Kind.SHOW, ("A:1",)),
        Frame(1, 1, Kind.SHOW, ("é",)),
        Frame(1, 1, Kind.SHOW, ("1234567890123",)),
        Frame(1, 1, Kind.SHOW, ("123456789012",) * 8),
    ],
)
def test_what_cannot_be_said_in_a_frame_is_refused(frame: Frame) -> None:
    with pytest.raises(ValueError, match=r"no unit|letters|bytes"):
        encode(frame)
