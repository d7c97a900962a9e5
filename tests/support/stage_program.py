"""A small program with a screen, told on its standard input what to do, telling on its standard output what happened."""

import itertools
import os
import sys
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

from foleni.life import Life, Watch
from foleni.screens import ScreenError, Stage, prepare

SIZE = (540, 960)
THREADS, EACH = 8, 500


class Program:
    """Its commands are the names of its methods."""

    def __init__(self, watch: Watch) -> None:
        self.stage = Stage(self._build, self._first, beat=watch.beat("screen", 5).tick)
        self._view: Any = None
        self._handed: list[tuple[int, int]] = []

    def hand_in_early(self) -> None:
        """Many threads hand work over before there is a loop."""
        threads = [threading.Thread(target=self._hand_in, args=(number,)) for number in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.stage.hand_over(lambda: tell(f"in order {self._is_in_order()}"))

    def obey(self) -> None:
        """Do what is told until the input ends."""
        for line in sys.stdin:
            command, _, value = line.strip().partition(" ")
            if command == "quit":
                self.stage.quit()
            else:
                self.stage.hand_over(partial(getattr(self, f"do_{command}"), value))

    def do_text(self, value: str) -> None:
        self._view.text.text = value
        tell("text is set")

    def do_mirror(self, _: str) -> None:
        self._view.text.right_to_left = True

    def do_raise(self, value: str) -> None:
        raise ValueError(value)

    def do_break(self, _: str) -> None:
        self._view.break_down()

    def do_rest(self, value: str) -> None:
        """Tell how many pictures were drawn, and what share of a core was used, in so many seconds."""
        flips, cpu_s, seconds = self._view.flips, time.process_time(), float(value)
        self.stage.after(
            seconds, lambda: tell(f"rested {self._view.flips - flips} {(time.process_time() - cpu_s) / seconds:.4f}")
        )

    def do_churn(self, value: str) -> None:
        """Change the words again and again, each time with a picture; tell by how many KiB the process grew meanwhile."""
        counter, times, before = itertools.count(), int(value), list[int]()

        def change() -> None:
            number = next(counter)
            self._view.text.text = f"Number {number}"
            if number == times // 3:
                before.append(memory_kib())
            if number == times:
                stop()
                tell(f"grew {memory_kib() - before[0]}")

        stop = self.stage.every(0.001, change)

    def _build(self) -> Any:
        from tests.support.stage_view import View  # noqa: PLC0415 - Kivy may be imported from now on

        self._view = View(tell)
        return self._view.root

    def _first(self) -> None:
        tell(f"first picture {age_s():.3f}")

    def _hand_in(self, number: int) -> None:
        for count in range(EACH):
            self.stage.hand_over(partial(self._handed.append, (number, count)))

    def _is_in_order(self) -> bool:
        by_thread = [[count for number, count in self._handed if number == wanted] for wanted in range(THREADS)]
        return all(counts == list(range(EACH)) for counts in by_thread)


def main() -> int:
    """Run until told to end; the exit status."""
    prepare("A stage", SIZE, fullscreen=False)
    watch = Watch()
    program = Program(watch)
    try:
        program.stage.open()
    except ScreenError as error:
        sys.stderr.write(f"a-stage: {error}\n")
        return 1
    program.hand_in_early()
    threading.Thread(target=program.obey, daemon=True).start()
    status = Life("a-stage", watch).run([], lambda: "on the screen", program.stage)
    program.stage.hand_over(lambda: tell("done after the end"))
    program.stage.quit()
    tell("over")
    return status


def memory_kib() -> int:
    """What the process holds in memory."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


def age_s() -> float:
    """Seconds since the process was started."""
    started = int(Path("/proc/self/stat").read_text("ascii").rpartition(")")[2].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started / os.sysconf("SC_CLK_TCK")


def tell(line: str) -> None:
    """Say a line to whoever started the program."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
