"""`python -m benchmarks [names…] [--quick] [--json FILE] [--strict]`: measure, and print each figure with its floor."""

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import calls, day, floor, history, joins, reports, standby
from benchmarks.cloud import clouds, connected
from benchmarks.devices import idle, month, press, starts, tap
from benchmarks.report import Row, missed, table, write_json
from benchmarks.rig import RigError
from benchmarks.rigging import Rig, rig
from benchmarks.web import pages

BENCHMARKS: dict[str, Callable[[Rig], list[Row]]] = {
    "floor": floor.run,
    "joins": joins.run,
    "calls": calls.run,
    "day": day.run,
    "history": history.run,
    "tap": tap.run,
    "press": press.run,
    "starts": starts.run,
    "idle": idle.run,
    "web": pages.run,
    "reports": reports.run,
    "cloud": clouds.run,
    "connected": connected.run,
    "standby": standby.run,
    "month": month.run,
}
USUAL = [name for name in BENCHMARKS if name != "month"]
"""A month takes an hour by itself."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0, missed targets included; 1 for those with `--strict`, and where a benchmark could not run."""
    options = _options(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    rows: list[Row] = []
    failed = False
    with rig(options.folder, options.quick, options.server) as shared:
        for name in options.names or USUAL:
            print(f"{name} …", file=sys.stderr, flush=True)
            try:
                rows += BENCHMARKS[name](shared)
            except (RigError, ModuleNotFoundError, OSError) as error:
                failed = True
                print(f"{name} could not run: {error}", file=sys.stderr)
    print(table(rows), end="")
    if options.json:
        write_json(rows, options.json)
    return 1 if failed or (options.strict and missed(rows)) else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description="Measure a branch and its devices against floors.")
    parser.add_argument("names", nargs="*", choices=[*BENCHMARKS, []], help="which ones (default all but month)")
    parser.add_argument("--quick", action="store_true", help="shorter, for a look")
    parser.add_argument("--json", type=Path, help="write the rows to this file too")
    parser.add_argument("--strict", action="store_true", help="exit status 1 if a target is missed")
    parser.add_argument("--folder", type=Path, help="a folder on the disk to measure (default the temporary one)")
    parser.add_argument("--server", default="", help="the branch server's command (default python -m branch_server)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
