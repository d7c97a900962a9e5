"""Simulated call units on a serial line of their own: `python -m foleni.sim.unit --pty-link PATH --units 1,2`.

Written from the page on the units' line alone, so that the agent has somebody else to talk to.
"""

import argparse
import binascii
import contextlib
import json
import os
import re
import select
import signal
import sys
import threading
import time
import tty
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

_FRAME = re.compile(rb"\$((\d\d):(\d+):([PSR])((?::[^:*$]*)*))\*([0-9A-F]{4})\r?$")
_GESTURES = {"single": "K", "double": "D", "long": "L"}
_PATIENCE_S = 2.0
_TURN_S = 0.1


@dataclass(frozen=True, slots=True)
class Face:
    """What a unit shows: `text` is what its display says; `line` is False where the line is dead."""

    unit: int
    text: str = ""
    number: str = ""
    waiting: int = 0
    lamp: int = 0
    blink: bool = False
    sound: int = 0
    note: str = ""
    line: bool = False


Show = Callable[[Face], object]


class SimUnit:
    """One unit. Nothing in it waits: the line's thread turns it."""

    def __init__(self, address: int, show: Show) -> None:
        self.address = address
        self.face = Face(address)
        self.presses_void = 0
        self._show = show
        self._is_new = True
        self._revision = "0"
        self._count = 0
        self._waiting: tuple[str, float] | None = None
        self._heard_at = float("-inf")
        self._painted = Face(address)
        self._void_until = float("inf")

    @property
    def is_telling(self) -> bool:
        """Whether a press is on its way that nobody has taken yet."""
        return self._waiting is not None

    @property
    def is_painted(self) -> bool:
        """Whether what it shows is of the agent that reset it last."""
        return self._revision != "0"

    def press(self, gesture: str, key: str, now: float) -> None:
        """A person presses; void at once where the line is dead, nothing where the last press is still on its way."""
        if self._is_new or now - self._heard_at > _PATIENCE_S:
            self._void()
        elif self._waiting is None:
            self._count = self._count % 255 + 1
            self._waiting = (f"{_GESTURES[gesture]}:{key}:{self._revision}", now)

    def restart(self) -> None:
        """The power went off and on."""
        self._is_new, self._waiting, self._count, self._revision = True, None, 0, "0"

    def hear(self, kind: str, number: int, fields: Sequence[str], now: float) -> str:
        """The answer to a frame of the agent."""
        self._heard_at = now
        if kind == "R":
            self._is_new = False
            self._drop()
            self._count, self._revision = 0, "0"
        if kind == "R" or self._is_new:
            return "0:H:1:SIM"
        if self._waiting is not None and number == self._count:
            self._waiting = None
        if kind == "S" and len(fields) == 7:
            self._paint(fields)
        return f"{self._count}:{self._waiting[0] if self._waiting else f'I:{self._revision}'}"

    def turn(self, now: float) -> None:
        """Time goes by."""
        if self._waiting is not None and now - self._waiting[1] > _PATIENCE_S:
            self._drop()
        if self.face.line and now - self._heard_at > _PATIENCE_S:
            self._painted = Face(self.address, text="LINE")
            self._change(self._painted)
        if now > self._void_until:
            self._void_until = float("inf")
            self._change(self._painted)

    def _paint(self, fields: Sequence[str]) -> None:
        self._revision, number, waiting, lamp, blink, sound, note = fields
        text = note if note not in {"", "OK"} else number or "----"
        self._painted = Face(self.address, text, number, int(waiting), int(lamp), blink == "1", int(sound), note, line=True)
        self._change(self._painted)

    def _drop(self) -> None:
        if self._waiting is not None:
            self._waiting = None
            self._void()

    def _void(self) -> None:
        self.presses_void += 1
        self._void_until = time.monotonic() + _PATIENCE_S
        self._change(Face(self.address, "VOID", sound=2, note="VOID", line=self.face.line))

    def _change(self, face: Face) -> None:
        if face != self.face:
            self.face = face
            self._show(face)


