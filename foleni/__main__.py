"""`foleni`: the commands for people. `foleni demo` shows a whole branch on this machine."""

import argparse
import sys
from pathlib import Path

from foleni import __version__

_DATA = Path(".run")


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="foleni", description=__doc__)
    parser.add_argument("--version", action="version", version=f"foleni {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    show = commands.add_parser("demo", help="start a branch on this machine and say how to try it")
    show.add_argument("--data", type=Path, help=f"folder of the branch's data (default: {_DATA}; for a script a new one)")
    show.add_argument("--setup", type=Path, default=Path("example-branch.toml"), help="the branch, where the folder is empty")
    show.add_argument("--mqtt-listen", metavar="HOST:PORT", help="where the broker listens (default: a free loopback port)")
    show.add_argument(
        "--http", metavar="HOST:PORT|none", help="where the consoles are (default: 127.0.0.1:8080, or a free port)"
    )
    show.add_argument("--cloud", metavar="HOST:PORT|none", help="where the cloud is (default: 127.0.0.1:8090, or a free port)")
    show.add_argument(
        "--past", metavar="DAYS", type=int, help="days that lie behind a new branch, as made-up data (default: 14)"
    )
    show.add_argument("--headless", action="store_true", help="no windows on this screen: kiosk and TV run unseen, and silent")
    show.add_argument("--script", metavar="FILE|builtin", help="play a script, then end; the exit status tells how it went")
    show.add_argument("--shots", type=Path, metavar="DIR", help="folder for pictures (default: shots below the data)")
    commands.add_parser("doctor", help="look at this box and say what is wrong and what to do", add_help=False)
    watch = commands.add_parser("watch-broker", help="tell systemd that the broker lives, for as long as it answers")
    watch.add_argument("--folder", type=Path, required=True, help="folder of the broker's files")
    update = commands.add_parser(
        "update", help="look whether the branch server offers this box an update, and do the next step"
    )
    update.add_argument("--state", type=Path, default=Path("/var/lib/foleni"), help="where the box's programs keep their data")
    update.add_argument("--folder", type=Path, default=Path("/data/updates"), help="where bundles are fetched to")
    given, rest = parser.parse_known_args(argv)
    if given.command == "doctor":
        from foleni.doctor import command  # noqa: PLC0415 - other commands need none of it

        return command.main(rest)
    if rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    if given.command == "update":
        from foleni.updating import program  # noqa: PLC0415 - other commands need none of it

        return program.run(given.state, given.folder)
    if given.command == "watch-broker":
        from foleni.doctor import watching  # noqa: PLC0415 - other commands need none of it

        return watching.main(given.folder)
    return _demo(given)


def _demo(given: argparse.Namespace) -> int:
    from foleni.demo.run import Options, run  # noqa: PLC0415 - other commands need none of it

    data = given.data if given.data is not None or given.script else _DATA
    http = "" if given.http == "none" else given.http
    cloud = "" if given.cloud == "none" else given.cloud
    return run(
        Options(data, given.setup, given.mqtt_listen, given.headless, given.script, given.shots, given.past, http, cloud)
    )


if __name__ == "__main__":
    sys.exit(main())
