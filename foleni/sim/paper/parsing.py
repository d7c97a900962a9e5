"""ESC/POS, as far as receipt printers share it: bytes to commands. Pure; takes any bytes.

Written without a look at whoever sends, so that it is an honest peer.
"""

from collections.abc import Callable

from foleni.sim.paper.commands import (
    Advance,
    AskOther,
    AskPaper,
    Command,
    Cut,
    Feed,
    Ignored,
    Picture,
    PrintStored,
    Set,
    Setting,
    StoredPicture,
    Text,
    Unknown,
)

ESC, FS, GS, DLE = 0x1B, 0x1C, 0x1D, 0x10
LF, CR, HT = 0x0A, 0x0D, 0x09
MOST_PICTURE_BYTES = 1 << 20

Parsed = tuple[Command, int]
"""A command, and where the next begins."""
_Build = Callable[[bytes], Command]


class _ShortError(Exception):
    """The command goes on beyond the bytes that are there."""


def parse(data: bytes, at: int = 0) -> Parsed | None:
    """The command at `at`, or None where it is not all there yet."""
    if at >= len(data):
        return None
    try:
        return _parse(data, at)
    except _ShortError:
        return None


def _parse(data: bytes, at: int) -> Parsed:
    first = data[at]
    if first >= 0x20 and first != 0x7F:
        return _text(data, at)
    if first in _SINGLE:
        return _SINGLE[first], at + 1
    if first in {ESC, GS, FS, DLE}:
        return _long(data, at)
    return Ignored() if first in _SILENT else Unknown(data[at : at + 1]), at + 1


def _text(data: bytes, at: int) -> Parsed:
    end = at
    while end < len(data) and data[end] >= 0x20 and data[end] != 0x7F:
        end += 1
    return Text(data[at:end]), end


def _long(data: bytes, at: int) -> Parsed:
    lead, kind = _take(data, at, 2)
    special = _SPECIAL.get((lead, kind))
    if special is not None:
        return special(data, at)
    known = _FIXED.get((lead, kind))
    if known is None:
        return Unknown(bytes((lead, kind))), at + 2
    length, build = known
    return build(_take(data, at + 2, length)), at + 2 + length


def _take(data: bytes, at: int, count: int) -> bytes:
    if at + count > len(data):
        raise _ShortError
    return bytes(data[at : at + count])


def _word(pair: bytes) -> int:
    return pair[0] | pair[1] << 8


def _raster(data: bytes, at: int) -> Parsed:
    """GS v 0 m xL xH yL yH d…"""
    head = _take(data, at, 8)
    if head[2] not in {0, 0x30}:
        return Unknown(head[:3]), at + 3
    across, height, mode = _word(head[4:6]), _word(head[6:8]), head[3] & 3
    if not across or not height or across * height > MOST_PICTURE_BYTES:
        return Unknown(head), at + 8
    rows = _take(data, at + 8, across * height)
    return Picture(across * 8, height, rows, 1 + (mode & 1), 1 + (mode >> 1)), at + 8 + len(rows)


def _columns(data: bytes, at: int) -> Parsed:
    """ESC * m nL nH d…: columns of 8 or 24 dots."""
    head = _take(data, at, 5)
    mode, width = head[2], _word(head[3:5])
    if mode not in {0, 1, 32, 33} or not 0 < width <= 2400:
        return Unknown(head[:3]), at + 3
    deep = 3 if mode >= 32 else 1
    columns = _take(data, at + 5, width * deep)
    picture = _from_columns(columns, width, deep, mode)
    return picture, at + 5 + len(columns)


