# mypy: ignore-errors
"""A board for the reference unit, under MicroPython on a desk: the UART is the host's line, the key is typed (`down`, `up`),
and what its pins do is told: the lamp as it is, and the words that the TM1637 was sent.
"""

import host

KEY_PIN, LAMP_PIN, BUZZER_PIN, CLOCK_PIN, DATA_PIN = 15, 14, 13, 16, 17
_GLYPHS = {
    0x3F: "0", 0x06: "1", 0x5B: "2", 0x4F: "3", 0x66: "4", 0x6D: "5", 0x7D: "6", 0x07: "7", 0x7F: "8", 0x6F: "9",
    0x77: "A", 0x39: "C", 0x38: "L", 0x40: "-", 0x30: "I", 0x54: "N", 0x79: "E", 0x00: " ",
}  # fmt: skip


class UART:
    def __init__(self, *_, **__):
        pass

    def read(self):
        return host.read().encode() or None

    def write(self, data):
        host.write(data.decode())

    def flush(self):
        pass


class Pin:
    IN, OUT, OPEN_DRAIN, PULL_UP = 0, 1, 2, 1

    def __init__(self, number, *_, value=1, **__):
        self._number = number
        self._value = value

    def value(self, value=None):
        if value is None:
            return _key() if self._number == KEY_PIN else self._value
        value = int(value)
        if value != self._value:
            self._value = value
            _turned(self._number, value)
        return None

    def __call__(self, value=None):
        return self.value(value)


_board = {"key": 1, CLOCK_PIN: 1, DATA_PIN: 1}
_bits = []


def _key():
    typed = host.typed()
    if typed is None:
        raise SystemExit
    if typed:
        _board["key"] = 0 if typed == "down" else 1
    return _board["key"]


def _turned(pin, value):
    if pin == LAMP_PIN:
        host.show(f"lamp {value}")
    elif pin == BUZZER_PIN and value:
        host.show("beep")
    elif pin == DATA_PIN and _board[CLOCK_PIN]:
        _bits.clear() if value == 0 else _sent()
    elif pin == CLOCK_PIN and value:
        _bits.append(_board[DATA_PIN])
    _board[pin] = value


def _sent():
    """The wires are let go after a run of bytes, each eight bits and the chip's acknowledgement."""
    data = [sum(bit << place for place, bit in enumerate(_bits[at : at + 8])) for at in range(0, len(_bits) - 8, 9)]
    if data and data[0] == 0xC0:
        host.show("cells " + "".join(_GLYPHS.get(byte, "?") for byte in data[1:]))
