"""`foleni`: the commands for people. `foleni demo` shows a whole branch on this machine."""

import argparse
import sys
from pathlib import Path

from foleni import __version__, demo


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="foleni", description=__doc__)
    parser.add_argument("--version", action="version", version=f"foleni {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    show = commands.add_parser("demo", help="start a branch on this machine and say how to try it")
    show.add_argument("--data", type=Path, default=Path(".run"), help="folder of the branch's data (default: .run)")
    show.add_argument("--setup", type=Path, default=Path("example-branch.toml"), help="the branch, where the folder is empty")
    show.add_argument("--mqtt-listen", metavar="HOST:PORT", help="where the broker listens (default: a free loopback port)")
    given = parser.parse_args(argv)
    return demo.run(given.data, given.setup, given.mqtt_listen)


if __name__ == "__main__":
    sys.exit(main())
