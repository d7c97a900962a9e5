"""`foleni-branch hand-over|take-over|pair-status|standby-papers`: a pair at the command line of one of its servers."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from branch_server.engine.journal import EngineError
from branch_server.standby.asked import Press, press
from branch_server.standby.record import now_of
from foleni.ids import is_slug


def hand_over(arguments: Sequence[str]) -> int:
    """At the server that serves: the standby is to serve from now on."""
    given = _parser("hand-over", "Let the standby serve, in good order.").parse_args(arguments)
    return _press(given.data, Press(what="hand_over", by=given.by))


def take_over(arguments: Sequence[str]) -> int:
    """At the standby: it is to serve from now on."""
    parser = _parser("take-over", "Let this standby serve. The other server is asked to step down, if it can be asked.")
    parser.add_argument("--first-is-off", action="store_true", help="the other server is off: somebody has looked")
    given = parser.parse_args(arguments)
    return _press(given.data, Press(what="take_over", by=given.by, first_is_off=given.first_is_off))


def status(arguments: Sequence[str]) -> int:
    """How the pair stands, as JSON; exit status 1 where the standby does not have everything."""
    parser = argparse.ArgumentParser(prog="foleni-branch pair-status", description="How the two servers of a branch stand.")
    parser.add_argument("--data", type=Path, required=True, help="folder of the branch's data")
    now = now_of(parser.parse_args(arguments).data)
    print(json.dumps(now))  # noqa: T201 - the answer that was asked for
    return 0 if now.get("attached") else 1


def make_papers(arguments: Sequence[str]) -> int:
    """At the first server: what a standby needs that does not join by itself, to be carried to its data folder."""
    from branch_server.adapters.tls.authority import Authority, TlsError  # noqa: PLC0415 - the other commands need no cryptography
    from branch_server.standby.papers import carried  # noqa: PLC0415 - as above

    parser = argparse.ArgumentParser(prog="foleni-branch standby-papers", description="Key and certificate of a standby.")
    parser.add_argument("--data", type=Path, required=True, help="folder of the branch's data")
    parser.add_argument("--branch", required=True, help="id of the branch")
    parser.add_argument("--device", default="standby-1", help="id of the standby, a device of this branch")
    parser.add_argument("--into", type=Path, required=True, help="the folder that is carried")
    given = parser.parse_args(arguments)
    if not (is_slug(given.branch) and is_slug(given.device)):
        parser.error("an id has small letters, digits and hyphens")
    try:
        carried(Authority.opened(given.data / "tls", given.branch), given.device, given.into)
    except (TlsError, EngineError, OSError) as error:
        return _fail(str(error))
    return 0


def _parser(name: str, description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"foleni-branch {name}", description=description)
    parser.add_argument("--data", type=Path, required=True, help="folder of the branch's data")
    parser.add_argument("--by", default="a person at the command line", help="who wants it, for the log")
    return parser


def _press(data: Path, asked: Press) -> int:
    if not data.is_dir():
        return _fail(f"there is no folder {data}")
    try:
        press(data, asked)
    except OSError as error:
        return _fail(f"{data} cannot be written: {error.strerror}")
    return 0


def _fail(why: str) -> int:
    print(f"foleni-branch: {why}", file=sys.stderr)  # noqa: T201 - for whoever asked
    return 1
