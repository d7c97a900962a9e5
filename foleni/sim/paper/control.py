"""Faults by word: what the machine is told while it runs, one line each."""

from collections.abc import Callable

from foleni.sim.paper.engine import DOTS_PER_MM
from foleni.sim.paper.machine import PaperPrinter

HELP = """\
paper out | paper low | paper new | paper MM     the roll ends now, soon, is new, or has so many millimetres left
cover open | cover closed | cutter stuck | cutter free
hang | mute | garbage | babble | close | unplug | plug
slow MM                                          print so many millimetres a second
well                                             all faults end
after BYTES WORDS                                when so many bytes more came in, one of the above"""


class ControlError(Exception):
    """A line that is no order; the text says why."""


def order(printer: PaperPrinter, line: str) -> Callable[[], object]:
    """What `line` asks for. Raises `ControlError`."""
    words = line.lower().split()
    if words[:1] == ["after"] and len(words) > 2:
        count, fault = _number(words[1]), order(printer, " ".join(words[2:]))
        return lambda: printer.after(count, fault)
    simple = _simple(printer).get(" ".join(words))
    if simple is not None:
        return simple
    match words:
        case ["paper", length]:
            dots = _number(length) * DOTS_PER_MM
            return lambda: printer.paper_out(dots)
        case ["slow", speed]:
            mm_per_s = _number(speed)
            return lambda: printer.slow(mm_per_s)
        case _:
            raise ControlError(f"not understood: {line.strip()!r}")


def _simple(printer: PaperPrinter) -> dict[str, Callable[[], object]]:
    return {
        "paper out": printer.paper_out,
        "paper low": printer.paper_low,
        "paper new": printer.new_roll,
        "cover open": lambda: printer.cover(is_open=True),
        "cover closed": lambda: printer.cover(is_open=False),
        "cutter stuck": lambda: printer.cutter(is_stuck=True),
        "cutter free": lambda: printer.cutter(is_stuck=False),
        "hang": printer.hang,
        "mute": printer.mute,
        "garbage": printer.garble,
        "babble": printer.babble,
        "close": printer.close,
        "unplug": printer.unplug,
        "plug": printer.plug,
        "well": printer.be_well,
    }


def _number(word: str) -> int:
    if not word.isdecimal() or not 0 < int(word) < 1_000_000_000:
        raise ControlError(f"a number is needed, not {word!r}")
    return int(word)
