"""A call unit's side of the line (docs/counter-units.md): frames, presses and what to show.

Plain MicroPython without a board: bytes and milliseconds go in, bytes and words come out. Milliseconds must not wrap.
"""

LOST_MS = 2000
"""Without a frame for so long the line is dead; a press that was not taken in so long is void."""
NOTE_MS = 2000
_LONGEST = 80


def crc16(data: bytes) -> int:
    """CRC-16/CCITT-FALSE."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = ((crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def encode(address: int, number: int, kind: str, *fields: str) -> bytes:
    """A frame with its line end."""
    body = ":".join([f"{address:02d}", str(number), kind] + list(fields))  # noqa: RUF005 - MicroPython unpacks only in calls
    return f"${body}*{crc16(body.encode()):04X}\n".encode()


def decode(line: bytes) -> "list[str] | None":
    """The fields of the frame at the end of a line: address, number, kind and the rest; None where there is none."""
    start = line.rfind(b"$")
    end = line.rfind(b"*")
    if start < 0 or end < start or len(line) - start >= _LONGEST:
        return None
    body = line[start + 1 : end]
    if line[end + 1 :].strip() != f"{crc16(body):04X}".encode():
        return None
    fields = str(body, "ascii").split(":")
    if len(fields) < 3 or not fields[0].isdigit() or not fields[1].isdigit():
        return None
    return fields


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0


class Unit:
    """One unit. Feed it what the line brings and send what it answers; tell it presses; ask it what to show."""

    def __init__(self, address: int, name: str = "REFERENCE") -> None:
        self.address = address
        self.number = ""
        self.waiting = 0
        self.lamp = 0
        self.blink = False
        self.sounds = 0
        """The sound to make; whoever makes it sets it to 0."""
        self._name = name
        self._note = ""
        self._own_note = ""
        self._own_until = 0
        self._rest = b""
        self._ready = False
        self._revision = 0
        self._pressed = 0
        self._pending: tuple[str, str, int, int] | None = None
        self._heard_at = -LOST_MS

    def feed(self, data: bytes, now: int) -> bytes:
        """The answer to send for what the line brought; empty where there is nothing to say."""
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()[-_LONGEST:]
        answer = b""
        for line in lines:
            fields = decode(line)
            if fields is not None and int(fields[0]) == self.address and fields[2] in ("P", "S", "R"):
                self._heard_at = now
                answer = self._reply(fields, now)
        return answer

    def press(self, kind: str, key: str, now: int) -> bool:
        """A key was pressed: kind K once, D twice, L long. False where the press is void at once."""
        self.tick(now)
        if not self._ready or self._is_lost(now):
            self._void(now)
            return False
        if self._pending is not None:
            return False
        self._pressed = self._pressed % 255 + 1
        self._pending = (kind, key, self._revision, now)
        return True

    def tick(self, now: int) -> None:
        """Time goes by: a press that nobody took is void."""
        if self._pending is not None and now - self._pending[3] > LOST_MS:
            self._pending = None
            self._void(now)

    def text(self, now: int) -> str:
        """What the display says."""
        if now < self._own_until:
            return self._own_note
        if self._is_lost(now):
            return "LINE"
        if self._note and self._note != "OK":
            return self._note
        return self.number or "----"

    def _reply(self, fields: "list[str]", now: int) -> bytes:
        if fields[2] == "R":
            self._reset(now)
        elif self._ready:
            self._take(int(fields[1]), fields)
            return self._answer()
        return encode(self.address, 0, "H", "1", self._name)

    def _reset(self, now: int) -> None:
        if self._pending is not None:
            self._pending = None
            self._void(now)
        self._ready = True
        self._pressed = self._revision = 0

    def _take(self, taken: int, fields: "list[str]") -> None:
        if self._pending is not None and taken == self._pressed:
            self._pending = None
        if fields[2] == "S" and len(fields) >= 10:
            self._revision = _number(fields[3])
            self.number, self.waiting, self.lamp = fields[4], _number(fields[5]), _number(fields[6])
            self.blink, self.sounds, self._note = fields[7] == "1", _number(fields[8]), fields[9]

    def _answer(self) -> bytes:
        if self._pending is None:
            return encode(self.address, self._pressed, "I", str(self._revision))
        kind, key, revision, _ = self._pending
        return encode(self.address, self._pressed, kind, key, str(revision))

    def _is_lost(self, now: int) -> bool:
        return now - self._heard_at > LOST_MS

    def _void(self, now: int) -> None:
        self._own_note = "VOID"
        self._own_until = now + NOTE_MS
        self.sounds = 2


class Key:
    """One push button: down and up become K (once), D (twice) and L (long), without bouncing."""

    BOUNCE_MS = 20
    DOUBLE_MS = 350
    LONG_MS = 800

    def __init__(self) -> None:
        self._down = False
        self._changed_at = -self.BOUNCE_MS
        self._clicks = 0
        self._told_long = False

    def turn(self, down: bool, now: int) -> "str | None":
        """How the button is now; call it at least every 10 ms. What a person did, once it is sure."""
        if down != self._down and now - self._changed_at >= self.BOUNCE_MS:
            self._down = down
            self._changed_at = now
            if not down:
                self._clicks = 0 if self._told_long else self._clicks + 1
            self._told_long = False
        return self._settle(now - self._changed_at)

    def _settle(self, since_ms: int) -> "str | None":
        if self._down:
            if since_ms >= self.LONG_MS and not self._told_long and not self._clicks:
                self._told_long = True
                return "L"
            return None
        if self._clicks >= 2:
            self._clicks = 0
            return "D"
        if self._clicks == 1 and since_ms >= self.DOUBLE_MS:
            self._clicks = 0
            return "K"
        return None
