"""`python -m foleni.sim.paper`: a receipt printer for those who have none. It takes orders, one a line, on stdin."""

import argparse
import sys
import threading
from contextlib import suppress
from io import FileIO
from pathlib import Path

from foleni import logs
from foleni.life import Life
from foleni.settings import HostPort
from foleni.sim.paper.control import HELP, ControlError, order
from foleni.sim.paper.machine import PaperPrinter

PROGRAM = "foleni-paper"


def main(arguments: list[str] | None = None) -> int:
    """Print until SIGTERM; exit status 0, or 1 where the port cannot be had."""
    options = _parser().parse_args(arguments)
    logs.set_up("info")
    try:
        printer = PaperPrinter(options.out, (options.listen.host, options.listen.port), options.width)
    except OSError as error:
        sys.stderr.write(f"{PROGRAM}: {options.listen}: {error}\n")
        return 1
    threading.Thread(target=_obey, args=(printer,), name="orders", daemon=True).start()
    return Life(PROGRAM).run([("printer", printer)], lambda: f"{printer.url} prints into {options.out}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM, description=__doc__, epilog=f"orders:\n{HELP}", formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--listen", type=HostPort.parse, default=HostPort("127.0.0.1", 0), metavar="HOST:PORT")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="tickets as .bin, .png and .txt, and record.jsonl"
    )
    parser.add_argument("--width", type=int, choices=(384, 576), default=576, help="of the paper, in dots")
    return parser


def _obey(printer: PaperPrinter) -> None:
    """Carry out the orders on stdin; each is answered with `ok` or with why not."""
    with suppress(OSError), FileIO(0, closefd=False) as orders:  # unbuffered: a buffer's lock would outlive the program
        for line in orders:
            if line.strip():
                sys.stdout.write(f"{_carried_out(printer, line.decode(errors='replace'))}\n")
                sys.stdout.flush()


def _carried_out(printer: PaperPrinter, words: str) -> str:
    try:
        order(printer, words)()
    except (ControlError, OSError) as error:
        return str(error)
    return "ok"


if __name__ == "__main__":
    sys.exit(main())