class SimLine:
    """Units on a pty, whose path `link` leads to. Safe to use from any thread."""

    def __init__(self, link: Path, addresses: Iterable[int], show: Show = lambda _: None) -> None:
        self.link = link
        self.units = {address: SimUnit(address, show) for address in addresses}
        self._rest = b""
        self._master: int | None = None
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"sim line {link}", daemon=True)

    def start(self) -> "SimLine":
        self.plug()
        self._thread.start()
        return self

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(2.0)
        self.unplug()

    def plug(self) -> None:
        """Connect the line (again): a new pty under the same link."""
        with self._lock:
            if self._master is not None:
                return
            master, slave = os.openpty()
            tty.setraw(slave)
            fresh = self.link.with_name(f"{self.link.name}.new")
            fresh.unlink(missing_ok=True)
            fresh.symlink_to(os.ttyname(slave))
            fresh.replace(self.link)
            os.close(slave)
            os.set_blocking(master, False)
            self._master, self._rest = master, b""

    def unplug(self) -> None:
        """Pull the plug: whoever has the line open finds it dead, and the link is gone."""
        with self._lock:
            if self._master is not None:
                self.link.unlink(missing_ok=True)
                os.close(self._master)
                self._master = None

    def press(self, address: int, gesture: str = "single", key: str = "NEXT") -> None:
        with self._lock:
            self.units[address].press(gesture, key, time.monotonic())

    def restart(self, address: int) -> None:
        with self._lock:
            self.units[address].restart()

    def _run(self) -> None:
        while not self._stopping.is_set():
            master = self._master
            if master is None:
                self._stopping.wait(_TURN_S)
            else:
                self._wait(master)
            with self._lock:
                if self._master is not None:
                    self._exchange(self._master)
                for unit in self.units.values():
                    unit.turn(time.monotonic())

    def _wait(self, master: int) -> None:
        poll = select.poll()
        poll.register(master, select.POLLIN)
        for _, event in poll.poll(_TURN_S * 1000):
            if event & ~select.POLLIN:
                self._stopping.wait(_TURN_S / 10)  # nobody has the other end open

    def _exchange(self, master: int) -> None:
        try:
            *lines, self._rest = (self._rest + os.read(master, 4096)).split(b"\n")
        except OSError:
            return
        self._rest = self._rest[-200:]
        for line in lines:
            answer = self._answer(line)
            if answer:
                with contextlib.suppress(OSError):
                    os.write(master, answer)

    def _answer(self, line: bytes) -> bytes:
        found = _FRAME.search(line)
        if found is None or int(found[6], 16) != binascii.crc_hqx(found[1], 0xFFFF):
            return b""
        unit = self.units.get(int(found[2]))
        if unit is None:
            return b""
        fields = found[5].decode("ascii", "replace").split(":")[1:]
        body = f"{unit.address:02}:{unit.hear(found[4].decode(), int(found[3]), fields, time.monotonic())}".encode()
        return b"$%s*%04X\n" % (body, binascii.crc_hqx(body, 0xFFFF))


def main(argv: Sequence[str] | None = None) -> int:
    """Runs until its input ends, `quit`, SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m foleni.sim.unit", description=__doc__)
    parser.add_argument("--pty-link", type=Path, required=True, metavar="PATH", help="where the line is to be found")
    parser.add_argument("--units", default="1", help="addresses, such as 1,2")
    parser.add_argument("--json", action="store_true", help="a JSON object a line instead of words")
    given = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    line = SimLine(given.pty_link, [int(each) for each in given.units.split(",")], _as_json if given.json else _as_words)
    try:
        line.start()
        _say("ready: press UNIT [single|double|long] [KEY] | unplug | plug | restart UNIT | quit")
        for typed in sys.stdin:
            if not _obey(line, typed.split()):
                break
    except KeyboardInterrupt:
        pass
    finally:
        line.stop()
    return 0


def _obey(line: SimLine, words: Sequence[str]) -> bool:
    """Do what was typed; False to end."""
    try:
        match words:
            case ["quit"]:
                return False
            case ["press", unit, *rest]:
                line.press(int(unit), *rest[:2])
            case ["restart", unit]:
                line.restart(int(unit))
            case ["unplug"]:
                line.unplug()
            case ["plug"]:
                line.plug()
    except (KeyError, ValueError):
        _say(f"cannot: {' '.join(words)}")
    return True


def _as_json(face: Face) -> None:
    _put(json.dumps(asdict(face)))


def _as_words(face: Face) -> None:
    lamp = ("dark", "lit", "blinking")[face.lamp] if face.lamp in {0, 1, 2} else "?"
    beep = " " + "beep " * face.sound if face.sound else ""
    _put(f"unit {face.unit}: [{face.text:>6}] {face.waiting} waiting, lamp {lamp}{beep}".rstrip())


def _put(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _say(line: str) -> None:
    sys.stderr.write(f"foleni-sim-unit: {line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
