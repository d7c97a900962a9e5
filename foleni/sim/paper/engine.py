"""The slow half of the machine: works off what was received, in order, for as long as there is paper."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from foleni.sim.paper.archive import Archive
from foleni.sim.paper.commands import AskOther, AskPaper, Command, Cut, Ignored, Unknown
from foleni.sim.paper.parsing import parse
from foleni.sim.paper.roll import Inside
from foleni.sim.paper.sheet import Sheet

BUFFER_BYTES = 65_536
HEAD_TO_CUTTER = 88
"""Dots: 11 mm, which every piece of paper has blank at its top."""
DOTS_PER_MM = 8
_STOP_S = 1.0


class Engine:
    """One thread. `answer` is called, on it, with what the printer says in turn. Safe to use from any thread."""

    def __init__(self, width: int, archive: Archive, answer: Callable[[bytes], object]) -> None:
        self.inside = Inside()
        self.unknown = 0
        self.pieces = 0
        self._width = width
        self._archive = archive
        self._answer = answer
        self._sheet = self._new_sheet()
        self._data = b""
        self._at = 0
        self._taken = b""
        self._speed: float | None = None
        self._lag_s = 0.0
        self._stands = False
        self._stopping = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="paper engine", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join(_STOP_S)

    @property
    def room(self) -> int:
        """How many bytes the buffer still takes."""
        with self._changed:
            return BUFFER_BYTES - (len(self._data) - self._at)

    def feed(self, data: bytes) -> None:
        """Bytes were received."""
        with self._changed:
            self._data = self._data[self._at :] + data
            self._at = 0
            self._changed.notify_all()

    def change(self, **what: Any) -> None:
        """The inside is another now: fields of `Inside`."""
        with self._changed:
            self.inside = replace(self.inside, **what)
            self._changed.notify_all()

    def stand_still(self, still: bool) -> None:
        """Work nothing off, or go on."""
        with self._changed:
            self._stands = still
            self._changed.notify_all()

    def go_slowly(self, mm_per_s: float | None) -> None:
        with self._changed:
            self._speed = mm_per_s

    def answer_late(self, lag_s: float) -> None:
        """Take so long over each question in turn."""
        with self._changed:
            self._lag_s = lag_s

    def forget(self, *, all_of_it: bool = False) -> None:
        """A command that never became whole is gone; with `all_of_it` (power off) so is all that waits and is set."""
        with self._changed:
            if all_of_it:
                self._data, self._at = b"", 0
                self._tear(self._sheet.y)
            elif parse(self._data, self._at) is None:
                self._data, self._at = b"", 0

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._stopping and not self._can_work():
                    self._changed.wait()
                if self._stopping:
                    return
                answer, fed = self._work()
                if self._speed and fed:
                    self._pause(fed / DOTS_PER_MM / self._speed)
                if self._lag_s and answer is not None:
                    self._pause(self._lag_s)
            if answer is not None:
                self._answer(bytes((answer,)))

    def _pause(self, pause_s: float) -> None:
        deadline = time.monotonic() + pause_s
        while not self._stopping and (left_s := deadline - time.monotonic()) > 0:
            self._changed.wait(left_s)

    def _can_work(self) -> bool:
        return not self._stands and not self.inside.is_offline and parse(self._data, self._at) is not None

    def _work(self) -> tuple[int | None, int]:
        """Carry out one command; the answer it asks for, and the dots that the paper moved."""
        parsed = parse(self._data, self._at)
        if parsed is None:
            return None, 0
        command, after = parsed
        raw, self._at = self._data[self._at : after], after
        match command:
            case AskPaper():
                return self.inside.paper(), 0
            case AskOther():
                return 0, 0
            case _:
                self._taken += b"" if isinstance(command, Ignored) and raw.startswith(b"\x10") else raw
                return None, self._carry_out(command)

    def _carry_out(self, command: Command) -> int:
        before = self._sheet.y
        if isinstance(command, Cut):
            self._sheet.y += 0 if command.feed_dots is None else HEAD_TO_CUTTER + command.feed_dots
        else:
            self.unknown += isinstance(command, Unknown)
            self._sheet.take(command)
        fed = self._sheet.y - before
        if self._ends_within(fed, before):
            return fed
        if isinstance(command, Cut):
            self._finish(max(0, self._sheet.y - HEAD_TO_CUTTER), cut=True, partial=command.partial)
        return fed

    def _ends_within(self, fed: int, before: int) -> bool:
        """Use up paper; whether the roll ended over it. What was meant for below the end comes out on the next roll."""
        left = self.inside.paper_dots
        if left is None or fed <= 0:
            return False
        self.inside = replace(self.inside, paper_dots=max(0, left - fed))
        if fed <= left:
            return False
        self._finish(before + left, cut=False)
        return True

    def _finish(self, height: int, **facts: object) -> None:
        """A piece of paper leaves the machine."""
        piece, self._sheet = self._sheet, self._sheet.torn_at(height)
        if piece.is_blank:
            self._archive.note(blank=True, height=height, **facts)
        else:
            self._archive.keep(self._taken, piece.picture(height), piece.lines, unknown=self.unknown, **facts)
            self.pieces += 1
        self._taken = b""
        self.unknown = 0

    def _tear(self, height: int) -> None:
        if not self._sheet.is_blank:
            self._finish(height, cut=False)
        self._sheet = self._new_sheet()

    def _new_sheet(self) -> Sheet:
        return Sheet(self._width, y=HEAD_TO_CUTTER)