def _from_columns(columns: bytes, width: int, deep: int, mode: int) -> Picture:
    across = -(-width // 8)
    rows = bytearray(across * deep * 8)
    for x in range(width):
        bits = int.from_bytes(columns[x * deep : (x + 1) * deep], "big")
        for y in range(deep * 8):
            if bits >> (deep * 8 - 1 - y) & 1:
                rows[y * across + x // 8] |= 0x80 >> x % 8
    return Picture(width, deep * 8, bytes(rows), 1 if mode & 1 else 2, 1 if deep == 3 else 3, in_line=True)


def _sized(data: bytes, at: int) -> Parsed:
    """GS ( X pL pH …, GS 8 L p1 p2 p3 p4 …: commands that tell their length."""
    wide = data[at + 1] == 0x38
    head = _take(data, at, 7 if wide else 5)
    length = int.from_bytes(head[3:], "little")
    if length > MOST_PICTURE_BYTES:
        return Unknown(head), at + len(head)
    body = _take(data, at + len(head), length)
    return _graphics(head[2], body), at + len(head) + length


def _graphics(letter: int, body: bytes) -> Command:
    """Functions 112 (keep a raster picture) and 50 or 2 (print it) of GS ( L."""
    if letter != ord("L") or len(body) < 2:
        return Ignored() if letter in b"AEHKMNDC" else Unknown(bytes((GS, ord("("), letter)))
    if body[1] in {2, 50}:
        return PrintStored()
    if body[1] != 112 or len(body) < 10:
        return Unknown(body[:2])
    width, height = _word(body[6:8]), _word(body[8:10])
    rows = body[10:]
    if not width or not height or len(rows) != -(-width // 8) * height:
        return Unknown(body[:10])
    return StoredPicture(Picture(width, height, rows, 2 if body[3] == 2 else 1, 2 if body[4] == 2 else 1))


def _cut(data: bytes, at: int) -> Parsed:
    """GS V m, GS V 65 n, GS V 66 n"""
    mode = _take(data, at + 2, 1)[0]
    if mode in {0, 1, 48, 49}:
        return Cut(partial=bool(mode & 1)), at + 3
    if mode in {65, 66}:
        return Cut(partial=mode == 66, feed_dots=_take(data, at + 3, 1)[0]), at + 4
    return Unknown(data[at : at + 3]), at + 3


def _tabs(data: bytes, at: int) -> Parsed:
    """ESC D n… NUL"""
    end = data.find(b"\0", at + 2, at + 2 + 33)
    if end < 0:
        if len(data) < at + 2 + 33:
            raise _ShortError
        return Unknown(data[at : at + 2]), at + 2
    return Ignored(), end + 1


def _real_time(data: bytes, at: int) -> Parsed:
    """DLE EOT n was answered when it came; here it only takes its place."""
    kind = data[at + 1]
    length = {0x04: 3, 0x05: 3, 0x14: 5}.get(kind, 2)
    head = _take(data, at, length)
    return (Ignored() if length > 2 else Unknown(head)), at + length


def _paper_question(parameters: bytes) -> Command:
    return AskPaper() if parameters[0] in {1, 49} else AskOther()


def _set(setting: Setting) -> _Build:
    return lambda parameters: Set(setting, int.from_bytes(parameters, "little"))


def _fixed(command: Command) -> _Build:
    return lambda _: command


_SILENT = {0x00, 0x07, 0x0C, 0x18, 0x11, 0x13, CR}
_SINGLE: dict[int, Command] = {LF: Advance(Feed.LINE), HT: Set(Setting.TAB)}
_SPECIAL: dict[tuple[int, int], Callable[[bytes, int], Parsed]] = {
    (GS, ord("v")): _raster,
    (ESC, ord("*")): _columns,
    (GS, ord("(")): _sized,
    (GS, ord("8")): _sized,
    (GS, ord("V")): _cut,
    (ESC, ord("D")): _tabs,
    **{(DLE, kind): _real_time for kind in range(256)},
}
_FIXED: dict[tuple[int, int], tuple[int, _Build]] = {
    (ESC, ord("@")): (0, _fixed(Set(Setting.RESET))),
    (ESC, ord("!")): (1, _set(Setting.MODE)),
    (ESC, ord("E")): (1, _set(Setting.BOLD)),
    (ESC, ord("G")): (1, _set(Setting.DOUBLE_STRIKE)),
    (ESC, ord("-")): (1, _set(Setting.UNDERLINE)),
    (ESC, ord("M")): (1, _set(Setting.FONT)),
    (ESC, ord("a")): (1, _set(Setting.ALIGN)),
    (ESC, ord("t")): (1, _set(Setting.CODE_PAGE)),
    (ESC, ord("3")): (1, _set(Setting.LINE_SPACING)),
    (ESC, ord("2")): (0, _fixed(Set(Setting.DEFAULT_SPACING))),
    (ESC, ord("$")): (2, _set(Setting.POSITION)),
    (ESC, ord("J")): (1, lambda parameters: Advance(Feed.DOTS, parameters[0])),
    (ESC, ord("d")): (1, lambda parameters: Advance(Feed.LINES, parameters[0])),
    (ESC, ord("i")): (0, _fixed(Cut(partial=True))),
    (ESC, ord("m")): (0, _fixed(Cut(partial=True))),
    (GS, ord("!")): (1, _set(Setting.SIZE)),
    (GS, ord("B")): (1, _set(Setting.INVERT)),
    (GS, ord("L")): (2, _set(Setting.LEFT_MARGIN)),
    (GS, ord("r")): (1, _paper_question),
    (GS, ord("I")): (1, _fixed(AskOther())),
    **{(ESC, ord(kind)): (1, _fixed(Ignored())) for kind in " R=Vr{SUT"},
    **{(ESC, ord(kind)): (2, _fixed(Ignored())) for kind in "cB"},
    (ESC, ord("p")): (3, _fixed(Ignored())),
    **{(GS, ord(kind)): (1, _fixed(Ignored())) for kind in "abfhHw|"},
    **{(GS, ord(kind)): (2, _fixed(Ignored())) for kind in "PWzA"},
    **{(FS, ord(kind)): (0, _fixed(Ignored())) for kind in ".&"},
    (FS, ord("C")): (1, _fixed(Ignored())),
}
