# mypy: ignore-errors
"""The reference unit on a board with MicroPython (tried for the Raspberry Pi Pico): RS-485, one key, lamp, buzzer, display.

Copy foleni_unit.py, segments.py and this file to the board; give each board of a line its own ADDRESS.
"""

import time

from foleni_unit import Key, Unit
from machine import UART, Pin
from segments import TM1637

ADDRESS = 1
BAUD = 115200
UART_ID, TX_PIN, RX_PIN, DRIVE_PIN = 0, 0, 1, 2
KEY_PIN, LAMP_PIN, BUZZER_PIN = 15, 14, 13
CLOCK_PIN, DATA_PIN = 16, 17
CELLS = (0, 1, 2, 3)
"""The order of the display's cells; modules with six often have (2, 1, 0, 5, 4, 3)."""
BEEP_MS = 60


class Clock:
    """Milliseconds since the start that never wrap."""

    def __init__(self):
        self._last = time.ticks_ms()
        self._total = 0

    def __call__(self):
        ticks = time.ticks_ms()
        self._total += time.ticks_diff(ticks, self._last)
        self._last = ticks
        return self._total


class Line:
    """The UART behind an RS-485 driver, which is switched on only while it sends."""

    def __init__(self):
        self._uart = UART(UART_ID, BAUD, tx=Pin(TX_PIN), rx=Pin(RX_PIN), rxbuf=256)
        self._drive = Pin(DRIVE_PIN, Pin.OUT, value=0)

    def read(self):
        return self._uart.read() or b""

    def write(self, data):
        time.sleep_ms(1)  # the agent lets go of the line first
        self._drive(1)
        self._uart.write(data)
        self._uart.flush()
        self._drive(0)


class Buzzer:
    """So many short beeps, without holding anything up."""

    def __init__(self):
        self._pin = Pin(BUZZER_PIN, Pin.OUT, value=0)
        self._left = 0
        self._next_at = 0

    def beep(self, times, now):
        self._left = 2 * times
        self._next_at = now

    def turn(self, now):
        if self._left and now >= self._next_at:
            self._left -= 1
            self._pin(self._left % 2)
            self._next_at = now + BEEP_MS


def open_drain(number):
    pin = Pin(number, Pin.OPEN_DRAIN, pull=Pin.PULL_UP, value=1)
    return pin.value


def main():
    clock, line, unit, key, buzzer = Clock(), Line(), Unit(ADDRESS), Key(), Buzzer()
    button, lamp = Pin(KEY_PIN, Pin.IN, Pin.PULL_UP), Pin(LAMP_PIN, Pin.OUT, value=0)
    display = TM1637(open_drain(CLOCK_PIN), open_drain(DATA_PIN), lambda: time.sleep_us(5), CELLS)
    while True:
        now = clock()
        data = line.read()
        answer = unit.feed(data, now) if data else b""
        if answer:
            line.write(answer)
        gesture = key.turn(button.value() == 0, now)
        if gesture:
            unit.press(gesture, "NEXT", now)
        unit.tick(now)
        if unit.sounds:
            buzzer.beep(unit.sounds, now)
            unit.sounds = 0
        buzzer.turn(now)
        lamp(unit.lamp == 1 or (unit.lamp == 2 and now // 500 % 2 == 0))
        display.show("" if unit.blink and now // 250 % 2 else unit.text(now))
        time.sleep_ms(2)


if __name__ == "__main__":
    main()
