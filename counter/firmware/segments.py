"""Letters and digits for seven-segment displays, and the TM1637 that drives four to six of them."""

BLANK = 0
_GLYPHS = {
    " ": 0x00, "-": 0x40, "_": 0x08, "0": 0x3F, "1": 0x06, "2": 0x5B, "3": 0x4F, "4": 0x66, "5": 0x6D, "6": 0x7D, "7": 0x07,
    "8": 0x7F, "9": 0x6F, "A": 0x77, "B": 0x7C, "C": 0x39, "D": 0x5E, "E": 0x79, "F": 0x71, "G": 0x3D, "H": 0x76, "I": 0x30,
    "J": 0x1E, "K": 0x75, "L": 0x38, "M": 0x55, "N": 0x54, "O": 0x3F, "P": 0x73, "Q": 0x67, "R": 0x50, "S": 0x6D, "T": 0x78,
    "U": 0x3E, "V": 0x1C, "W": 0x6A, "X": 0x76, "Y": 0x6E, "Z": 0x5B,
}  # fmt: skip


def segments(text: str, cells: int) -> bytes:
    """The segments of `text` on so many cells, to the right; of a longer number its end, of a longer word its beginning."""
    text = text.upper()
    if len(text) > cells:
        text = text[-cells:] if text[-1:].isdigit() else text[:cells]
    return bytes([BLANK] * (cells - len(text)) + [_GLYPHS.get(letter, BLANK) for letter in text])


class TM1637:
    """Two wires, driven as open drain: `clock` and `data` are called with 1 (let go) or 0 (pull down)."""

    def __init__(self, clock, data, wait, order=(0, 1, 2, 3)):  # type: ignore[no-untyped-def]
        self._clock = clock
        self._data = data
        self._wait = wait
        self._order = order
        self._shown = None

    def show(self, text: str) -> None:
        """Show `text`; nothing is sent where it is shown already."""
        if text == self._shown:
            return
        self._shown = text
        cells = segments(text, len(self._order))
        self._send(b"\x40")
        self._send(b"\xc0" + bytes([cells[place] for place in self._order]))
        self._send(b"\x8f")

    def _send(self, data: bytes) -> None:
        self._data(0)
        self._wait()
        for byte in data:
            self._clock_out(byte)
        self._clock(0)
        self._data(0)
        self._clock(1)
        self._wait()
        self._data(1)

    def _clock_out(self, byte: int) -> None:
        for bit in range(8):
            self._clock(0)
            self._data(byte >> bit & 1)
            self._wait()
            self._clock(1)
            self._wait()
        self._clock(0)
        self._data(1)  # the chip acknowledges here
        self._wait()
        self._clock(1)
        self._wait()
        self._clock(0)
